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
from storyfold.articles.rules import english, german
from storyfold.articles.rules.kinds import KINDS, Kind

LANGUAGES = (english, german)
LARGEST_SHARE = 0.4
"""Share of a text's characters that rules may take out together."""
TOP_LINES = 4
"""Lines from the start of a text in which bylines and dates are taken for such."""
END_LINES = 6
END_SHARE = 0.25
"""The end is the last quarter of a text's lines, and at least its last six."""

_EDGES = re.compile(r"^[\s•·▪►▶»›>*–—\-|#✓→]+|[\s.:…|»›>→!*]+$")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u00a0": " ", "\u202f": " "}
)


def bare(line: str) -> str:
    """The line as patterns see it: lower case, without bullets, end marks and typographic quotes."""
    return _EDGES.sub("", line.translate(_QUOTES)).lower()


@cache
def _patterns() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    rows = {kind.name: [row for language in LANGUAGES for row in language.ROWS.get(kind.name, ())] for kind in KINDS}
    return tuple(
        (kind, re.compile("|".join(f"(?:{row})" for row in rows[kind.name]))) for kind in KINDS if rows[kind.name]
    )


def junk_lines(lines: list[str], title: str | None) -> list[RemovedLine]:
    """The lines that go, in the order of the text. `lines` are the non-empty lines of a text."""
    found = [removed for position in range(len(lines)) if (removed := _judge(lines, position, title))]
    return within_share(found, lines)


def _judge(lines: list[str], position: int, title: str | None) -> RemovedLine | None:
    line = lines[position]
    if position < TOP_LINES and title and bare(line) == bare(title):
        return RemovedLine(line, "headline", position)
    if position and _continues(lines[position - 1], line):
        return None
    for kind, pattern in _patterns():
        if len(line) <= kind.longest and _in_zone(kind, position, len(lines)) and pattern.fullmatch(bare(line)):
            return RemovedLine(line, kind.name, position)
    return None


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the line before it."""
    return line[:1].islower() and len(before) >= 40 and before[-1].isalnum()


def _in_zone(kind: Kind, position: int, count: int) -> bool:
    if kind.zone == "top":
        return position < TOP_LINES
    if kind.zone == "end":
        return position >= min(count - END_LINES, count * (1 - END_SHARE))
    return True


def within_share(found: list[RemovedLine], lines: list[str]) -> list[RemovedLine]:
    """As many of the found lines as the allowed share of the text holds, the most certain kinds first."""
    order = {"headline": -1, **{kind.name: rank for rank, kind in enumerate(KINDS)}}
    budget = LARGEST_SHARE * sum(map(len, lines))
    kept: list[RemovedLine] = []
    for removed in sorted(found, key=lambda line: (order.get(line.reason, len(order)), line.position)):
        if len(removed.line) <= budget:
            budget -= len(removed.line)
            kept.append(removed)
    return sorted(kept, key=lambda line: line.position)
