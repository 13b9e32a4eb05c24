"""What ages out, and what never does: links stay known by their URLs, articles keep their current text and their place.

Every function removes what is older than `before`, at most `BATCH` items at once, and says whether there may be more.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Delete, delete, func, or_, select, text, tuple_, update
from sqlalchemy.orm import Session

from storyfold.store import folding, postings
from storyfold.store.tables import (
    Article,
    Change,
    Fate,
    Feed,
    FingerprintRow,
    Link,
    Page,
    Revision,
    Subscription,
)

BATCH = 2_000

UNINDEXED_AT_ONCE = 500
"""Articles that leave the index in one transaction: their postings are taken out of some 10,000 blocks, and folding
waits for that."""


def drop_pages(session: Session, before: datetime) -> bool:
    """Drop the oldest month of pages that lies before `before` as a whole; what fell into no month goes by row.

    A month in which work that waits has its page stays. Dropping takes the table for a moment: whoever reads a page
    for longer than that is not waited for, the next day will do.
    """
    for name, end in _months(session):
        if end <= before and not _is_needed(session, name):
            session.execute(text("SET LOCAL lock_timeout = '3s'"))
            session.execute(text(f"DROP TABLE {name}"))
            return True
    astray = text("DELETE FROM pages_default WHERE fetched_at < :before")
    session.execute(astray, {"before": before})
    return False


def _months(session: Session) -> list[tuple[str, datetime]]:
    """(partition, first moment after it), the oldest first."""
    names = session.scalars(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'pages'::regclass ORDER BY 1")
    )
    return [(name, _end(name)) for name in names if name != "pages_default"]


def _end(name: str) -> datetime:
    year, month = (int(part) for part in name.removeprefix("pages_").split("_"))
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _is_needed(session: Session, name: str) -> bool:
    page = text(f"SELECT id FROM {name}").columns(Page.id).subquery()  # noqa: S608 - the catalogue's own name
    links = select(Link.id).join(page, page.c.id == Link.page_id).where(Link.fate == Fate.PENDING)
    feeds = select(Feed.id).join(page, page.c.id == Feed.unread_page_id)
    return bool(session.scalar(select(or_(links.exists(), feeds.exists()))))


def forget_revisions(session: Session, before: datetime) -> bool:
    """Texts that were replaced by a later one before `before`; the current one of each article stays."""
    later = select(Revision.article_id.label("article"), Revision.revision, Revision.created_at).subquery()
    old = (
        select(Revision.article_id, Revision.revision)
        .join(Article, Article.id == Revision.article_id)
        .join(later, (later.c.article == Revision.article_id) & (later.c.revision == Revision.revision + 1))
        .where(Revision.revision < Article.revision, later.c.created_at < before)
        .limit(BATCH)
    )
    return _deleted(session, delete(Revision).where(tuple_(Revision.article_id, Revision.revision).in_(old)))


def leave_index(session: Session, before: datetime) -> bool:
    """Articles folded before `before` are no longer found by those that come in. Their fingerprints stay, so that what
    stands with them can still be compared and repaired. The first statement of its transaction."""
    folding.lock_folding(session)
    indexed = or_(func.cardinality(FingerprintRow.bands) > 0, func.cardinality(FingerprintRow.index_terms) > 0)
    old = (
        select(FingerprintRow.article_id)
        .join(Article, Article.id == FingerprintRow.article_id)
        .where(Article.folded_at < before, indexed)
        .order_by(Article.id)  # neighbours stand in the same blocks of postings
        .limit(UNINDEXED_AT_ONCE)
    )
    ids = list(session.scalars(old))
    if ids:
        postings.remove(session, ids)
        left = update(FingerprintRow).where(FingerprintRow.article_id.in_(ids)).values(bands=[], index_terms=[])
        session.execute(left)
    return len(ids) == UNINDEXED_AT_ONCE


def forget_changes(session: Session, before: datetime) -> bool:
    """The beginning of the log, as far as all of it lies before `before` and every subscription has seen it.

    The newest entry always stays: the next cursor goes on from it.
    """
    kept = select(func.min(Change.cursor)).where(Change.at >= before)
    seen = select(func.min(Subscription.seen) + 1).where(Subscription.paused_at.is_(None))
    newest = select(func.max(Change.cursor))
    stays = session.scalar(
        select(
            func.least(
                func.coalesce(kept.scalar_subquery(), newest.scalar_subquery()),
                newest.scalar_subquery(),
                seen.scalar_subquery(),
            )
        )
    )
    if stays is None:
        return False
    old = select(Change.cursor).where(Change.cursor < stays).order_by(Change.cursor).limit(BATCH)
    return _deleted(session, delete(Change).where(Change.cursor.in_(old)))


def _deleted(session: Session, statement: Delete) -> bool:
    return int(session.execute(statement).rowcount) == BATCH  # type: ignore[attr-defined]
