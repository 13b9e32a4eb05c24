"""Which lines of a text are no part of the article, and why.

Rules act on whole lines only: a pattern has to match all of a line, and a line that continues the one before it (text
handed in with hard line breaks) is never looked at. Kinds that would be dangerous in the middle of a text (bylines,
dates, bios, credits) act only at its top or near its end. At most `LARGEST_SHARE` of a text goes; past that the less
certain kinds stay, since a text that is mostly junk is more often one we misread.
"""

from __future__ import annotations

import re
from functools import cache

from storyfold.articles.article import RemovedLine
from storyfold.articles.rules import dutch, english, french, german, italian, portuguese, russian, spanish
from storyfold.articles.rules.kinds import KINDS, Kind
from storyfold.articles.structure import PageMarks, line_key
from storyfold.articles.written_dates import date_lines

LANGUAGES = (english, german, french, spanish, russian, portuguese, italian, dutch)
LARGEST_SHARE = 0.4
"""Share of a text's characters that rules may take out together."""
HEADLINE_LINES = 2
"""Lines from the start of a text among which the headline may be repeated; further down it is a heading of the text."""
TOP_LINES = 4
"""Lines from the start of a text in which bylines and dates are taken for such."""
END_LINES = 6
END_SHARE = 0.25
"""The end is the last quarter of a text's lines, and at least its last six."""

LEAST_TEASERS = 2
"""Lines of nothing but links that end a text and are taken for a list of other articles."""
SHORTEST_TEASER = 30
SENTENCE_WORDS = 5
_GOES_ON = (",", ";")
"""The end of a line that the next one goes on with, as in verse."""
_SENTENCE_MARKS = (".", "!", ":", '."', ".”", "!”")

_OPENING = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\((?!\?)")
"""What opens a group; or an escaped character or a set, in which a bracket is one."""
_SPACES = " \t\n\r\x0b\x0c\x85\u2028\u2029"
_AT_START, _AT_END = f"{_SPACES}•·▪►▶»›>*–—-|#✓→", f"{_SPACES}.:…|»›>→!*"
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u00a0": " ", "\u202f": " "}
)


def bare(line: str) -> str:
    """The line as patterns see it: lower case, without bullets, end marks and typographic quotes."""
    plain = line if line.isascii() else line.translate(_QUOTES)
    return plain.lstrip(_AT_START).rstrip(_AT_END).lower()


@cache
def _patterns() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    rows = {kind.name: [row for language in LANGUAGES for row in language.ROWS.get(kind.name, ())] for kind in KINDS}
    return tuple(
        (kind, re.compile("|".join(f"(?:{_without_groups(row)})" for row in rows[kind.name])))
        for kind in KINDS
        if rows[kind.name]
    )


def _without_groups(row: str) -> str:
    """The pattern without groups that remember what they matched: nobody asks, and it costs a third of the time."""
    return _OPENING.sub(lambda found: "(?:" if found[0] == "(" else found[0], row)


def junk_lines(lines: list[str], marks: PageMarks) -> list[RemovedLine]:
    """The lines that go, in the order of the text. `lines` are the non-empty lines of a text."""
    keys = [line_key(line) for line in lines]
    reasons = [_reason(lines, keys, position, marks) for position in range(len(lines))]
    _add_teasers(lines, keys, reasons, marks)
    found = [
        RemovedLine(line, reason, i) for i, (line, reason) in enumerate(zip(lines, reasons, strict=True)) if reason
    ]
    return within_share(found, lines)


def _add_teasers(lines: list[str], keys: list[str], reasons: list[str | None], marks: PageMarks) -> None:
    """Marks the links to other articles: the run of them that ends a text, and single ones between its paragraphs."""
    tail = len(lines)
    while tail and (reasons[tail - 1] or keys[tail - 1] in marks.linked):
        tail -= 1
    is_list = sum(not reason for reason in reasons[tail:]) >= LEAST_TEASERS
    for i, line in enumerate(lines):
        if not reasons[i] and ((i >= tail and is_list) or _is_teaser(line, keys[i], marks)):
            reasons[i] = "teaser"


def _is_teaser(line: str, key: str, marks: PageMarks) -> bool:
    if len(line) < SHORTEST_TEASER or line.endswith(_SENTENCE_MARKS):
        return False
    return key in marks.teasers or (line.isupper() and key in marks.linked)


def _reason(lines: list[str], keys: list[str], position: int, marks: PageMarks) -> str | None:
    line, key = lines[position], keys[position]
    if position < HEADLINE_LINES and key in marks.headlines:
        return "headline"
    if position and _continues(lines[position - 1], line):
        return None
    if position < TOP_LINES and key in marks.decks:
        return "deck"
    marked = None if line.startswith("- ") else marks.marked.get(key)
    kind = _kind(line, position, len(lines), marked)
    if kind is not None:
        return kind
    return "date" if position < TOP_LINES and any(date_lines(line, "en")) else None


def _kind(line: str, position: int, count: int, marked: str | None) -> str | None:
    """The first kind that may act on this line, and that the page marks it as or a pattern of it matches."""
    length, may_match = len(line), not line.endswith(_GOES_ON)
    if length > _longest() or not (may_match or marked):
        return None
    sentence, text = _is_sentence(line), bare(line)
    for kind, pattern in _patterns():
        if length > kind.longest or not (kind.zone == "anywhere" or _in_zone(kind, position, count)):
            continue
        if kind.name == marked or (may_match and not (sentence and kind.sentences_stay) and pattern.fullmatch(text)):
            return kind.name
    return None


@cache
def _longest() -> int:
    return max(kind.longest for kind, _ in _patterns())


def _is_sentence(line: str) -> bool:
    return line.endswith((".", "!", "?")) and len(line.split(None, SENTENCE_WORDS - 1)) == SENTENCE_WORDS


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the line before it."""
    return line[:1].islower() and len(before) >= 40 and before[-1].isalnum()


def _in_zone(kind: Kind, position: int, count: int) -> bool:
    if kind.zone == "top":
        return position < TOP_LINES
    if kind.zone == "below":
        return position > 0
    if kind.zone == "end":
        return position >= min(count - END_LINES, count * (1 - END_SHARE))
    return True


def within_share(found: list[RemovedLine], lines: list[str]) -> list[RemovedLine]:
    """As many of the found lines as the allowed share of the text holds, the most certain kinds first."""
    order = {kind.name: rank for rank, kind in enumerate(KINDS)}
    budget = LARGEST_SHARE * sum(map(len, lines))
    kept: list[RemovedLine] = []
    for removed in sorted(found, key=lambda line: (order.get(line.reason, len(order)), line.position)):
        if len(removed.line) <= budget:
            budget -= len(removed.line)
            kept.append(removed)
    return sorted(kept, key=lambda line: line.position)
