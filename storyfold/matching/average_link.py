"""Agglomeration by average link, over links of which most are missing: the nearest two parts first, while any are near.

A pair without a link was never near enough to be compared, and counts as `FAR`. Yet of a large story each member was
only ever compared with some: no more than `REACH` comparisons are missed per member of the smaller part.

**Islands.** Two parts merge only where the average of their links, `FAR` for each that is missed, is 0 at least. As
`FAR` is below 0, one of the links themselves must then be 0 at least. Hence whatever is ever in one part hangs together
by such links (and by what was put together before), and what does not can be worked on apart: no link between two
islands has a say in any merge, and a merge within one changes nothing in another. Within an island the order of the
merges is the same, so the outcome is. An island in which all pairs have links of 0 at least, none held apart, needs no
work: any two parts of it miss no link and have an average of 0 at least, so that it ends as one.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from storyfold.matching.event import I64
from storyfold.matching.story import REPRESENTATIVES
from storyfold.matching.story_links import LinkTable, places

REACH = REPRESENTATIVES
FAR = -5.0  # log-odds of two that were never compared

Pair = tuple[int, int]
_Offer = tuple[float, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Island:
    """Members, sorted, and what is between them."""

    members: list[int]
    links: LinkTable
    together: list[Pair] = field(default_factory=list)
    apart: list[Pair] = field(default_factory=list)


def agglomerate(
    ids: Collection[int], links: LinkTable, *, together: Iterable[Pair] = (), apart: Iterable[Pair] = ()
) -> list[list[int]]:
    """The groups that `ids` form, each sorted, in order of the lowest.

    `together` are put together first, unless they are `apart`, as are then all they stand with. Pairs that `ids` does
    not know are left out.
    """
    known = np.array(sorted(ids), np.int64)
    inner = links.rows(places(known, links.one)[1] & places(known, links.other)[1])
    joined, held = ([(a, b) for a, b in pairs if a in ids and b in ids] for pairs in (together, apart))
    return sorted(group for island in _islands(known, inner, joined, held) for group in _groups(island))


def _groups(island: _Island) -> list[list[int]]:
    pairs = len(island.members) * (len(island.members) - 1) // 2
    if np.count_nonzero(island.links.link >= 0) == pairs and not island.apart:
        return [island.members]
    parts = _Parts(island)
    parts.join(island.together)
    parts.fold()
    return parts.groups()


def _islands(known: I64, links: LinkTable, together: Sequence[Pair], apart: Iterable[Pair]) -> Iterable[_Island]:
    """What hangs together by links of 0 at least or by `together`."""
    near = links.rows(links.link >= 0)
    root = _roots(known.tolist(), [*zip(near.one.tolist(), near.other.tolist(), strict=True), *together])
    label = np.array([root[each] for each in known.tolist()], np.int64)
    members, names = _by(label)
    one, other = label[places(known, links.one)[0]], label[places(known, links.other)[0]]
    within = np.flatnonzero(one == other)
    rows, roots = _by(one[within])
    between = {name: links.rows(within[row]) for name, row in zip(roots, rows, strict=True)}
    none = links.rows(within[:0])
    islands = {
        name: _Island(known[member].tolist(), between.get(name, none))
        for name, member in zip(names, members, strict=True)
    }
    for a, b in together:
        islands[root[a]].together.append((a, b))
    for a, b in apart:
        if root[a] == root[b]:
            islands[root[a]].apart.append((a, b))
    return islands.values()


def _by(label: I64) -> tuple[list[I64], list[int]]:
    """The places of each label, in order, and the labels."""
    order = np.argsort(label, kind="stable")
    names, starts = np.unique(label[order], return_index=True)
    return np.split(order, starts[1:]) if len(names) else [], names.tolist()


def _roots(ids: Iterable[int], pairs: Iterable[Pair]) -> dict[int, int]:
    """The lowest of all that each hangs together with."""
    root = {each: each for each in ids}

    def find(each: int) -> int:
        while root[each] != each:
            root[each] = each = root[root[each]]
        return each

    for a, b in pairs:
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return {each: find(each) for each in root}


class _Parts:
    """Parts of what was given, at first one of each. A part is named by its lowest member."""

    def __init__(self, island: _Island) -> None:
        self._members: dict[int, list[int]] = {each: [each] for each in island.members}
        self._near: dict[int, dict[int, tuple[float, int]]] = {each: {} for each in self._members}  # (sum, count)
        self._apart: dict[int, set[int]] = {}
        self._age = dict.fromkeys(self._members, 0)  # counts merges: an offer made before one is stale
        links = island.links
        for a, b, link in zip(links.one.tolist(), links.other.tolist(), links.link.tolist(), strict=True):
            self._near[a][b] = self._near[b][a] = (link, 1)
        for a, b in island.apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def join(self, together: Iterable[Pair]) -> None:
        """Put together what somebody put together, unless he put it apart."""
        home = {each: each for each in self._members}
        for a, b in sorted(together):
            if home[a] != home[b] and home[b] not in self._apart.get(home[a], ()):
                kept, gone = min(home[a], home[b]), max(home[a], home[b])
                self._merge(kept, gone)
                home.update(dict.fromkeys(self._members[kept], kept))

    def fold(self) -> None:
        """Merge the nearest two parts while any are near enough."""
        queue = [offer for part in self._members for offer in self._offers(part) if offer[1] == part]
        heapq.heapify(queue)
        age = self._age
        while queue:
            _, a, b, age_a, age_b = heapq.heappop(queue)
            if age.get(a) == age_a and age.get(b) == age_b:
                self._merge(a, b)
                for offer in self._offers(a):
                    heapq.heappush(queue, offer)

    def groups(self) -> list[list[int]]:
        """The members of each part, sorted, by the lowest."""
        return [sorted(self._members[part]) for part in sorted(self._members)]

    def _offers(self, part: int) -> list[_Offer]:
        """(-average link, lower part, higher part, their ages) with every part that is near enough.

        This is where the time goes: no sum below 0 makes an average that is not.
        """
        size, age, apart = len(self._members[part]), self._age[part], self._apart.get(part, ())
        offers = []
        for other, (total, count) in self._near[part].items():
            if total < 0 or other in apart:
                continue
            larger = len(self._members[other])
            smaller, larger = (size, larger) if size < larger else (larger, size)
            expected = max(count, smaller * min(larger, REACH))
            link = (total + FAR * (expected - count)) / expected
            if link >= 0:
                ages = (age, self._age[other]) if part < other else (self._age[other], age)
                offers.append((-link, min(part, other), max(part, other), *ages))
        return offers

    def _merge(self, kept: int, gone: int) -> None:
        self._members[kept] += self._members.pop(gone)
        self._age[kept] += 1
        del self._age[gone]
        near = self._near
        mine = near[kept]
        for other, (total, count) in near.pop(gone).items():
            theirs = near[other]
            del theirs[gone]
            if other != kept:
                sum_so_far, count_so_far = mine.get(other, (0.0, 0))
                mine[other] = theirs[kept] = (sum_so_far + total, count_so_far + count)
        for other in self._apart.pop(gone, ()):
            self._apart[other].discard(gone)
            self._apart[other].add(kept)
            self._apart.setdefault(kept, set()).add(other)
