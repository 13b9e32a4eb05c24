"""trafilatura and justext, without what they do again for every page or do for nobody; what they find is the same.

* trafilatura's paths are asked in Python (see `paths`).
* Characters that no tree can hold are looked for in a page's bytes, where they are deleted in a tenth of the time that
  a pattern takes, before a pattern takes them out of its text: hardly a page has any.
* justext's words of all languages, 154,000 of them, are a set whose hash is kept. As a tuple they are hashed for every
  page, for 3 ms, to find that set.
* A paragraph's text is put together once and not seven times, and of its path only what is asked for is written out.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from importlib import import_module
from typing import Any

from storyfold.articles.paths import Path, any_of, quicken, quickened

_CONTROLS = bytes(sorted({*range(32)} - set(b"\t\n\r")))
_NO_CHARACTERS = ("\ufffe", "\uffff")


class InvalidCharacters:
    """In the place of `trafilatura.utils.INVALID_XML_CHARS`."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def sub(self, instead: str, text: str) -> str:
        written = text.encode("utf-8", "surrogatepass")
        clean = len(written.translate(None, _CONTROLS)) == len(written)
        if clean and not any(character in text for character in _NO_CHARACTERS):
            return text
        return self._pattern.sub(instead, text)


@cache
def prepared() -> Path | None:
    """Prepares the libraries, once in a process. -> what finds something on a page where what is taken out of it first
    (whole further articles, comments) does; None where that cannot be told."""
    from trafilatura import external, utils, xpaths

    utils.INVALID_XML_CHARS = InvalidCharacters(utils.INVALID_XML_CHARS)  # type: ignore[assignment]
    _quicken_justext(external)
    for paths in (xpaths.RAW_TREE_PRUNE_XPATH, xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH, xpaths.BODY_XPATH):
        quicken(paths)
    for paths in (xpaths.OVERALL_DISCARD_XPATH, xpaths.TEASER_DISCARD_XPATH, xpaths.DISCARD_IMAGE_ELEMENTS):
        quicken(paths)
    baseline: Any = import_module("trafilatura.baseline")  # by its name the package has the function in it
    baseline.BASIC_CLEAN_XPATH = quickened(baseline.BASIC_CLEAN_XPATH)
    return any_of([*xpaths.RAW_TREE_PRUNE_XPATH, *xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH])


def _quicken_justext(external: Any) -> None:
    from justext import core  # type: ignore[import-untyped]
    from justext.paragraph import Paragraph  # type: ignore[import-untyped]

    class OnceRead(Paragraph):  # type: ignore[misc]  # the library has no types
        """A paragraph that is read only when all of it is there."""

        def __init__(self, path: Any) -> None:
            self.dom_path = path.dom
            self.text_nodes: list[str] = []
            self.chars_count_in_links = self.tags_count = 0
            self.class_type = ""

        @cached_property
        def text(self) -> str:
            return str(Paragraph.text.fget(self))

    core.Paragraph = OnceRead
    external.JT_STOPLIST = frozenset(external.jt_stoplist_init())
