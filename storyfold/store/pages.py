"""Pages: raw bytes, compressed, in monthly partitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import zstandard
from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.errors import NotFound
from storyfold.store.tables import Page, PageKind

_LEVEL = 3


@dataclass(frozen=True, slots=True)
class RawPage:
    """The bytes of a page as they came (content encoding undone), and where they came from."""

    kind: PageKind
    body: bytes
    fetched_at: datetime
    final_url: str | None = None
    content_type: str | None = None


def put_page(session: Session, page: RawPage, link_id: int | None = None) -> int:
    """Keep a page. -> its id."""
    return int(session.connection().execute(_PUT, values_of(page, link_id)).scalar_one())


def values_of(page: RawPage, link_id: int | None) -> dict[str, object]:
    """A page as the columns of its row."""
    return {
        "fetched_at": page.fetched_at,
        "link_id": link_id,
        "kind": page.kind,
        "final_url": page.final_url,
        "content_type": page.content_type,
        "size": len(page.body),
        "body": zstandard.compress(page.body, _LEVEL),
    }


def get_page(session: Session, page_id: int) -> RawPage:
    """Raises `NotFound` where retention has taken the page already."""
    row = session.connection().execute(_GET, {"asked": page_id}).one_or_none()
    if row is None:
        raise NotFound(f"page {page_id} is no longer kept")
    return read_back(row)


def read_back(row: Any) -> RawPage:
    """A page from the columns of its row."""
    body = zstandard.decompress(row.body, max_output_size=max(row.size, 1))
    return RawPage(PageKind(row.kind), body, row.fetched_at, row.final_url, row.content_type)


def ensure_partitions(session: Session, now: datetime) -> None:
    """Have the partitions of this month and the next. Called daily; what has no partition falls into the default, and
    is moved once its month has one: after a month in which nobody called, or where a clock ran ahead."""
    this_month = datetime(now.year, now.month, 1, tzinfo=UTC)
    for start in (this_month, _next_month(this_month)):
        if not session.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": _partition(start)}):
            for statement in _create_partition(start):
                session.execute(text(statement))


def _partition(start: datetime) -> str:
    return f"pages_{start:%Y_%m}"


def _create_partition(start: datetime) -> tuple[str, ...]:
    # Values come from the clock alone; DDL takes no bound parameters. Nobody writes meanwhile; that is a moment.
    name, end = _partition(start), _next_month(start)
    first, last = (f"'{day:%Y-%m-%d} 00:00:00+00'" for day in (start, end))
    within = f"fetched_at >= {first} AND fetched_at < {last}"
    return (
        "LOCK TABLE pages IN ACCESS EXCLUSIVE MODE",
        f"CREATE TEMPORARY TABLE {name}_moved ON COMMIT DROP AS SELECT * FROM pages_default WHERE {within}",  # noqa: S608
        f"DELETE FROM pages_default WHERE {within}",  # noqa: S608
        f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF pages FOR VALUES FROM ({first}) TO ({last})",
        f"INSERT INTO pages OVERRIDING SYSTEM VALUE SELECT * FROM {name}_moved",  # noqa: S608
    )


def _next_month(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


# Asked for every page: built once.
_PUT = (
    insert(Page)
    .values({name: bindparam(name) for name in ("fetched_at", "link_id", "kind", "final_url", "content_type", "size")})
    .values(body=bindparam("body"))
    .returning(Page.id)
)
_GET = select(Page.kind, Page.body, Page.size, Page.fetched_at, Page.final_url, Page.content_type).where(
    Page.id == bindparam("asked", type_=BigInteger)
)
