"""A page's markup as a tree, and its main text by trafilatura, with every failure turned into "nothing found"."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LOGGER = logging.getLogger(__name__)

MAX_ELEMENTS = 100_000
"""Elements of a page that extractors are let loose on; their time grows faster than the page. The largest of 1,000
labelled news pages has under 20,000."""


def parse(markup: str) -> HtmlElement | None:
    """The page as a tree, None when it has no markup worth the name."""
    from trafilatura.utils import load_html

    try:
        return load_html(markup)
    except MemoryError:
        raise
    except Exception:  # hostile markup makes the parser raise nearly anything
        LOGGER.info("a page could not be parsed", exc_info=True)
        return None


def is_too_large(tree: HtmlElement) -> bool:
    """Whether the tree has more than `MAX_ELEMENTS` elements."""
    return any(count > MAX_ELEMENTS for count, _ in enumerate(tree.iter(), start=1))


def main_text(tree: HtmlElement, url: str | None) -> Any | None:
    """trafilatura's document for the page, None when it finds no text.

    Comments are off (on by default there, and "No comments" would come into the text); the mode is the default one:
    `favor_precision` and `fast` lose whole articles; `deduplicate` keeps state in the process.
    """
    from trafilatura import bare_extraction

    try:
        return bare_extraction(tree, url=url, include_comments=False, with_metadata=True)
    except MemoryError:
        raise
    except Exception:  # as above
        LOGGER.info("the main text of a page could not be found", exc_info=True)
        return None
