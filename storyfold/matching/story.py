"""Which story an incoming report belongs to: the decision, from values alone.

The report is compared with the articles nearest to it and with a dozen representatives of their stories at most, so
that a story of 2,000 articles costs no more than one of 20: the canonical article, the newest, and the heads of
syndication clusters. A story is as near as its representatives are on average, the later ones counting most; one
accidental likeness does not chain two stories together. Copies, reprints and rewrites are not decided here: they share
a cluster, and with it the story. A report may still go to a story in error, or start one that two others turn out to be
part of: `story_repair` looks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np

from storyfold.matching.event import Bond, BondTable, EventModel, log_odds_of, probability, surroundings_of

REPRESENTATIVES = 12
HALF_LIFE_DAYS = 2.0  # a representative published this much further off counts half


class Told(NamedTuple):
    """A stored article near the incoming one. `day` of publication is an ordinal, if known.

    `cosines` are those of its stored bonds, in any order: how crowded it is around it.
    """

    id: int
    cluster_id: int
    story_id: int
    day: int | None
    cosines: Sequence[float] = ()


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
    day: int | None,
    told: Sequence[Told],
    bonds: Sequence[Bond],
    *,
    apart: frozenset[int] = frozenset(),
    model: EventModel | None = None,
) -> Placement:
    """The story of an incoming report of `day` that no syndication cluster took.

    `told`: candidates and representatives, all `within_window` of the day; `bonds`: the report's with each of them.
    Never a story of `apart`, from which an editor has split this article. The outcome does not depend on the order of
    `told`.
    """
    if not told:
        return Placement(None, None, 0.0, (), ())
    odds: dict[int, list[tuple[float, int, Told]]] = {}
    for other, likely in zip(told, _log_odds(told, bonds, model), strict=True):
        odds.setdefault(other.story_id, []).append((likely, other.id, other))
    links = {story: story_link(day, pairs) for story, pairs in odds.items()}
    ranked = sorted(((s, link) for s, link in links.items() if s not in apart), key=lambda p: (-p[1], p[0]))
    kept = tuple(sorted((t.id, b) for t, b in zip(told, bonds, strict=True)))
    if not ranked:
        return Placement(None, None, 0.0, kept, ())
    best, link = ranked[0]
    matched = max(odds[best], key=lambda p: (p[0], -p[1]))[1]
    score = probability(link, model=model)
    if link < 0:
        return Placement(None, None, score, kept, tuple(ranked))
    return Placement(best, matched, score, kept, tuple(ranked))


def _log_odds(told: Sequence[Told], bonds: Sequence[Bond], model: EventModel | None) -> list[float]:
    """With each of `told`; the incoming report is a neighbour of each from now on, and they are its own."""
    own = len(told)
    here = np.arange(own)
    table = BondTable(np.full(own, own), here, *np.array(bonds).T)
    whose = np.concatenate([np.repeat(here, [len(t.cosines) for t in told]), here, table.one])
    stored = np.fromiter(chain.from_iterable(t.cosines for t in told), np.float64)
    around = surroundings_of(own + 1, whose, np.concatenate([stored, table.cosine, table.cosine]))
    likely: list[float] = log_odds_of(table, around, table.one, table.other, model=model).tolist()
    return likely


def story_link(day: int | None, pairs: Iterable[tuple[float, int, Told]]) -> float:
    """Mean log-odds to a story's articles: per syndication cluster first, then over clusters, decaying with time."""
    clusters: dict[int, list[tuple[float, float]]] = {}
    for odds, _, told in pairs:
        clusters.setdefault(told.cluster_id, []).append((odds, decay(day, told.day)))
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
