"""The stored articles around a batch of incoming ones; every article placed becomes part of it at once.

The store loads a neighbourhood once for a batch, so that two copies that arrive together find each other. Everything
here is values: whoever calls writes the placements down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from storyfold.matching.assign import REPRESENTATIVES, Candidate
from storyfold.matching.event import Bond


@dataclass(slots=True)
class Neighbourhood:
    """Candidates by id, and who stands in which cluster and story."""

    by_id: dict[int, Candidate] = field(default_factory=dict)
    _clusters: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _stories: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _bonds: defaultdict[int, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take in candidates; those known already are left as they are."""
        for candidate in candidates:
            if candidate.id not in self.by_id:
                self.by_id[candidate.id] = candidate
                self._clusters[candidate.cluster_id].append(candidate.id)
                self._stories[candidate.story_id].append(candidate.id)

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
        for story in list(dict.fromkeys(candidate.story_id for candidate in found.values()))[:stories]:
            found.update((other.id, other) for other in self._newest(self._stories[story]))
        return list(found.values())

    def bond(self, article: Candidate, bonds: Iterable[tuple[int, Bond]]) -> None:
        """Remember the bonds of an article placed just now, for both ends."""
        for other_id, bond in bonds:
            self._bonds[article.id].append((self.by_id[other_id].cluster_id, bond.cosine))
            self._bonds[other_id].append((article.cluster_id, bond.cosine))

    def bonded(self, id: int) -> Sequence[tuple[int, float]]:
        """(cluster, cosine) of the bonds remembered of an article: those of this batch."""
        return self._bonds[id]

    def _newest(self, ids: Sequence[int]) -> Iterator[Candidate]:
        return (self.by_id[id] for id in sorted(ids, reverse=True)[:REPRESENTATIVES])
