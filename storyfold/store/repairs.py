"""What the second look at stories needs, and writing down what it decided. The caller holds the fold lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import TextClause, or_, select, text, update
from sqlalchemy.orm import Session

from storyfold.matching.event import I64, BondTable
from storyfold.matching.story_links import worth_a_look
from storyfold.matching.story_repair import Group
from storyfold.store import folding
from storyfold.store.bonds import bonds_of
from storyfold.store.bulk import array
from storyfold.store.columns import among, integers
from storyfold.store.tables import ChangeKind, EditorMark, Story, Verdict


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
    """Bring stories into the shape of `groups`, tell the log, and note what was looked at.

    A bounded number of statements. In the log all new stories come before all splits and these before all merges.
    """
    drawn = iter(folding.draw_ids(session, Story, sum(group.story_id is None for group in groups)))
    named = [(next(drawn) if group.story_id is None else group.story_id, group) for group in groups]
    splits = [(group.split_from or 0, story) for story, group in named if group.story_id is None]
    merges = [(gone, story) for story, group in named for gone in group.merged]
    folding.write_stories(session, [story for _, story in splits], now)
    _move(session, [(cluster, story) for story, group in named for cluster in group.clusters])
    _merge(session, merges, now)
    touched = {story for story, _ in named} | {origin for origin, _ in splits}
    folding.recount_stories(session, sorted(touched - {gone for gone, _ in merges}), now)
    changes: list[tuple[ChangeKind, int, int | None]] = [(ChangeKind.CREATED, story, None) for _, story in splits]
    changes += [(ChangeKind.SPLIT, origin, story) for origin, story in splits]
    changes += [(ChangeKind.MERGED, gone, story) for gone, story in merges]
    folding.append_changes(session, changes, now)
    seen = among(Story.id, sorted({*looked_at, *touched}))
    session.execute(update(Story).where(seen).values(repaired_at=now), execution_options={"synchronize_session": False})


def _move(session: Session, moves: Sequence[tuple[int, int]]) -> None:
    """Put (cluster, story) where they do not stand there already."""
    if moves:
        clusters, stories = map(array, zip(*moves, strict=True))
        session.execute(_MOVE, {"clusters": clusters, "stories": stories})


_MOVE = text(
    """
    UPDATE clusters SET story_id = moved.story
    FROM unnest(CAST(:clusters AS bigint[]), CAST(:stories AS bigint[])) AS moved(cluster, story)
    WHERE clusters.id = moved.cluster AND clusters.story_id <> moved.story
    """
)


def _merge(session: Session, merges: Sequence[tuple[int, int]], now: datetime) -> None:
    """Let the second story of each pair stand for the first, and for all that the first stood for."""
    if merges:
        gone, stories = map(array, zip(*merges, strict=True))
        session.execute(_MERGE, {"gone": gone, "stories": stories, "now": now})


_MERGE = text(
    """
    UPDATE stories SET merged_into = ends.story, updated_at = :now
    FROM (
        SELECT told.id, pair.story
        FROM unnest(CAST(:gone AS bigint[]), CAST(:stories AS bigint[])) AS pair(gone, story), LATERAL (
            SELECT pair.gone AS id UNION ALL SELECT stories.id FROM stories WHERE stories.merged_into = pair.gone
        ) AS told
    ) AS ends
    WHERE stories.id = ends.id
    """
)


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
    articles, clusters, stories = map(integers, session.execute(query, {"asked": array(asked)}).one())
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
    marks = select(EditorMark.article_id, EditorMark.other_id, EditorMark.verdict).where(
        among(EditorMark.article_id, cluster_of)
    )
    pairs: dict[Verdict, list[tuple[int, int]]] = {verdict: [] for verdict in Verdict}
    for mark in session.execute(marks):
        if mark.other_id in cluster_of:
            pairs[mark.verdict].append((cluster_of[mark.article_id], cluster_of[mark.other_id]))
    return pairs


def _canonical_clusters(session: Session, story_ids: Sequence[int], cluster_of: Mapping[int, int]) -> dict[int, int]:
    """The cluster of each story's canonical article, where it is among `cluster_of`."""
    spoken = select(Story.id, Story.canonical_article_id.label("article")).where(among(Story.id, story_ids))
    return {row.id: cluster_of[row.article] for row in session.execute(spoken) if row.article in cluster_of}
