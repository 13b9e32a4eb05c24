"""The second look at syndication clusters that changed: what the order of arrival put together or kept apart wrongly.

Two rewrites of an article that comes in later may start two clusters; the article then belongs to both. Only clusters
that changed, and those they touch, are looked at. All is decided here from values; the caller applies it, keeps the
older cluster's id and leaves alone what an editor fixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.assign import REPRESENTATIVES
from storyfold.matching.features import features
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Model, shipped_model

STAY = (
    0.6  # a member leaves only where it hangs on by less than this share of the line: what is joined resists a little
)

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Member:
    """An article in a cluster that is looked at again."""

    id: int
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Repairs:
    """`merges`: (cluster that stays, cluster that goes into it). `splits`: (cluster, articles that leave it).

    Splits hold for the clusters as they were handed in, and are to be applied before the merges. A cluster id is older
    the lower it is.
    """

    merges: tuple[tuple[int, int], ...]
    splits: tuple[tuple[int, tuple[int, ...]], ...]


def repair(clusters: Mapping[int, Sequence[Member]], idf: Idf, model: Model | None = None) -> Repairs:
    """Merges and splits among `clusters` (changed ones and the ones they have candidates in)."""
    model = model or shipped_model()
    splits, kept = [], {}
    for cluster_id in sorted(clusters):
        members = sorted(clusters[cluster_id], key=lambda m: m.id)
        leaving = _leaving(members, idf, model)
        if leaving:
            splits.append((cluster_id, tuple(sorted(leaving))))
        kept[cluster_id] = [m for m in members if m.id not in leaving]
    return Repairs(_merges(kept, idf, model), tuple(splits))


def _leaving(members: Sequence[Member], idf: Idf, model: Model) -> set[int]:
    """Members whose average link to the others is below the line for staying; the weakest goes first."""
    gone: set[int] = set()
    if len(members) < 3:  # of two that were joined neither is the stranger
        return gone
    shown = members[: 2 * REPRESENTATIVES]
    links = _links([m.fingerprint for m in shown], idf, model)
    alive = list(range(len(shown)))
    while len(alive) > 2:
        near = links[np.ix_(alive, alive)]
        mean = (near.sum(axis=1) - near.diagonal()) / (len(alive) - 1)
        weakest = int(mean.argmin())
        if mean[weakest] >= STAY * model.line:
            break
        gone.add(shown[alive.pop(weakest)].id)
    return gone


def _links(articles: Sequence[Fingerprint], idf: Idf, model: Model) -> F64:
    links = np.eye(len(articles))
    for i, article in enumerate(articles[:-1]):
        links[i, i + 1 :] = model.scores(features(article, articles[i + 1 :], idf))
        links[i + 1 :, i] = links[i, i + 1 :]
    return links


def _merges(clusters: Mapping[int, Sequence[Member]], idf: Idf, model: Model) -> tuple[tuple[int, int], ...]:
    """Greedy: the nearest two clusters go together, until none are as near as the line."""
    heads = {c: [m.fingerprint for m in ms[:REPRESENTATIVES]] for c, ms in clusters.items() if ms}
    links = _cluster_links(heads, idf, model)
    sizes = {c: len(h) for c, h in heads.items()}
    merges = []
    while links:
        (a, b), link = max(links.items(), key=lambda item: (item[1], -item[0][0], -item[0][1]))
        if link < model.line:
            break
        merges.append((a, b))
        links = _joined(links, sizes, a, b)
    return tuple(merges)


def _cluster_links(heads: Mapping[int, Sequence[Fingerprint]], idf: Idf, model: Model) -> dict[tuple[int, int], float]:
    ids, links = sorted(heads), {}
    for n, a in enumerate(ids[:-1]):
        others = [f for b in ids[n + 1 :] for f in heads[b]]
        scores = np.mean([model.scores(features(f, others, idf)) for f in heads[a]], axis=0)
        start = 0
        for b in ids[n + 1 :]:
            links[a, b] = float(scores[start : start + len(heads[b])].mean())
            start += len(heads[b])
    return links


def _joined(links: dict[tuple[int, int], float], sizes: dict[int, int], a: int, b: int) -> dict[tuple[int, int], float]:
    """Links after b went into a: the average of both, weighted by size."""
    rest = {pair: link for pair, link in links.items() if b not in pair}
    for pair in [p for p in rest if a in p]:
        other = pair[0] if pair[1] == a else pair[1]
        with_b = links.get((min(b, other), max(b, other)), 0.0)
        rest[pair] = (rest[pair] * sizes[a] + with_b * sizes[b]) / (sizes[a] + sizes[b])
    sizes[a] += sizes.pop(b)
    return rest
