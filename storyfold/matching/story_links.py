"""How near the syndication clusters of stories are to each other as reports of an event, from their stored bonds.

All of it on whole columns: a second look at 250 stories meets a hundred thousand bonds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.event import I64, BondTable, EventModel, log_odds_of, surroundings_of
from storyfold.matching.event_features import F64

UNLIKELY = -2.5  # log-odds below which a bond alone is no reason to look at a story: others would have to outweigh it


@dataclass(frozen=True, slots=True)
class LinkTable:
    """Links of pairs of clusters by column: row for row the lower id, the higher id, and the mean log-odds."""

    one: I64
    other: I64
    link: F64

    @staticmethod
    def of(links: Mapping[tuple[int, int], float]) -> LinkTable:
        """From link by (lower id, higher id)."""
        pairs = np.array(list(links), np.int64).reshape(-1, 2)
        return LinkTable(pairs[:, 0], pairs[:, 1], np.array(list(links.values()), float))

    def __len__(self) -> int:
        return len(self.one)

    def rows(self, which: NDArray[Any]) -> LinkTable:
        """Some of them, by mask or by place."""
        return LinkTable(self.one[which], self.other[which], self.link[which])


def worth_a_look(bonds: BondTable, own: I64) -> I64:
    """The other ends of those bonds of the articles `own` that may matter: as likely as `UNLIKELY` at least.

    What surrounds the other end is not known yet: it is taken to be as crowded there.
    """
    mine = np.unique(own)
    ends, others = np.concatenate([bonds.one, bonds.other]), np.concatenate([bonds.other, bonds.one])
    place, known = places(mine, ends)
    row, place = np.flatnonzero(known), place[known]
    bonds_of_mine = bonds.rows(row % max(len(bonds), 1))
    around = surroundings_of(len(mine), place, bonds_of_mine.cosine)
    return np.unique(others[row[log_odds_of(bonds_of_mine, around, place, place) >= UNLIKELY]])


def cluster_links(bonds: BondTable, articles: I64, clusters: I64, *, model: EventModel | None = None) -> LinkTable:
    """Mean log-odds between the syndication clusters of `articles` that have bonds with each other.

    `clusters`: the cluster of each of `articles`, in their order; `bonds`: all that one of these articles has. What
    else they have bonds with counts as surroundings.
    """
    order = np.argsort(articles)
    ids, cluster = articles[order], clusters[order]
    (one, knows_one), (other, knows_other) = places(ids, bonds.one), places(ids, bonds.other)
    whose = np.concatenate([one[knows_one], other[knows_other]])
    near = np.concatenate([bonds.cosine[knows_one], bonds.cosine[knows_other]])
    around = surroundings_of(len(ids), whose, near)
    between = knows_one & knows_other
    between[between] = cluster[one[between]] != cluster[other[between]]
    one, other = one[between], other[between]
    odds = log_odds_of(bonds.rows(between), around, one, other, model=model)
    return _means(cluster[one], cluster[other], odds)


def places(ids: I64, wanted: I64) -> tuple[I64, NDArray[np.bool_]]:
    """Where each of `wanted` stands in `ids` (sorted, each once), and whether it does: elsewhere the place is idle."""
    if not len(ids):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return place, ids[place] == wanted


def _means(one: I64, other: I64, odds: F64) -> LinkTable:
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    first = np.flatnonzero(np.concatenate([[True], (np.diff(low) != 0) | (np.diff(high) != 0)])[: len(low)])
    counts = np.diff(np.append(first, len(low)))
    sums = np.add.reduceat(odds[order], first) if len(first) else np.zeros(0)
    return LinkTable(low[first], high[first], sums / counts)
