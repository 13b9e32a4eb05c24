"""Repair: the second look at stories that changed: what came in later may show two to be one, or one to be two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.matching.story_repair import cluster_links, repair_stories
from storyfold.store import folding, repairs

# Stories looked at under one hold of the fold lock.
AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Repair:
    """Looks at changed stories, `AT_ONCE` in a transaction, so that folding is never kept waiting for long."""

    at_once: int = AT_ONCE

    def step(self, session: Session, now: datetime) -> int:
        """Look at the stories that have waited longest. -> how many there were; 0 where all is well."""
        folding.lock_folding(session)
        changed = repairs.changed_stories(session, self.at_once)
        if not changed:
            return 0
        surveyed = repairs.survey(session, changed)
        links = cluster_links(surveyed.bonds, surveyed.cluster_of, within=surveyed.story_of)
        groups = repair_stories(surveyed.story_of, surveyed.canonical, links)
        repairs.apply_groups(session, groups, changed, now)
        return len(changed)
