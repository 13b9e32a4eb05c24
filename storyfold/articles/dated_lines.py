"""The days in a page's date lines, wherever they stand in its tree: for pages that show none beside their headline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from storyfold.articles.dates import Moment, parse_moment
from storyfold.articles.visible_dates import ABOUT_OTHERS, SKIPPED, UPDATE, ShownDay, headings, named
from storyfold.articles.written_dates import date_lines, first_published, is_publication_label, written_days

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LINES_BELOW = 60
"""Texts between the headline and the article that are looked at: names, links to share, a summary."""
_LONGEST_SAYING = 400
"""Characters of a line that says when a page was first published."""
_PROSE = 150
_PROSE_LINES = 2
"""Texts as long as that are paragraphs; the first may be a summary, with the second the article is under way."""
_MOST_LINES = 5000
"""Texts of a page in which one is looked for that says when it was published."""


def days_below(tree: HtmlElement, title: str | None, lang: str, now: datetime) -> list[ShownDay]:
    """The days in date lines between the headline and the text, however far from it in the tree; updates last.

    On a page without a headline, those before its text.
    """
    days: list[ShownDay] = []
    below = [_texts_below(heading) for heading in headings(tree, title)]
    for texts in below or map(_texts_in, tree.iter("body")):
        before = ""
        for line in _before_prose(texts):
            for written in date_lines(line, lang) if UPDATE.search(line) is None else written_days(line, lang):
                moment = parse_moment(written.day, now=now)
                if moment:
                    days.append(ShownDay(moment, bool(UPDATE.search(f"{before[-25:]} {line}")), sure=False))
            before = line
    return sorted(days, key=lambda shown: shown.is_update)


def day_called_published(tree: HtmlElement, lang: str, now: datetime) -> Moment | None:
    """The day that a line of the page, wherever it stands, calls that of publication, where all such lines agree.

    Else the one that a sentence says it was first published on; that may have been in another place.
    """
    body, before, first = tree.find("body"), "", None
    said: set[str] = set()
    for line, _ in zip(_texts_in(body) if body is not None else (), range(_MOST_LINES), strict=False):
        if is_publication_label(line) or is_publication_label(before):
            said.update(written.day for written in date_lines(line, lang) if written.day)
        first = first or (first_published(line, lang) if len(line) <= _LONGEST_SAYING else None)
        before = line
    return parse_moment(said.pop() if len(said) == 1 else first, now=now)


def _before_prose(texts: Iterator[str]) -> Iterator[str]:
    """The short ones of the texts before the second paragraph of prose."""
    left = _PROSE_LINES
    for line, _ in zip(texts, range(_LINES_BELOW), strict=False):
        if len(line) < _PROSE:
            yield line
        else:
            left -= 1
        if not left:
            return


def _texts_below(heading: HtmlElement) -> Iterator[str]:
    node: HtmlElement | None = heading
    while node is not None and node.tag not in {"body", "html"}:
        yield from _collapsed(node.tail)
        for other in node.itersiblings():
            yield from _texts_in(other)
            yield from _collapsed(other.tail)
        node = node.getparent()


def _texts_in(part: HtmlElement) -> Iterator[str]:
    if not isinstance(part.tag, str) or part.tag in SKIPPED or ABOUT_OTHERS.search(named(part)):
        return
    yield from _collapsed(part.text)
    for child in part:
        yield from _texts_in(child)
        yield from _collapsed(child.tail)


def _collapsed(text: str | None) -> Iterator[str]:
    if text and not text.isspace():
        yield " ".join(text.split())
