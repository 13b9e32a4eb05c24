"""The days that a page shows beside its headline: what a reader takes for its date.

Looked at is what stands close to the headline in the page's tree: short neighbours of it and of what it stands in, but
no navigation, and nothing whose class says that it is about other articles. A time element says its day itself; else
dates written out in full are read. A date line says nothing else ("Posted on 9 June 2026"); dates among other words may
be of anything, those in the headline itself above all. Dates that are called an update come last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from storyfold.articles.dates import Moment, parse_moment
from storyfold.articles.structure import line_key
from storyfold.articles.written_dates import date_lines, written_days

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LEVELS = 5
_BESIDE = 3
_LONGEST = 300
"""Characters of a neighbour: a line of names and dates, no paragraph and no list of other articles."""
_LONGEST_LINK = 40
"""Characters of a link beside the headline: a longer one leads to another article, whose date stands with it."""

_OTHER_HEADINGS = ("h2", "h3", "h4", "legend")
SKIPPED = frozenset({"script", "style", "nav", "form", "aside", "footer"})
ABOUT_OTHERS = re.compile(
    r"related|recent|popular|paging|pagination|pager|comment|recommend|teaser|breaking|ticker|masthead"
)
UPDATE = re.compile(
    r"\b(updated?|modified|reviewed|edited|revised|aktualisiert|geändert|stand(?=:)|mis(e)? à jour|modifié"
    r"|actualizad[oa]|atualizad[oa]|aggiornat[oa]|bijgewerkt|обновлен|оновлен|aktualizacja|zaktualizowan|aktualizován"
    r"|uppdatera|opdatere|oppdater|päivitetty|güncelle|actualizat)|更新",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_PARAGRAPHS = frozenset({"p", "li", "td", "dd", "blockquote", "h2", "h3", "h4", "figcaption"})
_SENTENCE_ENDS = (".", "!", "?", "…", ".”", '."')
_CHANGED = re.compile(r"modified|updated|changed")
_PUBLISHED = re.compile(r"publish|posted|release|byline|pub-?date")


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day shown beside the headline. A `sure` one is all that its line says, and can be read in one way."""

    moment: Moment
    is_update: bool
    sure: bool
    is_called_published: bool = False
    """Whether the markup calls it, or the line that it stands in, the publication's or the author's."""


def shown_days(tree: HtmlElement, title: str | None, lang: str, now: datetime) -> list[ShownDay]:
    """The days shown beside the headline, those that speak most clearly first."""
    for heading in headings(tree, title):
        near = list(_neighbours(heading))
        days = [*_from_elements(near, now), *(day for part in near for day in _from_text(part, lang, now))]
        if days:
            return sorted(days, key=lambda shown: (shown.is_update, not shown.sure))
    return []


def headings(tree: HtmlElement, title: str | None) -> list[HtmlElement]:
    """A page's first two main headings; where none of them is the title, a lesser heading that is goes before them."""
    main = [heading for heading, _ in zip(tree.iter("h1"), range(2), strict=False)]
    key = line_key(title or "")
    if key and not any(line_key(_text(heading)) == key for heading in main):
        others = (other for other in tree.iter(*_OTHER_HEADINGS) if line_key(_text(other)) == key)
        main = [*(other for other, _ in zip(others, range(1), strict=False)), *main]
    return main


def _neighbours(heading: HtmlElement) -> Iterator[HtmlElement]:
    """What is beside the heading, then what is beside what it stands in; the heading itself last."""
    node = heading
    for _ in range(_LEVELS):
        for preceding in (False, True):
            beside = (other for other in node.itersiblings(preceding=preceding) if isinstance(other.tag, str))
            for other, _ in zip(beside, range(_BESIDE), strict=False):
                if other.tag not in SKIPPED and _may_say_a_day(other) and not _is_about_others(other):
                    yield other
        parent = node.getparent()
        if parent is None or parent.tag in {"body", "main", "html"}:
            break
        node = parent
    yield heading


def _may_say_a_day(part: HtmlElement) -> bool:
    text = str(_string()(part))
    is_short = len(text) <= _LONGEST or len(_text(part)) <= _LONGEST
    return is_short and (bool(_DIGIT.search(text)) or next(part.iter("time"), None) is not None)


def _is_about_others(part: HtmlElement) -> bool:
    return bool(ABOUT_OTHERS.search(named(part))) or any(len(_text(link)) > _LONGEST_LINK for link in part.iter("a"))


def named(part: HtmlElement) -> str:
    """The classes and the id of an element, in lower case."""
    return f"{part.get('class') or ''} {part.get('id') or ''}".lower()


def _from_elements(near: list[HtmlElement], now: datetime) -> Iterator[ShownDay]:
    for part in near:
        for time in part.iter("time"):
            moment = parse_moment(time.get("datetime"), now=now)
            if moment:
                yield ShownDay(moment, _is_update(time), sure=True, is_called_published=_is_called(_PUBLISHED, time))


def _is_update(time: HtmlElement) -> bool:
    previous, parent = time.getprevious(), time.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else None
    classes = f"{time.get('itemprop') or ''} {time.get('class') or ''}".lower()
    called = "modified" in classes or ("updated" in classes and "published" not in classes)
    return called or bool(UPDATE.search((before or "")[-40:]) or UPDATE.search(_text(time)[:40]))


def _from_text(part: HtmlElement, lang: str, now: datetime) -> Iterator[ShownDay]:
    lines = dict(_date_lines(part, lang)) if part.tag != "h1" else {}
    text, end = _text(part), 0
    for written in written_days(text, lang):
        moment = parse_moment(written.day, now=now)
        called = UPDATE.search(text[max(end, written.start - 25) : written.start])
        end = written.end
        if moment and written.day:
            element = lines.get(written.day)
            is_published = element is not None and _is_called(_PUBLISHED, element)
            is_update = bool(called) or (element is not None and not is_published and _is_called(_CHANGED, element))
            yield ShownDay(moment, is_update, element is not None and not written.doubtful, is_published)


def _date_lines(part: HtmlElement, lang: str) -> Iterator[tuple[str, HtmlElement]]:
    """The days that stand in a line of their own in a part, with the elements that they stand in."""
    for element in part.iter():
        if not isinstance(element.tag, str) or element.tag in SKIPPED or _is_in_sentence(element):
            continue
        for line in (element.text, *(child.tail for child in element)):
            for written in date_lines(" ".join(line.split()), lang) if line else ():
                if written.day:
                    yield written.day, element


def _is_in_sentence(element: HtmlElement) -> bool:
    block = next((one for one in (element, *element.iterancestors()) if one.tag in _PARAGRAPHS), None)
    return block is not None and _text(block).endswith(_SENTENCE_ENDS)


def _is_called(what: re.Pattern[str], element: HtmlElement) -> bool:
    """Whether the classes of the element or of what it stands in say so."""
    around = [element, *(one for one, _ in zip(element.iterancestors(), range(2), strict=False))]
    return any(what.search(f"{named(one)} {one.get('itemprop') or ''}".lower()) for one in around)


def _text(part: HtmlElement) -> str:
    """The part's text in one line, its elements parted by spaces; of a very long one any text that is as long."""
    whole = str(_string()(part))
    return whole if len(whole) > 20 * _LONGEST else " ".join(" ".join(part.itertext()).split())


@cache
def _string() -> Callable[[HtmlElement], object]:
    from lxml.etree import XPath

    return XPath("string()", smart_strings=False)
