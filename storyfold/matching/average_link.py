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
from itertools import pairwise

import numpy as np

from storyfold.matching.event import I64
from storyfold.matching.story import FAR, REPRESENTATIVES
from storyfold.matching.story_links import LinkTable, places

REACH = REPRESENTATIVES

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
    """Parts of what was given, at first one of each. A part is named by its lowest member.

    Most links are below 0, and a pair of parts with no other between them cannot merge: such links are only summed up
    for pairs that have one, when they come to have it. `_near` holds (sum, count) of all links of a pair of parts with
    a link of 0 at least, `_far` the links below 0 of single members.
    """

    def __init__(self, island: _Island) -> None:
        self._members: dict[int, list[int]] = {each: [each] for each in island.members}
        self._home = {each: each for each in island.members}
        self._age = dict.fromkeys(island.members, 0)  # counts merges: an offer made before one is stale
        near = island.links.link >= 0
        near_of, self._far = (_Beside(island.members, island.links.rows(rows)) for rows in (near, ~near))
        self._near = {a: {b: (link, 1) for b, link in near_of[a].items()} for a in island.members}
        self._apart: dict[int, set[int]] = {}
        for a, b in island.apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def join(self, together: Iterable[Pair]) -> None:
        """Put together what somebody put together, unless he put it apart."""
        for pair in sorted(together):
            a, b = sorted(self._home[each] for each in pair)
            if a != b and b not in self._apart.get(a, ()):
                self._merge(a, b)

    def fold(self) -> None:
        """Merge the nearest two parts while any are near enough."""
        queue = [offer for part in self._members for offer in self._offers(part) if part == offer[1]]
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
        """(-average link, lower part, higher part, their ages) with every part that is near enough."""
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
        mine, theirs = self._near[kept], self._near.pop(gone)
        mine.pop(gone, None)
        theirs.pop(kept, None)
        for other in mine.keys() | theirs.keys():
            one = mine[other] if other in mine else self._far_links(kept, other)
            two = theirs[other] if other in theirs else self._far_links(gone, other)
            self._near[other].pop(gone, None)
            mine[other] = self._near[other][kept] = (one[0] + two[0], one[1] + two[1])
        members = self._members.pop(gone)
        self._members[kept] += members
        self._home.update(dict.fromkeys(members, kept))
        self._age[kept] += 1
        del self._age[gone]
        for other in self._apart.pop(gone, ()):
            self._apart[other].discard(gone)
            self._apart[other].add(kept)
            self._apart.setdefault(kept, set()).add(other)

    def _far_links(self, a: int, b: int) -> tuple[float, int]:
        """(sum, count) of the links of two parts that have none but below 0: `FAR` is not among them."""
        if len(self._members[a]) > len(self._members[b]):
            a, b = b, a
        home, others, total, count = self._home, self._members[b], 0.0, 0
        for each in self._members[a]:
            beside = self._far[each]
            if len(beside) < len(others):
                found = [link for other, link in beside.items() if home[other] == b]
            else:
                found = [beside[other] for other in others if other in beside]
            total += sum(found)
            count += len(found)
        return total, count


class _Beside(dict[int, dict[int, float]]):
    """The links of each of `members` (sorted), by the other; made up when they are asked for."""

    def __init__(self, members: Sequence[int], links: LinkTable) -> None:
        ends, others = np.concatenate([links.one, links.other]), np.concatenate([links.other, links.one])
        order = np.argsort(ends, kind="stable")
        bounds = [*np.searchsorted(ends[order], members).tolist(), len(ends)]
        self._rows = dict(zip(members, pairwise(bounds), strict=True))
        self._others, self._links = others[order], np.tile(links.link, 2)[order]

    def __missing__(self, each: int) -> dict[int, float]:
        low, high = self._rows[each]
        self[each] = made = dict(zip(self._others[low:high].tolist(), self._links[low:high].tolist(), strict=True))
        return made
