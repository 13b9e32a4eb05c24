"""Lines of a site that a person has marked as good, and the articles that have lost them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.articles.template import line_hash
from storyfold.errors import NotFound
from storyfold.store import audit
from storyfold.store.refetches import redigest_links
from storyfold.store.tables import Act, Article, GoodLine, Link, Revision

# Articles that are read again when a line is marked: the newest. Older ones keep the line among their removed ones.
READ_AGAIN = 1_000


def mark_good(session: Session, site: str, line: str, actor: str, now: datetime) -> list[int]:
    """Neither rules nor the site's template take the line out from now on. -> links whose articles had lost it.

    Those are read again from the pages they have, and folded again. Marking a line twice changes nothing.
    """
    values = {"site": site, "line_hash": line_hash(line), "line": line, "marked_at": now}
    marked = insert(GoodLine).values(values).on_conflict_do_nothing().returning(GoodLine.site)
    if session.scalar(marked) is None:
        return []
    audit.record(session, actor, Act.LINE_MARKED_GOOD, f"site/{site}", {"line": line}, now)
    return redigest_links(session, _lost(session, site, line), now)


def unmark(session: Session, site: str, line: str, actor: str, now: datetime) -> None:
    """From now on the line is treated like any other. Raises `NotFound` where it was never marked."""
    gone = delete(GoodLine).where(GoodLine.site == site, GoodLine.line_hash == line_hash(line))
    if session.scalar(gone.returning(GoodLine.site)) is None:
        raise NotFound(f"no such line of {site} is marked as good")
    audit.record(session, actor, Act.LINE_UNMARKED, f"site/{site}", {"line": line}, now)


def good_lines(session: Session, site: str) -> Sequence[GoodLine]:
    """The lines of a site that are marked, the oldest first."""
    query = select(GoodLine).where(GoodLine.site == site).order_by(GoodLine.marked_at, GoodLine.line_hash)
    return session.scalars(query).all()


def _lost(session: Session, site: str, line: str) -> list[int]:
    """The newest links of the site from whose current text the line was taken, word for word."""
    query = (
        select(Link.id)
        .join(Article, Article.link_id == Link.id)
        .join(Revision, (Revision.article_id == Article.id) & (Revision.revision == Article.revision))
        .where(Link.host == site, Revision.removed.contains([{"line": line}]))
        .order_by(Link.id.desc())
        .limit(READ_AGAIN)
    )
    return list(session.scalars(query))
