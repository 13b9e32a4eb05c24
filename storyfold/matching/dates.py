"""The days that a text names, read from its opening: when what it tells happened.

A day is named by its date ("January 9", "9 janvier 2025", "1月9日", "2025-01-09"), by its weekday ("on Thursday"), or
by its distance ("yesterday"). News names a weekday for a day at most a week off, mostly past, so a weekday is placed on
the last such day up to publication, as a guess; without a publication date it stays a weekday. "Yesterday" says nothing
without one. Month and weekday names come from the CLDR (`babel`), in the article's language and in English.

A named day is one number, so that it can be stored as such: `guess·10⁶ + month·10⁴ + day·10² + weekday`, the weekday
from 1 (Monday) to 7, and 0 for each part that is not known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

OPENING = 2500  # characters: what stands further down is mostly background, with days of its own
MOST_DAYS = 8

_GUESS, _MONTH, _DAY = 1_000_000, 10_000, 100
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+[^\W\d_]*|[^\W\d_]+|\d{4}-\d{1,2}-\d{1,2}|\d+")  # Latin first: it is quicker
_YEAR = re.compile(r"(?:19|20)\d\d")
_EAST_ASIAN = re.compile(
    r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号號]"
    r"|(?:星期|周|週|礼拜|禮拜)(?P<zh>[一二三四五六日天])"
    r"|(?P<ja>[月火水木金土日])曜"
    r"|(?P<yesterday>昨[日天])|(?P<today>今[日天])"
)
_EAST_ASIAN_SIGNS = "月曜星周週礼禮昨今"  # without one of these there is no match
_WEEKDAYS_ZH, _WEEKDAYS_JA = "一二三四五六日", "月火水木金土日"
_ORDINALS = frozenset(("st", "nd", "rd", "th", "º", "er", "de", "of", "the"))
# The CLDR has these words too, but babel does not carry them.
_RELATIVE = {
    "ar": (("أمس",), ("اليوم",)),
    "de": (("gestern",), ("heute",)),
    "en": (("yesterday",), ("today",)),
    "es": (("ayer",), ("hoy",)),
    "fr": (("hier",), ("aujourd",)),
    "it": (("ieri",), ("oggi",)),
    "nl": (("gisteren",), ("vandaag",)),
    "pl": (("wczoraj",), ("dziś", "dzisiaj")),
    "pt": (("ontem",), ("hoje",)),
    "ru": (("вчера",), ("сегодня",)),
    "tr": (("dün",), ("bugün",)),
    "uk": (("вчора",), ("сьогодні",)),
}


@dataclass(frozen=True, slots=True)
class _Words:
    """What the words of a language stand for: weekdays from 1, months from 1, days before today; all in lower case."""

    weekdays: dict[str, int]
    months: dict[str, int]
    relative: dict[str, int]
    known: frozenset[str]


def event_days(text: str, *, language: str, published: datetime | None) -> tuple[int, ...]:
    """The distinct days that the opening of `text` names, in order, at most `MOST_DAYS`. See the module for the form.

    `language` is an ISO 639-1 code; one that is not known is read as English.
    """
    day = published.date() if published else None
    opening = unicodedata.normalize("NFKC", text[:OPENING])
    found = _spelled(_WORD.findall(opening), _words(language), day)
    if not opening.isascii() and any(sign in opening for sign in _EAST_ASIAN_SIGNS):
        places = [match.start() for match in _WORD.finditer(opening)]
        found = sorted([*((places[i], code) for i, code in found), *_east_asian(opening, day)])
    return tuple(dict.fromkeys(code for _, code in found))[:MOST_DAYS]


def names_of_days(language: str) -> frozenset[str]:
    """The names of weekdays and months in a language and in English, in lower case."""
    words = _words(language)
    return frozenset((*words.weekdays, *words.months))


def agreement(days: Sequence[int], others: Sequence[int]) -> tuple[float, float]:
    """Whether two texts name the same day, and whether they name days that cannot be one; each from 0 to 1.

    Days named early count most. Two texts of which one names no day say neither.
    """
    if not days or not others:
        return 0.0, 0.0
    best, worst = 0.0, 0.0
    for a in days[:_COMPARED]:
        for b in others[:_COMPARED]:
            best = max(best, _same(a, b))
    first = _same(days[0], others[0])
    if first == 0.0:
        worst = 1.0 if best == 0.0 else 0.5
    return best, worst


_COMPARED = 3


def _same(a: int, b: int) -> float:
    """1 for one date, a half for one weekday where a date is missing or guessed, 0 for two that differ."""
    guessed = a >= _GUESS or b >= _GUESS
    a, b = a % _GUESS, b % _GUESS
    dated = a >= _DAY and b >= _DAY
    if dated and a // _DAY == b // _DAY:
        return 1.0
    same_weekday = a % _DAY == b % _DAY != 0
    return 0.5 if same_weekday and (guessed or not dated) else 0.0


def _code(day: date, *, guess: bool = False) -> int:
    return guess * _GUESS + day.month * _MONTH + day.day * _DAY + day.isoweekday()


def _weekday(weekday: int, published: date | None) -> int:
    if published is None:
        return weekday
    return _code(published - timedelta(days=(published.isoweekday() - weekday) % 7), guess=True)


def _calendar(month: int, day: int, year: int | None, published: date | None) -> int | None:
    """The code of a date; without a year it is the one nearest to publication. None for the 31st of February."""
    years = [year] if year else [published.year + n for n in (0, -1, 1)] if published else []
    placed = [p for p in (_date(y, month, day) for y in years) if p]
    if placed:
        anchor = published or placed[0]
        return _code(min(placed, key=lambda p: abs((p - anchor).days)))
    return None if years or not _date(2000, month, day) else month * _MONTH + day * _DAY


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _spelled(spelled: Sequence[str], words: _Words, published: date | None) -> list[tuple[int, int]]:
    """The number of each token that names a day, and the day's code, in order."""
    tokens = list(map(str.casefold, spelled))
    telling = [i for i, token in enumerate(tokens) if token in words.known or "-" in token]
    codes = ((i, _named(tokens, i, words, published)) for i in telling)
    return [(i, code) for i, code in codes if code is not None]


def _named(tokens: Sequence[str], at: int, words: _Words, published: date | None) -> int | None:
    token = tokens[at]
    if token in words.weekdays:
        return _weekday(words.weekdays[token], published)
    if token in words.relative and published:
        return _code(published - timedelta(days=words.relative[token]))
    if token in words.months:
        day, year = _beside(tokens, at)
        return _calendar(words.months[token], day, year, published) if day else None
    if "-" in token:
        year, month, day = (int(part) for part in token.split("-"))
        return _calendar(month, day, year, published)
    return None


def _beside(tokens: Sequence[str], month: int) -> tuple[int | None, int | None]:
    """The day and the year that stand beside the name of a month: "9 de enero de 2025", "January 9th, 2025"."""
    before = [t for t in tokens[max(0, month - 3) : month] if t not in _ORDINALS]
    after = [t for t in tokens[month + 1 : month + 5] if t not in _ORDINALS]
    day = _day(before[-1]) if before else None
    if day is None and after:
        day, after = _day(after[0]), after[1:]
    year = int(after[0]) if day and after and _YEAR.fullmatch(after[0]) else None
    return day, year


def _day(token: str) -> int | None:
    return int(token) if token.isdigit() and len(token) <= 2 and 1 <= int(token) <= 31 else None


def _east_asian(text: str, published: date | None) -> Iterator[tuple[int, int]]:
    for match in _EAST_ASIAN.finditer(text):
        code: int | None
        if match["month"]:
            code = _calendar(int(match["month"]), int(match["day"]), None, published)
        elif match["zh"] or match["ja"]:
            named = match["ja"] or match["zh"].replace("天", "日")
            code = _weekday((_WEEKDAYS_JA if match["ja"] else _WEEKDAYS_ZH).index(named) + 1, published)
        else:
            code = _code(published - timedelta(days=1 if match["yesterday"] else 0)) if published else None
        if code is not None:
            yield match.start(), code


@lru_cache(maxsize=64)
def _words(language: str) -> _Words:
    """The words of a language, and the English ones, which its own overrule."""
    from babel import Locale
    from babel.core import UnknownLocaleError

    weekdays: dict[str, int] = {}
    months: dict[str, int] = {}
    relative: dict[str, int] = {}
    for code in ("en", language):
        try:
            locale = Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
        for context in ("format", "stand-alone"):
            _take(weekdays, {n + 1: name for n, name in locale.days[context]["wide"].items()})
            _take(months, locale.months[context]["wide"])
            _take(months, locale.months[context]["abbreviated"])
        for before, names in zip((1, 0), _RELATIVE.get(code, ((), ())), strict=True):
            relative.update(dict.fromkeys(names, before))
    months["sept"] = 9  # the usual English abbreviation, which the CLDR lacks
    _add_cases(weekdays, language)
    return _Words(weekdays, months, relative, frozenset((*weekdays, *months, *relative)))


def _take(words: dict[str, int], names: dict[int, str]) -> None:
    """Names of one word, of two letters at least; "segunda-feira" is known by its first word."""
    for number, name in names.items():
        first = re.match(r"[^\W\d_]{2,}", unicodedata.normalize("NFKC", name))
        if first:
            words[first.group().casefold()] = number


def _add_cases(weekdays: dict[str, int], language: str) -> None:
    """The accusative in which Slavic languages name the weekday of an event, where it differs from the nominative."""
    ending = {"ru": ("а", "у"), "uk": ("а", "у"), "pl": ("a", "ę")}.get(language)
    if ending:
        for name, number in list(weekdays.items()):
            if name.endswith(ending[0]):
                weekdays[name[:-1] + ending[1]] = number
