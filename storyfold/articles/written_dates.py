"""Dates as people write them: "June 9, 2026", "9. Juni 2026", "le 1er juin 2026", "09.06.2026".

Names of months are read in the languages of `_LOCALES`. Figures parted by slashes or hyphens are month first in
American English (with slashes also in English of no country), day first elsewhere; with dots the day is always first.
Figures of which either may be the month are `doubtful`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from babel.dates import get_day_names, get_month_names

from storyfold.articles.structure import host_of

_LOCALES = ("en", "de", "fr", "es", "ru", "pt", "it", "nl", "pl", "sv", "da", "nb", "fi", "cs", "tr", "uk", "ro")
_MONTH_FIRST = frozenset({"en-us", "en-ph"})
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_FIGURES = re.compile(r"(?<![\d./-])(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{1,2})(?![./-]?\d)")

LONGEST_DATE_LINE = 120
"""Characters of a line that says little but a date."""

_PUBLISHED = (
    r"(?:(?:first|originally|article|story|date)\s+)*(?:published|posted|released|publish(?:ing)? date|"
    r"post(?:ed)? (?:time|date)|publication date|veröffentlicht|veröffentlichungsdatum|erschienen|publiée?|paru|"
    r"publicado|publicada|publicação|pubblicato|geplaatst|gepubliceerd|опубликовано|дата публикации|"
    r"опубліковано|opublikowano|publikováno|publicerad|publiceret|publisert|julkaistu|yayınlanma(?: tarihi)?|publicat)"
)
_DATED = r"(?:created|date|dated|erstellt|datum|fecha|data|дата)"
_ON = r"\s*:?\s*(?:on|am|le|el|em|il|op|den)?"
_BYLINE = r"(?:by|von|par|por|di|door|автор:?)\s+[^.!?]{2,60}?"
_AFTER = re.compile(
    r"(?:[,\s]*(?:at|um|à|a las|às|в|om|-|–|\|)?\s*\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:uhr|h|[ap]\.?m\.?)?"
    r"(?:\s*\(?[a-z]{2,4}\)?)?)?"
    r"(?:\s*[|•·,/–—-]\s*.{0,40})?"
)

_LABEL = re.compile(rf"{_PUBLISHED}{_ON}\s*(?:$|.{{0,12}}\d)", re.IGNORECASE)
_FIRST_PUBLISHED = re.compile(
    r"\b(?:(?:originally|first|initially)\s+(?:published|posted|appeared)|erstmals\s+(?:veröffentlicht|erschienen)|"
    r"publiée?\s+(?:initialement|pour la première fois)|publicad[oa]\s+(?:originalmente|por primera vez)|"
    r"впервые\s+опубликован[аоы]?)\b",
    re.IGNORECASE,
)
_SOON_AFTER = 12
"""Characters between "first published" and its date: " on Monday, " and the like, no other words."""
_AMERICAN = frozenset({"us", "gov", "mil", "edu"})
_DAY_FIRST = frozenset(
    {
        *("uk", "ie", "au", "nz", "in", "pk", "ng", "ke", "gh", "za", "sg", "my", "hk", "fr", "de", "it", "es", "pt"),
        *("nl", "be", "at", "ch", "lu", "pl", "cz", "ro", "gr", "ru", "ua", "tr", "br", "ar"),
    }
)
"""Endings of addresses in whose countries English is written with the day first."""


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A date in a text: where it stands, and its day as ISO 8601, None where it is none or cannot be told."""

    start: int
    end: int
    day: str | None
    doubtful: bool = False


def written_days(text: str, lang: str) -> list[WrittenDay]:
    """Every date written out in full, in the order of the text; `lang` is a language tag in lower case."""
    found = [WrittenDay(match.start(), match.end(), _named_day(match)) for match in _named().finditer(text)]
    found += [
        WrittenDay(match.start(), match.end(), _iso(int(match[1]), int(match[2]), int(match[3])))
        for match in _EAST_ASIAN.finditer(text)
    ]
    found += [_figured_day(match, lang) for match in _FIGURES.finditer(text)]
    return sorted(found, key=lambda written: written.start)


def date_lines(text: str, lang: str) -> Iterator[WrittenDay]:
    """The dates of a text that is a date line: nothing in it but one date, its time and words like "Published on"."""
    dates = written_days(text, lang) if len(text) <= LONGEST_DATE_LINE else []
    if len(dates) == 1:
        before, after = text[: dates[0].start].strip().lower(), text[dates[0].end :].strip().lower()
        if _before().fullmatch(before) and _AFTER.fullmatch(after):
            yield dates[0]


@cache
def _before() -> re.Pattern[str]:
    weekdays = {
        re.escape(name.lower().rstrip("."))
        for locale in _LOCALES
        for width in ("abbreviated", "wide")
        for name in get_day_names(width, "format", locale).values()
    }
    return re.compile(
        rf"(?:{_BYLINE})?[|•·,/–—-]?\s*(?:{_PUBLISHED}|{_DATED})?{_ON}\s*(?:(?:{'|'.join(sorted(weekdays))})\.?,?)?"
    )


def is_publication_label(text: str) -> bool:
    """Whether a text says that it was published, and nothing else but perhaps when."""
    return bool(_LABEL.match(text)) and len(text) <= LONGEST_DATE_LINE


def first_published(text: str, lang: str) -> str | None:
    """The day that the text says it was first published on: "This article was originally published on 26 Sep 2019"."""
    said = _FIRST_PUBLISHED.search(text)
    days = written_days(text[said.end() :], lang)[:1] if said else []
    return days[0].day if days and days[0].start <= _SOON_AFTER else None


def tag_of(lang: str | None, locale: str | None, url: str | None) -> str:
    """A page's language tag in lower case; English gets its country from the page's locale or its address's ending."""
    tag = (lang or locale or "en").strip().lower().replace("_", "-")
    if tag == "en":
        located = (locale or "").strip().lower().replace("_", "-")
        ending = (host_of(url) or "").rpartition(".")[2]
        if located.startswith("en-"):
            return located
        return "en-us" if ending in _AMERICAN else f"en-{ending}" if ending in _DAY_FIRST else tag
    return tag


def _named_day(match: re.Match[str]) -> str | None:
    day, month = match["day"] or match["later"], match["first"] or match["second"]
    return _iso(int(match["year"] or match["last"]), _months()[month.lower().rstrip(".")], int(day))


def _figured_day(match: re.Match[str], lang: str) -> WrittenDay:
    first, middle, last = int(match[1]), int(match[3]), int(match[4])
    place = (match.start(), match.end())
    if len(match[1]) == 4:
        return WrittenDay(*place, _iso(first, middle, last))
    if len(match[4]) != 4 or len(match[1]) > 2:
        return WrittenDay(*place, None)
    doubtful = max(first, middle) <= 12 and first != middle
    american = lang in _MONTH_FIRST or (lang == "en" and match[2] == "/")
    month_first = middle > 12 or (doubtful and match[2] != "." and american)
    return WrittenDay(*place, _iso(last, first, middle) if month_first else _iso(last, middle, first), doubtful)


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime(year, month, day, tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


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
        rf"\b(?P<first>{month})\.?[\s-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?P<year>\d{{4}})\b"
        rf"|\b(?P<later>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[\s-]*(?:of\s+|de\s+)?(?P<second>{month})\.?,?[\s-]+(?:de\s+)?(?P<last>\d{{4}})\b",
        re.IGNORECASE,
    )


def month_of(name: str) -> int | None:
    """The month of that name, by its number."""
    return _months().get(name.lower().rstrip("."))
