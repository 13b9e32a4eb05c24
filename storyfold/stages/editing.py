"""An editor's corrections: two stories that are one event, or one that is two. Folding and repair keep to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.errors import Conflict
from storyfold.matching.story_repair import Group
from storyfold.stages.retying import tie_again
from storyfold.stages.wording import background
from storyfold.store import edits, folding, repairs, stories
from storyfold.store.candidates import Loader
from storyfold.store.tables import Verdict


@dataclass(frozen=True, slots=True)
class Merged:
    kept: int
    gone: int


@dataclass(frozen=True, slots=True)
class Split:
    kept: int
    created: int


def begin(session: Session, story_id: int) -> int:
    """The first word of a correction's transaction: nobody folds, repairs or edits until its commit. -> the story that
    stands under this id: another where it was merged. Raises `NotFound`."""
    folding.lock_folding(session)
    return stories.standing_id(session, stories.get_story(session, story_id))


def merge_stories(session: Session, story_id: int, other_id: int, now: datetime) -> Merged:
    """Make two stories one; the correction has begun. The older id is kept.

    Raises:
        NotFound: one of them is not there.
        Conflict: they are one story already.
    """
    one, other = (stories.standing_id(session, stories.get_story(session, id)) for id in (story_id, other_id))
    if one == other:
        raise Conflict(f"story {story_id} and story {other_id} are one story already")
    kept, gone = min(one, other), max(one, other)
    edits.mark_pairs(session, edits.clusters_of(session, kept), edits.clusters_of(session, gone), Verdict.TOGETHER, now)
    folding.merge_stories(session, kept, gone, now)
    return Merged(kept, gone)


def split_story(session: Session, story_id: int, cluster_ids: Collection[int], now: datetime) -> Split:
    """Part these clusters from the rest of their story; the correction has begun.

    The part with the canonical article keeps the id. What was named stays together, and away from the rest.

    Raises:
        NotFound: there is no such story.
        Conflict: a cluster is not of this story, or nothing would be left of it.
    """
    story = stories.get_story(session, story_id)
    all_clusters, named = set(edits.clusters_of(session, story.id)), set(cluster_ids)
    if not named <= all_clusters:
        strangers = ", ".join(str(id) for id in sorted(named - all_clusters))
        raise Conflict(f"story {story_id} has no cluster {strangers}")
    rest = all_clusters - named
    if not rest:
        raise Conflict(f"these are all clusters of story {story_id}: nothing would be left of it")
    edits.mark_pairs(session, named, named, Verdict.TOGETHER, now)
    edits.mark_pairs(session, named, rest, Verdict.APART, now)
    stays, goes = (named, rest) if edits.canonical_cluster(session, story.id) in named else (rest, named)
    groups = [Group(None, tuple(sorted(goes)), split_from=story.id), Group(story.id, tuple(sorted(stays)))]
    repairs.apply_groups(session, groups, [story.id], now)
    tie_again(session, all_clusters, background(), Loader(), now)
    return Split(story.id, stories.story_of_cluster(session, min(goes)))
