"""The second look at stories that changed: which clusters belong together now that more is known.

Online, a report goes to the nearest story there is; the report that shows two stories to be one may come later, and so
may the crowd that shows a likeness to be nothing special. So the syndication clusters of the changed stories, and of
the stories that they have bonds with, are put together afresh from their stored bonds: the nearest two groups first, by
average link, until none are near enough. Where they stood before has no part in it, which is why the outcome hardly
depends on the order of arrival; what an editor put together or apart stays so.

A pair of clusters without a bond was never near enough to be compared, and counts as far. Yet of a large story each
member was only ever compared with some: no more than `REACH` comparisons are missed per cluster.

Ids: a story lives on where its canonical cluster went; where several went to one group, the oldest (lowest) id stays
and the others are merged into it. A group that no story claims becomes a story of its own.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from storyfold.matching.event import Bond, EventModel, log_odds, surroundings
from storyfold.matching.story import REPRESENTATIVES

REACH = REPRESENTATIVES
FAR = -5.0  # log-odds of two clusters that were never compared
UNLIKELY = -2.5  # log-odds below which a bond alone is no reason to look at a story: others would have to outweigh it

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Clusters that are one story. `story_id` lives on in it; None: a new one, split from `split_from`.

    `merged` are the stories that go into `story_id`.
    """

    story_id: int | None
    clusters: tuple[int, ...]
    merged: tuple[int, ...] = ()
    split_from: int | None = None


def worth_a_look(stored: Iterable[tuple[int, int, Bond]], own: Collection[int]) -> set[int]:
    """The other ends of those bonds of the articles `own` that may matter: as likely as `UNLIKELY` at least.

    What surrounds the other end is not known yet: it is taken to be as crowded there.
    """
    bonds, mine = list(stored), set(own)
    neighbours: dict[int, list[tuple[int, float]]] = {}
    for a, b, bond in bonds:
        for one, other in ((a, b), (b, a)):
            if one in mine:
                neighbours.setdefault(one, []).append((other, bond.cosine))
    around = {article: surroundings(near) for article, near in neighbours.items()}
    ends = ((one, other, bond) for a, b, bond in bonds for one, other in ((a, b), (b, a)) if one in mine)
    return {other for one, other, bond in ends if log_odds(bond, around[one], around[one]) >= UNLIKELY}


def cluster_links(
    stored: Iterable[tuple[int, int, Bond]],
    cluster_of: Mapping[int, int],
    *,
    within: Collection[int],
    model: EventModel | None = None,
) -> dict[Pair, float]:
    """Mean log-odds between the syndication clusters `within`, by (lower id, higher id).

    `stored`: (article, article, bond), each pair once, all bonds of the articles of those clusters; `cluster_of` knows
    both ends of each. What lies outside counts as surroundings.
    """
    bonds = list(stored)
    neighbours: dict[int, list[tuple[int, float]]] = {}
    for a, b, bond in bonds:
        neighbours.setdefault(a, []).append((b, bond.cosine))
        neighbours.setdefault(b, []).append((a, bond.cosine))
    wanted = set(within)
    around = {a: surroundings(n) for a, n in neighbours.items() if cluster_of[a] in wanted}
    sums: dict[Pair, tuple[float, int]] = {}
    for a, b, bond in bonds:
        pair = _pair(cluster_of[a], cluster_of[b])
        if a in around and b in around and pair[0] != pair[1]:
            total, count = sums.get(pair, (0.0, 0))
            sums[pair] = total + log_odds(bond, around[a], around[b], model=model), count + 1
    return {pair: total / count for pair, (total, count) in sums.items()}


def repair_stories(
    story_of: Mapping[int, int],
    canonical: Mapping[int, int],
    links: Mapping[Pair, float],
    *,
    together: Iterable[Pair] = (),
    apart: Iterable[Pair] = (),
) -> tuple[Group, ...]:
    """The stories as they should stand, those that stay as they are left out.

    `story_of`: the story of each cluster looked at, whole stories only; `canonical`: each story's canonical cluster;
    `links` from `cluster_links`; `together` and `apart`: pairs of clusters that an editor merged or split, the latter
    ruling where they contradict. All maps may be in any order.
    """
    parts = _Parts(sorted(story_of), links, apart)
    parts.join(together)
    parts.fold()
    before: dict[int, set[int]] = {}
    for cluster, story in story_of.items():
        before.setdefault(story, set()).add(cluster)
    after = _named(parts.groups(), story_of, canonical)
    return tuple(g for g in after if g.story_id is None or g.merged or before[g.story_id] != set(g.clusters))


def _pair(a: int, b: int) -> Pair:
    return (a, b) if a <= b else (b, a)


class _Parts:
    """Average-link agglomeration over sparse links. A part is named by its lowest cluster."""

    def __init__(self, clusters: Iterable[int], links: Mapping[Pair, float], apart: Iterable[Pair]) -> None:
        self.members: dict[int, list[int]] = {c: [c] for c in clusters}
        self.near: dict[int, dict[int, tuple[float, int]]] = {c: {} for c in self.members}  # (sum, count) of links
        self.apart: dict[int, set[int]] = {c: set() for c in self.members}
        self.age = dict.fromkeys(self.members, 0)  # counts merges: an offer made before one is stale
        for (a, b), link in links.items():
            if a in self.members and b in self.members:
                self.near[a][b] = self.near[b][a] = (link, 1)
        for a, b in apart:
            if a in self.members and b in self.members:
                self.apart[a].add(b)
                self.apart[b].add(a)

    def join(self, together: Iterable[Pair]) -> None:
        """Put together what an editor put together."""
        home = {c: c for c in self.members}
        for a, b in sorted(together):
            if a in home and b in home and home[a] != home[b] and home[b] not in self.apart[home[a]]:
                kept, gone = _pair(home[a], home[b])
                self._merge(kept, gone)
                home.update(dict.fromkeys(self.members[kept], kept))

    def fold(self) -> None:
        """Merge the nearest two parts while any are near enough."""
        queue: list[tuple[float, int, int, int, int]] = []
        for a in self.members:
            for b in self.near[a]:
                if a < b:
                    self._offer(queue, a, b)
        while queue:
            _, a, b, age_a, age_b = heapq.heappop(queue)
            if self.age.get(a) == age_a and self.age.get(b) == age_b:
                self._merge(a, b)
                for other in self.near[a]:
                    self._offer(queue, *_pair(a, other))

    def groups(self) -> list[list[int]]:
        return [sorted(self.members[c]) for c in sorted(self.members)]

    def link(self, a: int, b: int) -> float:
        """Average link of two parts; see the module on pairs that were never compared."""
        total, count = self.near[a].get(b, (0.0, 0))
        sizes = len(self.members[a]), len(self.members[b])
        expected = max(count, min(sizes[0] * sizes[1], REACH * min(sizes)))
        return (total + FAR * (expected - count)) / expected

    def _offer(self, queue: list[tuple[float, int, int, int, int]], a: int, b: int) -> None:
        link = self.link(a, b)
        if link >= 0 and b not in self.apart[a]:
            heapq.heappush(queue, (-link, a, b, self.age[a], self.age[b]))

    def _merge(self, kept: int, gone: int) -> None:
        self.members[kept] += self.members.pop(gone)
        self.age[kept] += 1
        del self.age[gone]
        for other, (total, count) in self.near.pop(gone).items():
            del self.near[other][gone]
            if other != kept:
                sum_so_far, count_so_far = self.near[kept].get(other, (0.0, 0))
                both = sum_so_far + total, count_so_far + count
                self.near[kept][other] = self.near[other][kept] = both
        for other in self.apart.pop(gone):
            self.apart[other].discard(gone)
            self.apart[other].add(kept)
            self.apart[kept].add(other)


def _named(groups: Iterable[list[int]], story_of: Mapping[int, int], canonical: Mapping[int, int]) -> list[Group]:
    """Groups with their ids. A story whose canonical cluster is not known goes by its oldest."""
    speaks: dict[int, int] = {}
    for cluster in sorted(story_of, reverse=True):
        speaks[story_of[cluster]] = cluster
    speaks |= {story: cluster for story, cluster in canonical.items() if story_of.get(cluster) == story}
    named = []
    for clusters in groups:
        origins = Counter(story_of[c] for c in clusters)
        claims = sorted(s for s in origins if speaks[s] in clusters)
        if claims:
            named.append(Group(claims[0], tuple(clusters), tuple(claims[1:])))
        else:
            origin = min(origins, key=lambda s: (-origins[s], s))
            named.append(Group(None, tuple(clusters), split_from=origin))
    return named
