"""The stored articles around a batch of incoming ones; every article placed becomes part of it at once.

The store loads a neighbourhood once for a batch, so that two copies that arrive together find each other. Everything
here is values: whoever calls writes the placements down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from storyfold.matching.assign import REPRESENTATIVES, Candidate
from storyfold.matching.event import Bond

Place = tuple[int, int]
"""A syndication cluster and its story."""


@dataclass(slots=True)
class Neighbourhood:
    """Candidates by id, and who stands in which cluster and story."""

    by_id: dict[int, Candidate] = field(default_factory=dict)
    _stored: dict[int, list[float]] = field(default_factory=dict)
    _clusters: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _stories: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _bonds: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take in candidates; those known already are left as they are."""
        for candidate in candidates:
            if candidate.id not in self.by_id:
                self.by_id[candidate.id] = candidate
                self._clusters[candidate.cluster_id].append(candidate.id)
                self._stories[candidate.story_id].append(candidate.id)

    def standing(self, places: Mapping[int, Place], without: Collection[int]) -> Neighbourhood:
        """The same articles where they stand now; those that stand nowhere, or are in `without`, are left out.

        The stored bonds of those that stay are kept.
        """
        fresh = Neighbourhood()
        fresh.add(
            candidate._replace(cluster_id=places[id][0], story_id=places[id][1])
            for id, candidate in self.by_id.items()
            if id in places and id not in without
        )
        fresh.know({id: bonds for id, bonds in self._stored.items() if id in fresh.by_id})
        return fresh

    def without(self, ids: Collection[int]) -> Neighbourhood:
        """The others where they stand."""
        return self.standing({c.id: (c.cluster_id, c.story_id) for c in self.by_id.values()}, ids)

    def around(self, ids: Iterable[int]) -> list[Candidate]:
        """The articles of `ids` that are known, and beside each the newest members of its cluster."""
        found: dict[int, Candidate] = {}
        for article in (self.by_id[id] for id in ids if id in self.by_id):
            found[article.id] = article
            found.update((other.id, other) for other in self._newest(self._clusters[article.cluster_id]))
        return list(found.values())

    def telling(self, ids: Sequence[int], *, stories: int) -> list[Candidate]:
        """The articles of `ids` that are known, and the newest known of the first so many stories they stand in."""
        found = {id: self.by_id[id] for id in ids if id in self.by_id}
        for story in self.first_stories(ids, stories):
            found.update((other.id, other) for other in self._newest(self._stories[story]))
        return list(found.values())

    def first_stories(self, ids: Iterable[int], most: int) -> list[int]:
        """The stories that the articles of `ids` stand in, as they are met first."""
        met = dict.fromkeys(self.by_id[id].story_id for id in ids if id in self.by_id)
        return list(met)[:most]

    def know(self, stored: Mapping[int, list[float]]) -> None:
        """Remember the cosines of the stored bonds of articles."""
        self._stored.update(stored)

    def unknown(self, ids: Iterable[int]) -> set[int]:
        """Those of `ids` whose stored bonds are not known here, and which were not placed in this batch."""
        return {id for id in ids if id not in self._stored}

    def forget(self, ids: Iterable[int]) -> set[int]:
        """Their stored bonds may have changed. -> those that were known."""
        return {id for id in ids if self._stored.pop(id, None) is not None}

    def bond(self, article: Candidate, bonds: Iterable[tuple[int, Bond]]) -> None:
        """Remember the bonds of an article placed just now, for both ends."""
        self._stored.setdefault(article.id, [])
        for other_id, bond in bonds:
            self._bonds[article.id].append(bond.cosine)
            self._bonds[other_id].append(bond.cosine)

    def bonded(self, id: int) -> Sequence[float]:
        """The cosines of all bonds known of an article: the stored ones, and those of this batch."""
        return [*self._stored.get(id, ()), *self._bonds[id]]

    def _newest(self, ids: Sequence[int]) -> Iterator[Candidate]:
        return (self.by_id[id] for id in sorted(ids, reverse=True)[:REPRESENTATIVES])
