"""What every writer of clusters, stories and changes shares: the one fold lock, ids, the log, and what a story says of
its members."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storyfold.matching.canonical import ALONE
from storyfold.store import plans
from storyfold.store.bulk import Column, Part, append_columns, array, insertion, numbers, strings, write_together
from storyfold.store.canonical import VOICES_HEARD, Heard, choose_canonical
from storyfold.store.direct import Statement
from storyfold.store.tables import Article, ChangeKind, Cluster, Story

_FOLD_LOCK = 7_305_010


def lock_folding(session: Session) -> None:
    """The first statement of a transaction that folds, repairs or edits: until its commit there is no other."""
    _LOCK.rows(session, {"lock": _FOLD_LOCK})


def lock_to_fold(session: Session) -> None:
    """What `lock_folding` and then `plans.keep` do."""
    if session.connection().info.get(plans.KNOWN_LARGE):
        _LOCK_AND_KEEP.rows(session, {"lock": _FOLD_LOCK})
    else:
        lock_folding(session)
        plans.keep(session)


_LOCK_AND_KEEP = Statement(f"SELECT pg_advisory_xact_lock(:lock), {plans.KEPT}")
_LOCK = Statement("SELECT pg_advisory_xact_lock(:lock)")


def draw_ids(session: Session, table: type[Cluster | Story], count: int) -> list[int]:
    """Ids for rows still to be written; those that are not used are lost."""
    asked = {"table": table.__tablename__, "most": count}
    return [id for (id,) in _DRAW.rows(session, asked)] if count else []


_DRAW = Statement("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :most)")


def append_changes(session: Session, changes: Sequence[tuple[ChangeKind, int, int | None]], now: datetime) -> None:
    """Add (kind, story, other story) to the log. The caller holds the fold lock: the cursor has no gaps."""
    append_columns(session, "changes", "cursor", _changes(changes), {"at": now})


def changes_appended(changes: Sequence[tuple[ChangeKind, int, int | None]], now: datetime) -> Part:
    """What `append_changes` does."""
    return insertion("changes", _changes(changes), {"at": now}, number="cursor")


def _changes(changes: Sequence[tuple[ChangeKind, int, int | None]]) -> dict[str, Column]:
    return {
        "kind": strings(str(kind) for kind, _, _ in changes),
        "story_id": numbers("bigint", (story for _, story, _ in changes)),
        "other_story_id": numbers("bigint", (other for _, _, other in changes)),
    }


def new_heads(session: Session, article_ids: Collection[int]) -> None:
    """Clusters that these articles have headed and left are headed by the earliest that is left, if any."""
    earliest = select(func.min(Article.id)).where(Article.cluster_id == Cluster.id).scalar_subquery()
    stays = select(Article.id).where(Article.id == Cluster.head_article_id, Article.cluster_id == Cluster.id).exists()
    left = Cluster.head_article_id.in_(article_ids) & ~stays
    session.execute(
        update(Cluster).where(left).values(head_article_id=earliest), execution_options={"synchronize_session": False}
    )


def merge_stories(session: Session, older: int, younger: int, now: datetime) -> None:
    """Let the older of two stories take in the younger one."""
    session.execute(update(Cluster).where(Cluster.story_id == younger).values(story_id=older))
    gone = or_(Story.id == younger, Story.merged_into == younger)
    session.execute(update(Story).where(gone).values(merged_into=older, updated_at=now))
    recount_stories(session, [older], now)
    append_changes(session, [(ChangeKind.MERGED, younger, older)], now)


def recount_stories(
    session: Session, story_ids: Iterable[int], now: datetime, *, by_copies: Collection[int] = ()
) -> None:
    """Bring what a story says of its members up to date.

    What has changed `by_copies` alone gives no reason for a second look: they have no bonds.
    """
    asked = {"stories": array(story_ids), "by_copies": array(by_copies), "now": now}
    choose_canonical(session, map(Heard.of, _RECOUNT.rows(session, asked)))


# Who is heard does not depend on what is counted: both in one statement.
_RECOUNT = Statement(
    f"""
    WITH recounted AS (
        UPDATE stories SET
            article_count = counted.articles, source_count = counted.sources, cluster_count = counted.clusters,
            first_published = counted.first_published, last_published = counted.last_published,
            dated_at = coalesce(counted.last_published, counted.last_arrived), updated_at = :now,
            repaired_at = CASE
                WHEN repaired_at >= updated_at AND stories.id = ANY(CAST(:by_copies AS bigint[])) THEN :now
                ELSE repaired_at
            END
        FROM (
            SELECT clusters.story_id, count(*) AS articles, count(DISTINCT articles.source) AS sources,
                count(DISTINCT clusters.id) AS clusters, min(articles.published) AS first_published,
                max(articles.published) AS last_published, max(articles.arrived_at) AS last_arrived
            FROM clusters JOIN articles ON articles.cluster_id = clusters.id
            WHERE clusters.story_id = ANY(CAST(:stories AS bigint[])) GROUP BY clusters.story_id
        ) AS counted
        WHERE stories.id = counted.story_id
    )
    {VOICES_HEARD}
    """  # noqa: S608 - a statement of ours
)


def write_stories(session: Session, ids: Collection[int], now: datetime) -> None:
    """Make stories with these ids, still without members."""
    if ids:
        write_together(session, [stories_opened(ids, now)])


def stories_opened(ids: Iterable[int], now: datetime) -> Part:
    """What `write_stories` does."""
    blank = {"article_count": 0, "source_count": 0, "cluster_count": 0}
    times = {"dated_at": now, "created_at": now, "updated_at": now}
    return insertion("stories", {"id": numbers("bigint", ids)}, blank | times)


def stories_of_one(opened: Sequence[tuple[int, int]], now: datetime) -> Part:
    """(story, article): stories made with all that they say, each of the one article that is placed in it.

    What `stories_opened` and `recount_stories` do, of which the one writes a row that the other writes twice anew.
    """
    values = {
        "one_ids": array(story for story, _ in opened),
        "one_articles": array(article for _, article in opened),
        "one_reasons": json.dumps(ALONE),
        "one_at": now,
    }
    return Part("stories_of_one", _OF_ONE, values)


_OF_ONE = """
    INSERT INTO stories (id, title, language, canonical_article_id, canonical_reasons, article_count, source_count,
        cluster_count, first_published, last_published, dated_at, created_at, updated_at)
    SELECT sent.id, articles.title, articles.language, articles.id, CAST(:one_reasons AS jsonb), 1,
        CAST(articles.source IS NOT NULL AS integer), 1, articles.published, articles.published,
        coalesce(articles.published, articles.arrived_at), :one_at, :one_at
    FROM unnest(CAST(:one_ids AS bigint[]), CAST(:one_articles AS bigint[])) AS sent(id, article)
    JOIN articles ON articles.id = sent.article
"""
