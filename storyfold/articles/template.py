"""What recurs on a site: lines learned from several of its articles, to be taken out of the next one.

Theory. A line that stands in several different articles of one host is the host's, not an article's. It goes when it
was seen in at least `LEAST_ARTICLES` articles that are not versions of one another, on at least `LEAST_DAYS` days, in
at least `LEAST_SHARE` of the host's last `WINDOW` articles; outside quotes; under `LONGEST_LINE` characters; in the
first or last quarter of the text unless it was seen in `ANYWHERE_ARTICLES` or more. It expires `EXPIRY` after it was
last seen. Lines are removed after extraction: removing blocks before it was measured to cost 4 points of F1.

Two versions of one article (an update, a second URL) share good lines; nearly all false removals came from there. So
articles that share `SAME_ARTICLE_SHARE` of the shorter one's characters count as one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from storyfold.articles.article import Article, RemovedLine, restore

LEAST_ARTICLES = 3
LEAST_DAYS = 2
LEAST_SHARE = 0.05
WINDOW = 200
LONGEST_LINE = 300
ANYWHERE_ARTICLES = 10
EDGE = 0.25
EXPIRY = timedelta(days=30)
SAME_ARTICLE_SHARE = 0.4
TEMPLATE_REASON = "template"

_OPENING_QUOTES = tuple("\"'“„«‘»")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One line of one article: a signed 64-bit hash of it, its place in the text (0 first, 1 last), its characters."""

    line_hash: int
    position: float
    length: int


@dataclass(frozen=True, slots=True)
class SeenArticle:
    """The lines of one earlier article of a host, and the day it was published (else read); None when unknown."""

    day: date | None
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class SiteTemplate:
    """Hashes of the lines that are the host's: those that go at the edges of a text, and those that go anywhere.

    `good` are those a person has marked as good: they stay, whatever was learned and whatever the line rules say.
    """

    at_edges: frozenset[int] = frozenset()
    anywhere: frozenset[int] = frozenset()
    good: frozenset[int] = frozenset()


def line_hash(line: str) -> int:
    """A signed 64-bit hash of the line without regard to case and spacing."""
    normal = " ".join(line.casefold().split())
    return int.from_bytes(
        hashlib.blake2b(normal.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True
    )


def sightings(article: Article) -> tuple[Sighting, ...]:
    """What a store keeps of an article so that its host's template can be learned: one sighting a distinct line.

    Lines that the template took out count as seen (else it would forget them); lines that rules took out do not.
    """
    by_template = [line for line in article.removed if line.reason == TEMPLATE_REASON]
    whole = restore(article, *by_template) if by_template else article
    lines = [line for line in whole.text.split("\n") if line]
    found = {
        hashed: Sighting(hashed, round(_place(i, len(lines)), 3), len(line))
        for i, (line, hashed) in enumerate(zip(lines, map(line_hash, lines), strict=True))
    }
    return tuple(found.values())


def _place(index: int, count: int) -> float:
    return index / (count - 1) if count > 1 else 0.0


def learn_template(history: Sequence[SeenArticle], *, today: date, groups: Sequence[int] | None = None) -> SiteTemplate:
    """The template of a host from its earlier articles, the newest first; only the first `WINDOW` are looked at.

    `groups` are the articles' :func:`version_groups`, where they are known already. Where fewer than two days are
    known among the articles, the rule on days is waived.
    """
    articles = history[:WINDOW]
    groups = groups or version_groups(articles)
    seen: defaultdict[int, set[int]] = defaultdict(set)
    days: defaultdict[int, set[date]] = defaultdict(set)
    for article, group in zip(articles, groups, strict=False):
        for sighting in article.sightings:
            if sighting.length <= LONGEST_LINE:
                seen[sighting.line_hash].add(group)
                days[sighting.line_hash].update([article.day] if article.day else [])
    ask_days = len({article.day for article in articles if article.day}) >= LEAST_DAYS
    least = max(LEAST_ARTICLES, LEAST_SHARE * len(set(groups)))
    often = {line: len(where) for line, where in seen.items() if len(where) >= least}
    recurring = {line for line in often if not ask_days or _is_current(days[line], today)}
    anywhere = frozenset(line for line in recurring if often[line] >= ANYWHERE_ARTICLES)
    return SiteTemplate(at_edges=frozenset(recurring - anywhere), anywhere=anywhere)


def _is_current(days: set[date], today: date) -> bool:
    return len(days) >= LEAST_DAYS and today - max(days) <= EXPIRY


def version_groups(history: Sequence[SeenArticle]) -> list[int]:
    """A number for each article; versions of one article have the same."""
    lengths = [{sighting.line_hash: sighting.length for sighting in article.sightings} for article in history]
    totals = [sum(lines.values()) for lines in lengths]
    groups = list(range(len(history)))
    for a in range(len(history)):
        for b in range(a):
            shorter = min(totals[a], totals[b])
            if groups[a] != groups[b] and shorter:
                shared = sum(lengths[a][line] for line in lengths[a].keys() & lengths[b].keys())
                if shared >= SAME_ARTICLE_SHARE * shorter:
                    old, new = max(groups[a], groups[b]), min(groups[a], groups[b])
                    groups = [new if group == old else group for group in groups]
    return groups


def template_lines(lines: Sequence[str], template: SiteTemplate) -> list[RemovedLine]:
    """The lines of a text that are its host's, in order. `lines` are the non-empty lines of the text."""
    return [
        RemovedLine(line, TEMPLATE_REASON, position)
        for position, line in enumerate(lines)
        if len(line) <= LONGEST_LINE
        and not line.startswith(_OPENING_QUOTES)
        and _is_known(line_hash(line), _place(position, len(lines)), template)
    ]


def _is_known(line: int, place: float, template: SiteTemplate) -> bool:
    if line in template.good:
        return False
    at_edge = place <= EDGE or place >= 1 - EDGE
    return line in template.anywhere or (at_edge and line in template.at_edges)
