"""trafilatura's way to a page's main text, gone no further than it can lead.

`trafilatura.bare_extraction` finds a text by its own rules, then has readability and justext find theirs, and takes one
of those where it is more than twice as long, or where its own is short or unclean. On four news pages of five the whole
page holds less than that: there the others are not asked. What comes out is the same, whatever the page
(`tests/unit/articles/test_cascade.py` holds the two side by side); trees are copied only where they are used again.

The stages are those of `trafilatura.core.trafilatura_sequence` (2.3), as far as what is asked of it here leads through
them: balanced, without comments, links, images and formatting, with tables.
"""

from __future__ import annotations

import logging
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from storyfold.articles import libraries

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LOGGER = logging.getLogger(__name__)

_READ_OTHERWISE = ("xmp", "noembed", "noframes", "plaintext")
"""Elements whose text grows where a page is written and parsed again, as readability does; and `title`, where empty."""
_FILM = len(" VIDEO ")
"""What readability writes in the place of a frame, at the most."""
_SPACES = 2
"""Spaces that `html2txt` puts around an element, at the most."""


def spend(tree: HtmlElement, url: str | None) -> str:
    """The main text of a page, empty where none is found. The tree is of no use afterwards.

    The same as ``bare_extraction(tree, url=url, include_comments=False, with_metadata=False).text``, and it raises as
    that does where it does not expect what it finds.
    """
    from trafilatura.settings import Extractor
    from trafilatura.xml import xmltotxt

    options = Extractor(output_format="python", comments=False, url=url)
    _prune(tree)
    body, text = _by_own_rules(tree, options)
    if not (_can_stand(body, text, options) and _outweighs(text, tree)):
        body, text = _compared(tree, body, text, options)
    return str(xmltotxt(body, options.formatting)) if len(text) >= options.min_output_size else ""


def _prune(tree: HtmlElement) -> None:
    """Takes out whole further articles and comments, unless those are what a forum's page is about."""
    core = _core()
    pruned = libraries.prepared()
    if pruned is not None and not pruned(tree):
        return
    is_forum = core._forum_thread_page(tree)
    core.prune_unwanted_nodes(tree, core.RAW_TREE_PRUNE_XPATH)
    if not is_forum:
        core.prune_unwanted_nodes(tree, core.REMOVE_COMMENTS_AND_LISTS_XPATH)


def _by_own_rules(tree: HtmlElement, options: Any) -> tuple[Any, str]:
    """As `trafilatura.main_extractor.extract_content`: the body that is found, and its text."""
    from lxml.etree import strip_elements, strip_tags

    extractor = _extractor()
    cleaned = _cleaned(tree, options)
    order = list(cleaned.iter())
    body, text, tags = extractor._extract(cleaned, options)
    if len(body) == 0 or len(text) < options.min_extracted_size:
        again = _cleaned(tree, options)
        consumed = {twin for element, twin in zip(order, again.iter(), strict=True) if element.tag == "done"}
        body = extractor.recover_wild_text(again, body, options, tags, consumed)
        text = " ".join(body.itertext()).strip()
    _drop_repeated(body)
    strip_elements(body, "done")
    strip_tags(body, "div")
    for line_break in body.iter("lb"):
        if line_break.tail and line_break.tail.isspace() and not _keeps_spaces(line_break):
            line_break.tail = None
    return body, text


def _cleaned(tree: HtmlElement, options: Any) -> Any:
    core = _core()
    return core.convert_tags(core.tree_cleaning(copy(tree), options), options, options.url)


def _drop_repeated(body: Any) -> None:
    """Long elements that say what the one before them says."""
    extractor = _extractor()
    previous = None
    for element in list(body):
        current = extractor._elem_text(element)
        if current and current == previous and len(current) > extractor.MIN_DUPLICATE_LENGTH:
            extractor.delete_element(element, keep_tail=False)
        else:
            previous = current


def _keeps_spaces(element: Any) -> bool:
    from trafilatura.utils import SPACING_PROTECTED

    return any(parent.tag in SPACING_PROTECTED for parent in element.iterancestors())


def _can_stand(body: Any, text: str, options: Any) -> bool:
    """Whether only a text of twice the length could be taken instead."""
    if len(text) < options.min_extracted_size or not _has_paragraph_text()(body):
        return False
    counted = [sum(1 for _ in body.iterdescendants(tag)) for tag in ("table", "p")]
    return counted[0] <= counted[1] and next(body.iterdescendants(*_unclean()), None) is None


def _outweighs(text: str, tree: HtmlElement) -> bool:
    """Whether nothing on the page can be taken instead of a text that can stand, whatever the other extractors find.

    They find no more than the page has. A text that is short for an article goes on only where it is a fifth of the
    page, as `html2txt` counts it.
    """
    core = _core()
    if next(tree.iter(*_READ_OTHERWISE), None) is not None or any(not title.text for title in tree.iter("title")):
        return False
    films = _FILM * sum(1 for _ in tree.iter("iframe"))
    length, most = _rough_length(tree) + films, 2 * len(text)
    if length > most:
        length = _length(tree) + films
    if length > most:
        return False
    return len(text) >= core.ESCALATION_MAX_LENGTH or length + _SPACES * int(tree.xpath("count(//*)")) < 5 * len(text)


def _rough_length(tree: HtmlElement) -> int:
    """The characters of the page's text with all its spaces."""
    return len(tree.text_content()) - sum(len(script.text or "") for script in tree.iter("script", "style"))


def _length(tree: HtmlElement) -> int:
    """Those of its text as it is read."""
    return len(" ".join("".join(_texts()(tree)).split()))


def _compared(tree: HtmlElement, body: Any, text: str, options: Any) -> tuple[Any, str]:
    """The text or one that is taken instead: another extractor's, that of a page without structure, or, where a short
    one is little of its page, what is found by laxer rules."""
    core = _core()
    body, text = _against_others(tree, body, text, options)
    if len(text) < options.min_extracted_size:
        rough_body, rough_text, length = core.baseline(tree)
        if length > len(text):
            body, text = rough_body, rough_text
    is_short = 0 < len(text) < core.ESCALATION_MAX_LENGTH
    if is_short and _is_little_of(tree, text):
        return _by_laxer_rules(tree, body, text, options)
    return body, text


def _against_others(tree: HtmlElement, body: Any, text: str, options: Any) -> tuple[Any, str]:
    """As `trafilatura.external.compare_extraction`, but that the page is cleaned only where justext is asked."""
    from lxml.etree import tostring
    from trafilatura import external
    from trafilatura.utils import trim

    found = external.try_readability(copy(tree))
    found_text = trim(tostring(found, method="text", encoding="utf-8").decode("utf-8"))
    is_found = external._prefer_readability(body, found, found_text, len(text), len(found_text), options)
    if is_found:
        body, text = found, found_text
    unclean = next(body.iterdescendants(*_unclean()), None) is not None
    if unclean or len(text) < options.min_extracted_size:
        by_words, words_text = external.justext_rescue(_core().tree_cleaning(copy(tree), options), options)
        most = external.JUSTEXT_OVERRIDE_RATIO * len(words_text) if unclean else len(words_text) - 1
        if words_text and len(text) <= most:
            return by_words, words_text
    return external.sanitize_tree(body, options) if is_found else (body, text)


def _is_little_of(tree: HtmlElement, text: str) -> bool:
    """Whether a text is less than a fifth of its page, as `html2txt` counts it."""
    core = _core()
    enough = len(text) / core.ESCALATION_PAGE_SHARE - _SPACES * int(tree.xpath("count(//*)"))
    if _rough_length(tree) < enough or _length(tree) < enough:
        return False
    return bool(len(text) < core.ESCALATION_PAGE_SHARE * len(core.html2txt(tree)))


def _by_laxer_rules(tree: HtmlElement, body: Any, text: str, options: Any) -> tuple[Any, str]:
    core = _core()
    lax = copy(options)
    lax.focus = "recall"
    lax_text = by_words_text = ""
    try:
        lax_body, lax_text = core._recall_retry(tree, lax, options.url)
    except MemoryError:
        raise
    except Exception:  # as there; what was found stands
        LOGGER.warning("recall retry failed", exc_info=True)
    try:
        by_words_body, by_words_text = core.justext_rescue(copy(tree), options)
    except MemoryError:
        raise
    except Exception:
        LOGGER.warning("justext candidate failed", exc_info=True)
    if len(by_words_text) > max(len(lax_text), core.ESCALATION_JUSTEXT_RATIO * len(text)):
        return by_words_body, by_words_text
    if len(lax_text) >= options.min_extracted_size and len(lax_text) > core.ESCALATION_ACCEPT_RATIO * len(text):
        return lax_body, lax_text
    return body, text


@cache
def _core() -> Any:
    from trafilatura import core

    return core


@cache
def _extractor() -> Any:
    from trafilatura import main_extractor

    return main_extractor


@cache
def _unclean() -> tuple[str, ...]:
    """Elements that no clean text has in it."""
    from trafilatura.external import SANITIZED_XPATH

    return tuple(path.removeprefix(".//") for path in SANITIZED_XPATH.split("|"))


@cache
def _has_paragraph_text() -> Any:
    from lxml.etree import XPath

    return XPath("boolean(.//p//text())")


@cache
def _texts() -> Any:
    from lxml.etree import XPath

    return XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
