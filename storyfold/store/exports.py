"""Exports: everything that was folded as plain records, read through a cursor on the server in flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from storyfold.errors import BadInput
from storyfold.store.changes import change_cursor, last_cursor
from storyfold.store.tables import Article, Cluster, Evidence, Revision, Story

VERSION = 1

# Rows fetched at once: texts are long.
AT_ONCE = 200

Record = dict[str, Any]


class Kind(StrEnum):
    """What is written, in this order: what a record refers to stands before it, but for other articles."""

    STORY = "story"
    CLUSTER = "cluster"
    ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class Place:
    """The last record that was written."""

    kind: Kind
    id: int


def parse_place(text: str) -> Place:
    """``article:4711``, as the last line of an export tells it. Raises `BadInput`."""
    kind, _, id = text.partition(":")
    if kind not in set(Kind) or not id.isdecimal() or len(id) > 18:
        raise BadInput(f"{text[:40]!r} is no place in an export: one looks like article:4711")
    return Place(Kind(kind), int(id))


def export_records(session: Session, after: Place | None = None) -> Iterator[Record]:
    """A head, then all stories that stand, their clusters and articles, or what comes behind `after`.

    All in one state of the store: the session is REPEATABLE READ. The head says by which cursor to follow the changes
    from that state on.
    """
    if after is None:
        yield {"type": "export", "version": VERSION, "next_cursor": change_cursor(last_cursor(session))}
    kinds = list(Kind)
    for kind in kinds[kinds.index(after.kind) if after else 0 :]:
        yield from _records(session, kind, after.id if after and after.kind is kind else 0)


def _records(session: Session, kind: Kind, after_id: int) -> Iterator[Record]:
    query, record = {
        Kind.STORY: (_stories(), _story),
        Kind.CLUSTER: (_clusters(), _cluster),
        Kind.ARTICLE: (_articles(), _article),
    }[kind]
    table: Any = {Kind.STORY: Story, Kind.CLUSTER: Cluster, Kind.ARTICLE: Article}[kind]
    rows = session.execute(
        query.where(table.id > after_id).order_by(table.id), execution_options={"yield_per": AT_ONCE}
    )
    for row in rows:
        yield {"type": kind.value, **record(row)}


def _stories() -> Select[Any]:
    columns = [column for column in Story.__table__.columns if column.name not in ("merged_into", "repaired_at")]
    return select(*columns).where(Story.merged_into.is_(None))


def _story(row: Any) -> Record:
    return {
        "id": str(row.id),
        "title": row.title,
        "canonical_article_id": _id(row.canonical_article_id),
        "article_count": row.article_count,
        "source_count": row.source_count,
        "cluster_count": row.cluster_count,
        "first_published": _time(row.first_published),
        "last_published": _time(row.last_published),
        "updated_at": _time(row.updated_at),
        "language": row.language,
    }


def _clusters() -> Select[Any]:
    columns: list[Any] = [Cluster.id, Cluster.story_id, Cluster.head_article_id]
    return select(*columns)


def _cluster(row: Any) -> Record:
    return {"id": str(row.id), "story_id": str(row.story_id), "head_article_id": _id(row.head_article_id)}


def _articles() -> Select[Any]:
    article = [column for column in Article.__table__.columns if column.name not in ("title", "canonical_url")]
    revision = [Revision.title, Revision.text, Revision.authors, Revision.removed]
    query: Select[Any] = select(*article, *revision, Cluster.story_id, Evidence.data.label("evidence"))
    return (
        query.join(Revision, (Revision.article_id == Article.id) & (Revision.revision == Article.revision))
        .join(Cluster, Cluster.id == Article.cluster_id)
        .outerjoin(Evidence, (Evidence.article_id == Article.id) & (Evidence.matched_id == Article.matched_id))
    )


def _article(row: Any) -> Record:
    return {
        "id": str(row.id),
        "link_id": str(row.link_id),
        "story_id": str(row.story_id),
        "cluster_id": str(row.cluster_id),
        "url": row.url,
        "title": row.title,
        "text": row.text,
        "authors": row.authors,
        "published": _time(row.published),
        "published_precision": row.published_precision,
        "source": row.source,
        "language": row.language,
        "relation": row.relation,
        "matched": _id(row.matched_id),
        "score": row.score,
        "evidence": row.evidence,
        "removed": [{"line": line["line"], "reason": line["reason"]} for line in row.removed],
        "revision": row.revision,
        "seed": row.seed,
    }


def _id(id: int | None) -> str | None:
    return None if id is None else str(id)


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.astimezone(UTC).isoformat().replace("+00:00", "Z")
