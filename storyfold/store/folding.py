"""What every writer of clusters, stories and changes shares: the one fold lock, ids, the log, and what a story says of
its members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from storyfold.store.bulk import append_columns, insert_columns, numbers, strings
from storyfold.store.canonical import choose_canonical
from storyfold.store.tables import Article, ChangeKind, Cluster, Story

_FOLD_LOCK = 7_305_010


def lock_folding(session: Session) -> None:
    """The first statement of a transaction that folds, repairs or edits: until its commit there is no other."""
    session.connection().execute(_LOCK, {"lock": _FOLD_LOCK})


_LOCK = text("SELECT pg_advisory_xact_lock(:lock)")


def draw_ids(session: Session, table: type[Cluster | Story], count: int) -> list[int]:
    """Ids for rows still to be written; those that are not used are lost."""
    return list(session.connection().scalars(_DRAW, {"table": table.__tablename__, "most": count})) if count else []


_DRAW = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :most)")


def append_changes(session: Session, changes: Sequence[tuple[ChangeKind, int, int | None]], now: datetime) -> None:
    """Add (kind, story, other story) to the log. The caller holds the fold lock: the cursor has no gaps."""
    columns = {
        "kind": strings(str(kind) for kind, _, _ in changes),
        "story_id": numbers("bigint", (story for _, story, _ in changes)),
        "other_story_id": numbers("bigint", (other for _, _, other in changes)),
    }
    append_columns(session, "changes", "cursor", columns, {"at": now})


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
    ids = list(story_ids)
    session.connection().execute(_RECOUNT, {"stories": ids, "by_copies": list(by_copies), "now": now})
    choose_canonical(session, ids)


_RECOUNT = text(
    """
    UPDATE stories SET
        article_count = counted.articles, source_count = counted.sources, cluster_count = counted.clusters,
        first_published = counted.first_published, last_published = counted.last_published,
        dated_at = coalesce(counted.last_published, counted.last_arrived), updated_at = :now,
        repaired_at = CASE WHEN repaired_at >= updated_at AND stories.id = ANY(CAST(:by_copies AS bigint[])) THEN :now
            ELSE repaired_at END
    FROM (
        SELECT clusters.story_id, count(*) AS articles, count(DISTINCT articles.source) AS sources,
            count(DISTINCT clusters.id) AS clusters, min(articles.published) AS first_published,
            max(articles.published) AS last_published, max(articles.arrived_at) AS last_arrived
        FROM clusters JOIN articles ON articles.cluster_id = clusters.id
        WHERE clusters.story_id = ANY(:stories) GROUP BY clusters.story_id
    ) AS counted
    WHERE stories.id = counted.story_id
    """
)


def write_stories(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Make stories with these ids, still without members."""
    if ids:
        blank = {"article_count": 0, "source_count": 0, "cluster_count": 0}
        times = {"dated_at": now, "created_at": now, "updated_at": now}
        insert_columns(session, "stories", {"id": numbers("bigint", ids)}, blank | times)
