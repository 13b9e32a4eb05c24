"""What the second look at stories needs, and writing down what it decided. The caller holds the fold lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storyfold.matching.event import Bond
from storyfold.matching.story_repair import Group, worth_a_look
from storyfold.store import folding
from storyfold.store.bonds import bonds_of
from storyfold.store.tables import Article, ChangeKind, Cluster, EditorMark, Story, Verdict


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Stories to be looked at, whole, with all that their articles have bonds with.

    `story_of` and `canonical` are by cluster and by story; `cluster_of` knows both ends of each bond.
    `together` and `apart` are pairs of clusters, by an editor's word.
    """

    story_of: dict[int, int] = field(default_factory=dict)
    canonical: dict[int, int] = field(default_factory=dict)
    bonds: list[tuple[int, int, Bond]] = field(default_factory=list)
    cluster_of: dict[int, int] = field(default_factory=dict)
    together: list[tuple[int, int]] = field(default_factory=list)
    apart: list[tuple[int, int]] = field(default_factory=list)


def changed_stories(session: Session, limit: int) -> list[int]:
    """Stories that changed since they were last looked at, the longest waiting first."""
    query = (
        select(Story.id)
        .where(Story.merged_into.is_(None), or_(Story.repaired_at.is_(None), Story.repaired_at < Story.updated_at))
        .order_by(Story.updated_at)
        .limit(limit)
    )
    return list(session.scalars(query))


def survey(session: Session, story_ids: Collection[int]) -> Surveyed:
    """These stories and those they have bonds with that may matter."""
    own = _members(session, story_ids)
    near = _stories_of(session, worth_a_look(bonds_of(session, own), own))
    stories = {*story_ids, *near}
    members = _members(session, stories)
    bonds = bonds_of(session, members)
    ends = {id for a, b, _ in bonds for id in (a, b)} | set(members)
    clusters = select(Cluster.id, Cluster.story_id).where(Cluster.story_id.in_(stories))
    return Surveyed(
        story_of={row.id: row.story_id for row in session.execute(clusters)},
        canonical=_canonical_clusters(session, stories),
        bonds=bonds,
        cluster_of=_clusters_of(session, ends),
        together=_marked(session, stories, Verdict.TOGETHER),
        apart=_marked(session, stories, Verdict.APART),
    )


def apply_groups(session: Session, groups: Sequence[Group], looked_at: Iterable[int], now: datetime) -> None:
    """Bring stories into the shape of `groups`, tell the log, and note what was looked at."""
    new_ids = iter(folding.draw_ids(session, Story, sum(group.story_id is None for group in groups)))
    touched: dict[int, None] = {}
    changes: list[tuple[ChangeKind, int, int | None]] = []
    for group in groups:
        story_id = group.story_id if group.story_id is not None else next(new_ids)
        touched |= dict.fromkeys([story_id, *([group.split_from] if group.split_from else [])])
        if group.story_id is None:
            folding.write_stories(session, [story_id], now)
            changes += [(ChangeKind.CREATED, story_id, None), (ChangeKind.SPLIT, group.split_from or 0, story_id)]
        changes += [(ChangeKind.MERGED, merged, story_id) for merged in group.merged]
        _move(session, group, story_id, now)
    merged = {id for group in groups for id in group.merged}
    folding.recount_stories(session, touched.keys() - merged, now)
    folding.append_changes(session, changes, now)
    session.execute(update(Story).where(Story.id.in_({*looked_at, *touched})).values(repaired_at=now))


def _move(session: Session, group: Group, story_id: int, now: datetime) -> None:
    session.execute(update(Cluster).where(Cluster.id.in_(group.clusters)).values(story_id=story_id))
    if group.merged:
        gone = or_(Story.id.in_(group.merged), Story.merged_into.in_(group.merged))
        session.execute(update(Story).where(gone).values(merged_into=story_id, updated_at=now))


def _members(session: Session, story_ids: Collection[int]) -> list[int]:
    query = select(Article.id).join(Cluster, Cluster.id == Article.cluster_id).where(Cluster.story_id.in_(story_ids))
    return list(session.scalars(query))


def _stories_of(session: Session, article_ids: Collection[int]) -> set[int]:
    query = select(Cluster.story_id).join(Article, Article.cluster_id == Cluster.id).where(Article.id.in_(article_ids))
    return set(session.scalars(query.distinct()))


def _clusters_of(session: Session, article_ids: Collection[int]) -> dict[int, int]:
    query = select(Article.id, Article.cluster_id).where(Article.id.in_(article_ids), Article.cluster_id.is_not(None))
    return {article: cluster for article, cluster in session.execute(query) if cluster is not None}


def _marked(session: Session, story_ids: Collection[int], verdict: Verdict) -> list[tuple[int, int]]:
    """Pairs of clusters of these stories that an editor said this of."""
    ends = [
        select(Article.id, Article.cluster_id)
        .join(Cluster, Cluster.id == Article.cluster_id)
        .where(Cluster.story_id.in_(story_ids))
        .subquery()
        for _ in range(2)
    ]
    query = (
        select(ends[0].c.cluster_id, ends[1].c.cluster_id)
        .select_from(EditorMark)
        .join(ends[0], ends[0].c.id == EditorMark.article_id)
        .join(ends[1], ends[1].c.id == EditorMark.other_id)
        .where(EditorMark.verdict == verdict)
    )
    return [(one, other) for one, other in session.execute(query)]


def _canonical_clusters(session: Session, story_ids: Collection[int]) -> dict[int, int]:
    """The cluster that each story lives on in: its canonical article's, else its first."""
    canonical = (
        select(Story.id, func.coalesce(Article.cluster_id, func.min(Cluster.id)).label("cluster"))
        .join(Cluster, Cluster.story_id == Story.id)
        .outerjoin(Article, Article.id == Story.canonical_article_id)
        .where(Story.id.in_(story_ids))
        .group_by(Story.id, Article.cluster_id)
    )
    return {row.id: row.cluster for row in session.execute(canonical)}
