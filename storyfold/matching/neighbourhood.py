"""The stored articles around a batch of incoming ones, and the decisions made among them, one after the other.

The store loads a neighbourhood once for a batch; every article placed becomes part of it at once, so that two copies
that arrive together find each other. Everything here is values: whoever calls writes the placements down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from storyfold.matching.assign import REPRESENTATIVES, Candidate


@dataclass(slots=True)
class Neighbourhood:
    """Candidates by id, and who stands in which cluster and story (the newest first, by id)."""

    by_id: dict[int, Candidate] = field(default_factory=dict)
    _clusters: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _stories: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take in candidates; those known already are left as they are."""
        for candidate in candidates:
            if candidate.id not in self.by_id:
                self.by_id[candidate.id] = candidate
                self._clusters[candidate.cluster_id].append(candidate.id)
                self._stories[candidate.story_id].append(candidate.id)

    def around(self, ids: Iterable[int]) -> list[Candidate]:
        """The articles of `ids` that are known, and beside each the representatives of its cluster."""
        found: dict[int, Candidate] = {}
        for article in (self.by_id[id] for id in ids if id in self.by_id):
            found[article.id] = article
            found.update((other.id, other) for other in self._newest(self._clusters[article.cluster_id]))
        return list(found.values())

    def of_story(self, story_id: int) -> list[Candidate]:
        """The story's representatives that are known, the newest first."""
        return list(self._newest(self._stories[story_id]))

    def _newest(self, ids: Sequence[int]) -> Iterator[Candidate]:
        return (self.by_id[id] for id in sorted(ids, reverse=True)[:REPRESENTATIVES])
