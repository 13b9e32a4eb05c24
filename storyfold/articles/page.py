"""A page's markup as a tree, and its main text by trafilatura, with every failure turned into "nothing found"."""

from __future__ import annotations

import logging
import re
from functools import cache, lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

from storyfold.articles.cascade import spend

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LOGGER = logging.getLogger(__name__)

MAX_ELEMENTS = 100_000
"""Elements of a page that extractors are let loose on; their time grows faster than the page. The largest of 1,000
labelled news pages has under 20,000."""

TAGS_PER_ELEMENT = 8
TAGS_AT_LEAST = 2000
ROUGH_CHARACTERS = 1_000_000
MOST_PATHS = 256
_NO_TEXT = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def parse(markup: str) -> HtmlElement | None:
    """The page as a tree, None when it has no markup worth the name."""
    from trafilatura.utils import load_html

    _make_plain_elements()
    try:
        return load_html(markup)
    except MemoryError:
        raise
    except Exception:  # hostile markup makes the parser raise nearly anything
        LOGGER.info("a page could not be parsed", exc_info=True)
        return None


@cache
def _make_plain_elements() -> None:
    """Have trafilatura's parser make every element a plain one, which lxml does by itself, but that asks a path again
    as it was understood before.

    Nobody here asks forms or inputs what lxml's classes for them know, and to look for the class of each element in
    Python, every time it is come across, is a twentieth of what a page takes. To understand a path takes lxml .2 ms
    each time, and longer than to ask most of them.
    """
    from lxml.etree import ElementDefaultClassLookup, XPath
    from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction
    from trafilatura.utils import HTML_PARSER

    understood = lru_cache(maxsize=MOST_PATHS)(XPath)

    class PlainElement(HtmlElement):  # type: ignore[misc]  # lxml has no types
        def xpath(self, path: Any, **how: Any) -> Any:
            return super().xpath(path, **how) if how else understood(path)(self)

    plain = ElementDefaultClassLookup(PlainElement, HtmlComment, HtmlProcessingInstruction, HtmlEntity)
    HTML_PARSER.set_element_class_lookup(plain)


def elements_of(tree: HtmlElement) -> int:
    """How many elements the tree has."""
    return int(tree.xpath("count(//*)"))


def is_too_large(elements: int) -> bool:
    """Whether a tree of that many elements has more than `MAX_ELEMENTS`."""
    return elements > MAX_ELEMENTS


def is_cut_off(elements: int, markup: str) -> bool:
    """Whether the parser gave the page up: lxml does at 256 levels, below which no page has text.

    resiliparse goes all the way down in quadratic time (100 s for 100,000 levels) and is not to be tried then.
    """
    return markup.count("<") > TAGS_PER_ELEMENT * elements + TAGS_AT_LEAST


def rough_text(markup: str) -> str:
    """What stands between the tags of the first `ROUGH_CHARACTERS` of a page that is too large for anything better."""
    return unescape(_TAG.sub("\n", _NO_TEXT.sub("\n", markup[:ROUGH_CHARACTERS])))


def main_text(tree: HtmlElement, url: str | None) -> str:
    """The main text as trafilatura finds it, one block a line; empty when it finds none. The tree is spent.

    Comments are off (on by default there, and "No comments" would come into the text); the mode is the default one:
    `favor_precision` and `fast` lose whole articles; `deduplicate` keeps state in the process. Its metadata is off: a
    third of its time, most of it for a date that :mod:`.metadata` knows better.
    """
    try:
        return spend(tree, url)
    except MemoryError:
        raise
    except Exception:  # as above
        LOGGER.info("the main text of a page could not be found", exc_info=True)
        return ""


def inclusive_text(markup: str) -> str:
    """Nearly all of the page's content, by resiliparse: what :mod:`.completeness` holds the main text against."""
    from resiliparse.extract.html2text import extract_plain_text

    try:
        text = extract_plain_text(
            markup, preserve_formatting=True, main_content=True, alt_texts=False, comments=False, post_meta=False
        )
    except MemoryError:
        raise
    except Exception:  # as above
        LOGGER.info("the content of a page could not be found", exc_info=True)
        return ""
    return str(text)
