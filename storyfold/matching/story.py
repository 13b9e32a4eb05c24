"""Which story an incoming report belongs to: the decision, from values alone.

The report is compared with the articles nearest to it and with a dozen representatives of their stories at most, so
that a story of 2,000 articles costs no more than one of 20: the canonical article, the newest, and the heads of
syndication clusters. Copies, reprints and rewrites are not decided here: they share a cluster, and with it the story.

A story is as near as its clusters are on average, the later ones counting most; one accidental likeness does not chain
two stories together. `story_repair` looks again at all that is decided here, and what it does not uphold is undone
under the eyes of readers. So this measures as it will: by the bonds that are kept, with `FAR` for a cluster that has
none with the report; and a story of which only some is at hand is not joined, as the rest might be far. What comes in
later is not known here but will have a say there: it is stood for by one report that is rather not near (`UNSEEN`).
A likeness that may not hold is left to the second look, for which putting two stories together is little work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np

from storyfold.matching.event import (
    NEIGHBOURS,
    Bond,
    BondTable,
    EventModel,
    log_odds_of,
    probability,
    surroundings_of,
)

REPRESENTATIVES = 12
HALF_LIFE_DAYS = 2.0  # a representative published this much further off counts half
BONDS_KEPT = NEIGHBOURS  # of a report, the nearest: as many as surroundings are made of
FAR = -5.0  # log-odds of two that were never compared, or whose bond was not worth keeping
UNSEEN = -1.0
"""Log-odds to the one report that stands for what is yet to come. See docs/stories.md for the figures."""


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
    to be stored, by article id. `links` are the log-odds to each story that could be joined, nearest first, above 0 to
    join.
    """

    story_id: int | None
    matched_id: int | None
    score: float
    bonds: tuple[tuple[int, Bond], ...]
    links: tuple[tuple[int, float], ...]


class Likeness(NamedTuple):
    """How likely it is that the report and a stored article tell one event. `odds` are None where no bond is kept."""

    told: Told
    odds: float | None


def place(
    day: int | None,
    told: Sequence[Told],
    bonds: Sequence[Bond],
    *,
    whole: Collection[int],
    apart: frozenset[int] = frozenset(),
    model: EventModel | None = None,
) -> Placement:
    """The story of an incoming report of `day` that no syndication cluster took.

    `told`: candidates and representatives, all `within_window` of the day; `bonds`: the report's with each of them.
    Only a story of `whole` can be joined: those whose representatives are all among `told`. Never one of `apart`, from
    which an editor has split this article. The outcome does not depend on the order of `told`.
    """
    kept = nearest_bonds([(t.id, bond) for t, bond in zip(told, bonds, strict=True)])
    joinable = frozenset(whole) - apart
    stories = _by_story(told, bonds, {id for id, _ in kept}, joinable, model) if told else {}
    links = {story: story_link(day, alike) for story, alike in stories.items()}
    ranked = tuple(sorted(links.items(), key=lambda pair: (-pair[1], pair[0])))
    if not ranked:
        return Placement(None, None, 0.0, kept, ())
    best, link = ranked[0]
    score = probability(link, model=model)
    if link < 0:
        return Placement(None, None, score, kept, ranked)
    return Placement(best, _nearest(stories[best]), score, kept, ranked)


def nearest_bonds(found: Sequence[tuple[int, Bond]]) -> tuple[tuple[int, Bond], ...]:
    """The bonds worth keeping, by article id: the nearest, the nearest first."""
    return tuple(sorted(found, key=lambda pair: (-pair[1].cosine, pair[0]))[:BONDS_KEPT])


def _by_story(
    told: Sequence[Told], bonds: Sequence[Bond], kept: Set[int], joinable: Set[int], model: EventModel | None
) -> dict[int, list[Likeness]]:
    """What is known of each of the stories `joinable`, for those that have a bond that is kept."""
    stories: dict[int, list[Likeness]] = {}
    for other, odds in zip(told, _log_odds(told, bonds, model), strict=True):
        if other.story_id in joinable:
            stories.setdefault(other.story_id, []).append(Likeness(other, odds if other.id in kept else None))
    return {story: alike for story, alike in stories.items() if any(one.odds is not None for one in alike)}


def _nearest(alike: Iterable[Likeness]) -> int:
    """The article most likely to tell the same event, of those that a bond is kept with."""
    return max((one.odds, -one.told.id, one.told.id) for one in alike if one.odds is not None)[2]


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


def story_link(day: int | None, alike: Iterable[Likeness]) -> float:
    """Mean log-odds to a story's articles: per syndication cluster first, then over clusters, decaying with time.

    A cluster without a bond that is kept is `FAR`; what is yet to come counts as one more, `UNSEEN`.
    """
    clusters: dict[int, list[Likeness]] = {}
    for one in alike:
        clusters.setdefault(one.told.cluster_id, []).append(one)
    means = [(_cluster_link(c), max(decay(day, one.told.day) for one in c)) for c in clusters.values()]
    means = [*sorted(means, reverse=True)[:REPRESENTATIVES], (UNSEEN, 1.0)]
    return sum(o * w for o, w in means) / sum(w for _, w in means)


def _cluster_link(alike: Iterable[Likeness]) -> float:
    odds = [one.odds for one in alike if one.odds is not None]
    return sum(odds) / len(odds) if odds else FAR


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
