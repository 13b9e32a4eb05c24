"""The story level as the service runs it, in memory: reports in order of arrival, placed and repaired.

Every article stands in a syndication cluster of its own here, so that what is measured is the story level alone.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from bench.stories.corpus import Corpus
from storyfold.matching.event import NEIGHBOURS, Bond, BondTable, EventModel, bonds, within_window
from storyfold.matching.idf import Idf
from storyfold.matching.story import Member, Placement, Told, place, representatives
from storyfold.matching.story_links import cluster_links
from storyfold.matching.story_repair import repair_stories

COMPARED_STORIES = 3  # whose representatives are loaded beside the candidates
REPAIR_EVERY = 250


@dataclass
class Service:
    """Stories by article, numbered from 0 in order of arrival: an article is its own cluster and canonical article."""

    corpus: Corpus
    idf: Idf
    model: EventModel | None = None
    story_of: dict[int, int] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    bonds: dict[int, dict[int, Bond]] = field(default_factory=lambda: defaultdict(dict))
    changed: set[int] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    placements: list[Placement] = field(default_factory=list)

    def fold(self, i: int, candidates: list[int]) -> None:
        stories = list(dict.fromkeys(self.story_of[j] for j in candidates))[:COMPARED_STORIES]
        ids = dict.fromkeys([*candidates, *(r for s in stories for r in self._representatives(s))])
        article, reports = self.corpus.reports[i], self.corpus.reports
        near = [j for j in ids if within_window(article.fingerprint.day, reports[j].fingerprint.day)]
        told = [Told(j, j, self.story_of[j], reports[j].fingerprint.day, self._cosines(j)) for j in near]
        start = time.perf_counter()
        found = bonds(article, [reports[j] for j in near], self.idf, model=self.model)
        placement = place(article.fingerprint.day, told, found, whole=stories, model=self.model)
        self.seconds["place"] += time.perf_counter() - start
        self.placements.append(placement)
        story = placement.story_id if placement.story_id is not None else i
        self.story_of[i] = story
        self.members[story].append(i)
        self.changed.add(story)
        for j, bond in placement.bonds:
            self.bonds[i][j] = self.bonds[j][i] = bond

    def _cosines(self, j: int) -> list[float]:
        return sorted((bond.cosine for bond in self.bonds[j].values()), reverse=True)[:NEIGHBOURS]

    def _representatives(self, story: int) -> tuple[int, ...]:
        days = self.corpus.reports
        members = [Member(j, days[j].fingerprint.day, True) for j in self.members[story]]
        return representatives(members, story)

    def repair(self) -> None:
        """The stories that changed, and those that they have bonds with."""
        start = time.perf_counter()
        around = {self.story_of[o] for s in self.changed for j in self.members[s] for o in self.bonds[j]}
        looked_at = {j: s for s in self.changed | around for j in self.members[s]}
        stored = {(min(j, o), max(j, o)): b for j in looked_at for o, b in self.bonds[j].items()}
        table = BondTable.of((a, b, bond) for (a, b), bond in stored.items())
        ids = np.array(list(looked_at), np.int64)
        links = cluster_links(table, ids, ids, model=self.model)
        for group in repair_stories(looked_at, {}, links):
            story = group.story_id if group.story_id is not None else group.clusters[0]
            for j in group.clusters:
                self.members[self.story_of[j]].remove(j)
                self.story_of[j] = story
                self.members[story].append(j)
        self.changed.clear()
        self.seconds["repair"] += time.perf_counter() - start


def drive(
    corpus: Corpus,
    idf: Idf,
    nearest: list[tuple[np.ndarray, np.ndarray]],
    *,
    model: EventModel | None = None,
    repairs: bool = True,
) -> Service:
    """Fold a corpus. `nearest`: of each article the earlier ones nearest to it in its window."""
    service = Service(corpus, idf, model)
    for i, (candidates, _) in enumerate(nearest):
        service.fold(i, candidates.tolist())
        if repairs and (i + 1) % REPAIR_EVERY == 0:
            service.repair()
    if repairs:
        service.repair()
    return service
