"""What the second look at stories needs, and writing down what it decided. The caller holds the fold lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, TextClause, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from storyfold.matching.event import I64, BondTable
from storyfold.matching.story_links import worth_a_look
from storyfold.matching.story_repair import Group
from storyfold.store import folding
from storyfold.store.bonds import bonds_of
from storyfold.store.columns import integers
from storyfold.store.tables import ChangeKind, Cluster, EditorMark, Story, Verdict


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Stories to be looked at, whole, with all that their articles have bonds with.

    `clusters` are those that `articles` stand in, in their order; `story_of` is by cluster, `canonical` by story.
    `together` and `apart` are pairs of clusters, by an editor's word.
    """

    articles: I64
    clusters: I64
    bonds: BondTable
    story_of: dict[int, int]
    canonical: dict[int, int]
    together: list[tuple[int, int]]
    apart: list[tuple[int, int]]


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
    """These stories and those they have bonds with that may matter. A bounded number of statements."""
    own = _members(session, _OF_STORIES, story_ids)
    bonds = bonds_of(session, own.articles)
    near = _members(session, _BESIDE, np.setdiff1d(worth_a_look(bonds, own.articles), own.articles).tolist())
    near = near.rows(~np.isin(near.stories, own.stories))
    bonds = bonds.with_rows(bonds_of(session, near.articles, without=own.articles))
    articles, clusters, stories = (np.concatenate(pair) for pair in zip(own.columns(), near.columns(), strict=True))
    cluster_of = dict(zip(articles.tolist(), clusters.tolist(), strict=True))
    marked = _marked(session, cluster_of)
    return Surveyed(
        articles=articles,
        clusters=clusters,
        bonds=bonds,
        story_of=dict(zip(clusters.tolist(), stories.tolist(), strict=True)),
        canonical=_canonical_clusters(session, np.unique(stories).tolist(), cluster_of),
        together=marked[Verdict.TOGETHER],
        apart=marked[Verdict.APART],
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


@dataclass(frozen=True, slots=True)
class _Members:
    """Articles, sorted, with the cluster and the story that each stands in."""

    articles: I64
    clusters: I64
    stories: I64

    def columns(self) -> tuple[I64, I64, I64]:
        return self.articles, self.clusters, self.stories

    def rows(self, which: NDArray[np.bool_]) -> _Members:
        return _Members(*(column[which] for column in self.columns()))


def _members(session: Session, query: TextClause, asked: Collection[int]) -> _Members:
    articles, clusters, stories = map(integers, session.execute(query, {"asked": list(asked)}).one())
    order = np.argsort(articles)
    return _Members(articles[order], clusters[order], stories[order])


_OF_STORIES = text(
    """
    SELECT string_agg(int8send(articles.id), ''), string_agg(int8send(clusters.id), ''),
        string_agg(int8send(clusters.story_id), '')
    FROM clusters JOIN articles ON articles.cluster_id = clusters.id
    WHERE clusters.story_id = ANY(CAST(:asked AS bigint[]))
    """
)
_BESIDE = text(
    """
    SELECT string_agg(int8send(articles.id), ''), string_agg(int8send(clusters.id), ''),
        string_agg(int8send(clusters.story_id), '')
    FROM (
        SELECT DISTINCT clusters.story_id AS id FROM articles JOIN clusters ON clusters.id = articles.cluster_id
        WHERE articles.id = ANY(CAST(:asked AS bigint[]))
    ) AS told JOIN clusters ON clusters.story_id = told.id JOIN articles ON articles.cluster_id = clusters.id
    """
)


def _marked(session: Session, cluster_of: Mapping[int, int]) -> dict[Verdict, list[tuple[int, int]]]:
    """Pairs of clusters that an editor said something of, by articles that stand in them."""
    asked = list(cluster_of)
    one, other = EditorMark.article_id, EditorMark.other_id
    marks = select(one, other, EditorMark.verdict).where(_among(one, asked), _among(other, asked))
    pairs: dict[Verdict, list[tuple[int, int]]] = {verdict: [] for verdict in Verdict}
    for mark in session.execute(marks):
        pairs[mark.verdict].append((cluster_of[mark.article_id], cluster_of[mark.other_id]))
    return pairs


def _canonical_clusters(session: Session, story_ids: Sequence[int], cluster_of: Mapping[int, int]) -> dict[int, int]:
    """The cluster of each story's canonical article, where it is among `cluster_of`."""
    spoken = select(Story.id, Story.canonical_article_id.label("article")).where(_among(Story.id, story_ids))
    return {row.id: cluster_of[row.article] for row in session.execute(spoken) if row.article in cluster_of}


def _among(column: InstrumentedAttribute[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """One parameter for all ids, however many."""
    return column == func.any(bindparam(None, list(ids), ARRAY(BigInteger), unique=True))
