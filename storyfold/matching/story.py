"""Which story an incoming report belongs to: the decision, from values alone.

The report is compared with the articles nearest to it and with a dozen representatives of their stories at most, so
that a story of 2,000 articles costs no more than one of 20: the canonical article, the newest, and the heads of
syndication clusters. A story is as near as its representatives are on average, the later ones counting most; one
accidental likeness does not chain two stories together. Copies, reprints and rewrites are not decided here: they share
a cluster, and with it the story. A report may still go to a story in error, or start one that two others turn out to be
part of: `story_repair` looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from storyfold.matching.event import (
    Bond,
    EventModel,
    bonds,
    log_odds,
    probability,
    surroundings,
    within_window,
)
from storyfold.matching.event_features import F64, Report
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf

REPRESENTATIVES = 12
HALF_LIFE_DAYS = 2.0  # a representative published this much further off counts half


@dataclass(frozen=True, slots=True)
class Told:
    """A stored article near the incoming one. `neighbours`: (article, cosine) of its stored bonds, in any order."""

    id: int
    cluster_id: int
    story_id: int
    report: Report
    neighbours: Sequence[tuple[int, float]] = ()

    @property
    def fingerprint(self) -> Fingerprint:
        return self.report.fingerprint

    @property
    def event_days(self) -> tuple[int, ...]:
        return self.report.event_days


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story, as far as the choice of representatives goes. `head`: it heads its syndication cluster."""

    id: int
    day: int | None
    head: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """`story_id` is None where the report opens a story. `matched_id` is its nearest article there.

    `score` is the probability of one event with the nearest story (joined or not), 0 where there is none. `bonds` are
    to be stored, by article id. `links` are the log-odds to each story compared, nearest first, above 0 to join.
    """

    story_id: int | None
    matched_id: int | None
    score: float
    bonds: tuple[tuple[int, Bond], ...]
    links: tuple[tuple[int, float], ...]


def place(
    article: Report,
    told: Sequence[Told],
    idf: Idf,
    *,
    apart: frozenset[int] = frozenset(),
    relation: F64 | None = None,
    model: EventModel | None = None,
    compare: Callable[[Sequence[Told]], Sequence[Bond]] | None = None,
) -> Placement:
    """The story of an incoming report that no syndication cluster took. `told`: candidates and representatives.

    Never a story of `apart`, from which an editor has split this article. `relation` are the rows of
    `features.features` for `told`, where they are known; `compare` finds the bonds itself, where some are known. The
    outcome does not depend on the order of `told`.
    """
    near = [i for i, t in enumerate(told) if within_window(article.fingerprint.day, t.report.fingerprint.day)]
    rows = relation[near] if relation is not None else None
    others = [told[i] for i in near]
    if compare is not None:
        found = compare(others)
    else:
        found = bonds(article, [t.report for t in others], idf, relation=rows, model=model)
    around = surroundings([(t.id, b.cosine) for t, b in zip(others, found, strict=True)])
    odds: dict[int, list[tuple[float, int, Told]]] = {}
    for other, bond in zip(others, found, strict=True):
        # the incoming article is a neighbour from now on; no stored one has the id -1
        theirs = surroundings([*other.neighbours, (-1, bond.cosine)])
        odds.setdefault(other.story_id, []).append((log_odds(bond, around, theirs, model=model), other.id, other))
    links = {story: story_link(article.fingerprint.day, pairs) for story, pairs in odds.items()}
    ranked = sorted(((s, link) for s, link in links.items() if s not in apart), key=lambda p: (-p[1], p[0]))
    kept = tuple(sorted((t.id, b) for t, b in zip(others, found, strict=True)))
    if not ranked:
        return Placement(None, None, 0.0, kept, ())
    best, link = ranked[0]
    matched = max(odds[best], key=lambda p: (p[0], -p[1]))[1]
    score = probability(link, model=model)
    if link < 0:
        return Placement(None, None, score, kept, tuple(ranked))
    return Placement(best, matched, score, kept, tuple(ranked))


def story_link(day: int | None, pairs: Iterable[tuple[float, int, Told]]) -> float:
    """Mean log-odds to a story's articles: per syndication cluster first, then over clusters, decaying with time."""
    clusters: dict[int, list[tuple[float, float]]] = {}
    for odds, _, told in pairs:
        clusters.setdefault(told.cluster_id, []).append((odds, decay(day, told.report.fingerprint.day)))
    means = [(sum(o for o, _ in c) / len(c), max(w for _, w in c)) for c in clusters.values()]
    means = sorted(means, reverse=True)[:REPRESENTATIVES]
    return sum(o * w for o, w in means) / sum(w for _, w in means)


def decay(day: int | None, other: int | None) -> float:
    """What a representative counts, 0 to 1; all the same where a date is missing."""
    return 1.0 if day is None or other is None else 0.5 ** (abs(day - other) / HALF_LIFE_DAYS)


def representatives(members: Sequence[Member], canonical_id: int | None) -> tuple[int, ...]:
    """At most `REPRESENTATIVES` article ids that stand for a story: the canonical one, then by turns the newest
    articles and the heads of clusters, the newest first. Does not depend on the order of `members`."""
    newest = sorted(members, key=lambda m: (m.day is not None, m.day or 0, m.id), reverse=True)
    heads = [m.id for m in newest if m.head][:REPRESENTATIVES]
    by_turns = (pair for pair in zip_longest((m.id for m in newest[:REPRESENTATIVES]), heads))
    ids = [id for pair in by_turns for id in pair if id is not None]
    first = [canonical_id] if canonical_id is not None else []
    return tuple(dict.fromkeys([*first, *ids]))[:REPRESENTATIVES]
