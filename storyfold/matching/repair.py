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


class Scores:
    """How near pairs of articles are; each pair is computed once."""

    def __init__(self, idf: Idf, model: Model | None = None) -> None:
        self.model = model or shipped_model()
        self._idf = idf
        self._known: dict[tuple[int, int], float] = {}

    def between(self, article: Member, others: Sequence[Member]) -> F64:
        """The score of `article` with each of `others`."""
        pairs = [(min(article.id, o.id), max(article.id, o.id)) for o in others]
        fresh = [n for n, pair in enumerate(pairs) if pair not in self._known]
        if fresh:
            rows = features(article.fingerprint, [others[n].fingerprint for n in fresh], self._idf)
            found = self.model.scores(rows).tolist()
            self._known.update((pairs[n], score) for n, score in zip(fresh, found, strict=True))
        return np.array([self._known[pair] for pair in pairs])


def repair(
    clusters: Mapping[int, Sequence[Member]], idf: Idf, model: Model | None = None, *, scores: Scores | None = None
) -> Repairs:
    """Merges and splits among `clusters` (changed ones and the ones they have candidates in).

    `scores` may be shared by calls that look at the same articles.
    """
    scores = scores or Scores(idf, model)
    splits, kept = [], {}
    for cluster_id in sorted(clusters):
        members = sorted(clusters[cluster_id], key=lambda m: m.id)
        leaving = _leaving(members, scores)
        if leaving:
            splits.append((cluster_id, tuple(sorted(leaving))))
        kept[cluster_id] = [m for m in members if m.id not in leaving]
    return Repairs(_merges(kept, scores), tuple(splits))


def _leaving(members: Sequence[Member], scores: Scores) -> set[int]:
    """Members whose average link to the others is below the line for staying; the weakest goes first."""
    gone: set[int] = set()
    if len(members) < 3:  # of two that were joined neither is the stranger
        return gone
    shown = members[: 2 * REPRESENTATIVES]
    links = _links(shown, scores)
    alive = list(range(len(shown)))
    while len(alive) > 2:
        near = links[np.ix_(alive, alive)]
        mean = (near.sum(axis=1) - near.diagonal()) / (len(alive) - 1)
        weakest = int(mean.argmin())
        if mean[weakest] >= STAY * scores.model.line:
            break
        gone.add(shown[alive.pop(weakest)].id)
    return gone


def _links(articles: Sequence[Member], scores: Scores) -> F64:
    links = np.eye(len(articles))
    for i, article in enumerate(articles[:-1]):
        links[i, i + 1 :] = scores.between(article, articles[i + 1 :])
        links[i + 1 :, i] = links[i, i + 1 :]
    return links


def _merges(clusters: Mapping[int, Sequence[Member]], scores: Scores) -> tuple[tuple[int, int], ...]:
    """Greedy: the nearest two clusters go together, until none are as near as the line."""
    heads = {c: ms[:REPRESENTATIVES] for c, ms in clusters.items() if ms}
    links = _cluster_links(heads, scores)
    sizes = {c: len(h) for c, h in heads.items()}
    merges = []
    while links:
        (a, b), link = max(links.items(), key=lambda item: (item[1], -item[0][0], -item[0][1]))
        if link < scores.model.line:
            break
        merges.append((a, b))
        links = _joined(links, sizes, a, b)
    return tuple(merges)


def _cluster_links(heads: Mapping[int, Sequence[Member]], scores: Scores) -> dict[tuple[int, int], float]:
    ids, links = sorted(heads), {}
    for n, a in enumerate(ids[:-1]):
        others = [m for b in ids[n + 1 :] for m in heads[b]]
        near = np.mean([scores.between(m, others) for m in heads[a]], axis=0)
        start = 0
        for b in ids[n + 1 :]:
            links[a, b] = float(near[start : start + len(heads[b])].mean())
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
