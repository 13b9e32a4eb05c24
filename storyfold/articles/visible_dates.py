"""The day that a page shows beside its headline: what a reader takes for the date, where nothing machine-readable is.

Looked at is what stands close to the headline in the page's tree: short neighbours of it and of what it stands in. A
time element there says its day itself; else the first date written out in full is read, in the languages of `_LOCALES`.
Dates that are called an update come last. Figures parted by slashes are month first in American English, day first in
any other language that names itself, and skipped where neither is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from babel.dates import get_month_names

from storyfold.articles.dates import Moment, parse_moment

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LOCALES = ("en", "de", "fr", "es", "ru", "pt", "it", "nl")
_LEVELS = 5
_BESIDE = 3
_LONGEST = 300
"""Characters of a neighbour: a line of names and dates, no paragraph and no list of other articles."""

_SKIPPED = frozenset({"script", "style", "nav", "form", "aside"})
_UPDATE = re.compile(
    r"\b(updated?|modified|reviewed|aktualisiert|geändert|mis(e)? à jour|actualizad[oa]|обновлен)", re.I
)
_FIGURES = re.compile(r"(?<![\d./-])(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{1,2})(?![./-]?\d)")


def day_by_headline(tree: HtmlElement, now: datetime) -> Moment | None:
    """The day shown beside the first or second main heading, None where there is none."""
    lang = (tree.get("lang") or "en").lower().replace("_", "-")
    for heading, _ in zip(tree.iter("h1"), range(2), strict=False):
        near = list(_neighbours(heading))
        found = _from_elements(near, now) or _from_text(" \n ".join(_text(part) for part in near), lang, now)
        if found:
            return found
    return None


def _neighbours(heading: HtmlElement) -> Iterator[HtmlElement]:
    """The heading, then what is beside it, then what is beside what it stands in."""
    yield heading
    node = heading
    for _ in range(_LEVELS):
        for preceding in (False, True):
            beside = (other for other in node.itersiblings(preceding=preceding) if isinstance(other.tag, str))
            for other, _ in zip(beside, range(_BESIDE), strict=False):
                if other.tag not in _SKIPPED and len(_text(other)) <= _LONGEST:
                    yield other
        parent = node.getparent()
        if parent is None or parent.tag in {"body", "main", "html"}:
            return
        node = parent


def _from_elements(near: list[HtmlElement], now: datetime) -> Moment | None:
    times = [time for part in near for time in part.iter("time")]
    original = [time for time in times if not _is_update(time)]
    return next(filter(None, (parse_moment(time.get("datetime"), now=now) for time in original + times)), None)


def _is_update(time: HtmlElement) -> bool:
    previous, parent = time.getprevious(), time.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else None
    named = f"{time.get('itemprop') or ''} {time.get('class') or ''}".lower()
    called = "modified" in named or ("updated" in named and "published" not in named)
    return called or bool(_UPDATE.search((before or "")[-40:]) or _UPDATE.match(_text(time)))


def _from_text(text: str, lang: str, now: datetime) -> Moment | None:
    original: list[str | None] = []
    updates: list[str | None] = []
    end = 0
    for match, day in _written(text, lang):
        is_update = _UPDATE.search(text[max(end, match.start() - 25) : match.start()])
        (updates if is_update else original).append(day)
        end = match.end()
    return next(filter(None, (parse_moment(day, now=now) for day in original + updates)), None)


def _written(text: str, lang: str) -> list[tuple[re.Match[str], str | None]]:
    """Every date written out in full, in the order of the text, as ISO 8601."""
    found = [(match, _named_day(match)) for match in _named().finditer(text)]
    found += [(match, _figured_day(match, lang)) for match in _FIGURES.finditer(text)]
    return sorted(found, key=lambda pair: pair[0].start())


def _named_day(match: re.Match[str]) -> str | None:
    day, month = match["day"] or match["later"], match["first"] or match["second"]
    return _iso(int(match["year"] or match["last"]), _months()[month.lower().rstrip(".")], int(day))


def _figured_day(match: re.Match[str], lang: str) -> str | None:
    first, middle, last = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        return _iso(first, middle, last)
    if len(match[4]) != 4 or len(match[1]) > 2:
        return None
    if match[2] == "/" and lang == "en" and max(first, middle) <= 12 and first != middle:
        return None
    month_first = middle > 12 or (match[2] == "/" and lang == "en-us" and first <= 12)
    return _iso(last, first, middle) if month_first else _iso(last, middle, first)


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime(year, month, day, tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


def _text(part: HtmlElement) -> str:
    return " ".join(" ".join(part.itertext()).split())


@cache
def _months() -> dict[str, int]:
    """Names of months, whole and shortened, in lower case without their full stop."""
    return {
        name.lower().rstrip("."): number
        for locale in _LOCALES
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, "format", locale).items()
    } | {"sept": 9}


@cache
def _named() -> re.Pattern[str]:
    month = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return re.compile(
        rf"\b(?P<first>{month})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b"
        rf"|\b(?P<later>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s+(?:of\s+|de\s+)?(?P<second>{month})\.?,?\s+(?:de\s+)?(?P<last>\d{{4}})\b",
        re.IGNORECASE,
    )
