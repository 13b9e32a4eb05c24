"""Repair: the second look at what changed: what came in later may show two to be one, or one to be two.

First syndication clusters, then stories: where clusters stand apart is what stories are put together from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.matching.idf import Idf
from storyfold.matching.repair import Scores
from storyfold.matching.story_links import cluster_links
from storyfold.matching.story_repair import Group, repair_stories
from storyfold.stages.cluster_repair import repair_clusters
from storyfold.stages.retying import tie_again
from storyfold.store import folding, repairs
from storyfold.store.candidates import Loader

# Looked at under one hold of the fold lock.
CLUSTERS_AT_ONCE = 100
STORIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Repair:
    """Looks at what changed, some of it in a transaction, so that folding is never kept waiting for long."""

    idf: Idf = field(default_factory=lambda: Idf(0))
    loader: Loader = field(default_factory=Loader)
    clusters_at_once: int = CLUSTERS_AT_ONCE
    stories_at_once: int = STORIES_AT_ONCE
    _scores: Scores = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_scores", Scores(self.idf))

    def step(self, session: Session, now: datetime) -> int:
        """Look at the clusters, then at the stories, that have waited longest. -> how many; 0 where all is well."""
        folding.lock_folding(session)
        looked_at = repair_clusters(session, self.idf, self.loader, self.clusters_at_once, now, scores=self._scores)
        return looked_at or self._stories(session, now)

    def _stories(self, session: Session, now: datetime) -> int:
        changed = repairs.changed_stories(session, self.stories_at_once)
        if not changed:
            return 0
        surveyed = repairs.survey(session, changed)
        links = cluster_links(surveyed.bonds, surveyed.articles, surveyed.clusters)
        groups = repair_stories(
            surveyed.story_of, surveyed.canonical, links, together=surveyed.together, apart=surveyed.apart
        )
        repairs.apply_groups(session, groups, changed, now)
        moved = _moved(groups, surveyed.story_of)
        parted = [cluster for cluster, whole in moved.items() if not whole]
        tie_again(session, parted, self.idf, self.loader, now, joined=list(moved), links=links)
        return len(changed)


def _moved(groups: Sequence[Group], story_of: Mapping[int, int]) -> dict[int, bool]:
    """The clusters that went to another story, and whether with all that stood in theirs: what is merged whole stays
    together."""
    moves = ((cluster, story_of[cluster], group) for group in groups for cluster in group.clusters)
    return {cluster: story in group.merged for cluster, story, group in moves if story != group.story_id}
