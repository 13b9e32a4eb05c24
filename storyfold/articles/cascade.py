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
from importlib import import_module
from typing import TYPE_CHECKING, Any

from storyfold.articles.paths import Path, any_of, quicken, quickened

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
    pruned = _pruned()
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
    from trafilatura.external import SANITIZED_XPATH

    if len(text) < options.min_extracted_size or not body.xpath(".//p//text()"):
        return False
    return len(body.findall(".//table")) <= len(body.findall(".//p")) and not body.xpath(SANITIZED_XPATH)


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
        length = len(" ".join("".join(_texts()(tree)).split())) + films
    if length > most:
        return False
    return len(text) >= core.ESCALATION_MAX_LENGTH or length + _SPACES * int(tree.xpath("count(//*)")) < 5 * len(text)


def _rough_length(tree: HtmlElement) -> int:
    """The characters of the page's text with all its spaces."""
    return len(tree.text_content()) - sum(len(script.text or "") for script in tree.iter("script", "style"))


def _compared(tree: HtmlElement, body: Any, text: str, options: Any) -> tuple[Any, str]:
    """The text or one that is taken instead: another extractor's, that of a page without structure, or, where a short
    one is little of its page, what is found by laxer rules."""
    core = _core()
    cleaned = core.tree_cleaning(copy(tree), options)
    body, text = core.compare_extraction(cleaned, copy(tree), body, text, options)
    if len(text) < options.min_extracted_size:
        rough_body, rough_text, length = core.baseline(tree)
        if length > len(text):
            body, text = rough_body, rough_text
    is_short = 0 < len(text) < core.ESCALATION_MAX_LENGTH
    if is_short and len(text) < core.ESCALATION_PAGE_SHARE * len(core.html2txt(tree)):
        return _by_laxer_rules(tree, body, text, options)
    return body, text


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
def _pruned() -> Path | None:
    """What finds something where `_prune` does, once trafilatura's paths are quick ones."""
    from trafilatura import xpaths

    for paths in (xpaths.RAW_TREE_PRUNE_XPATH, xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH, xpaths.BODY_XPATH):
        quicken(paths)
    for paths in (xpaths.OVERALL_DISCARD_XPATH, xpaths.TEASER_DISCARD_XPATH, xpaths.DISCARD_IMAGE_ELEMENTS):
        quicken(paths)
    baseline: Any = import_module("trafilatura.baseline")  # by its name the package has the function in it
    baseline.BASIC_CLEAN_XPATH = quickened(baseline.BASIC_CLEAN_XPATH)
    return any_of([*xpaths.RAW_TREE_PRUNE_XPATH, *xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH])


@cache
def _texts() -> Any:
    from lxml.etree import XPath

    return XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
