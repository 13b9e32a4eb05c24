"""Takedown: erasing an article with everything that was made of its text, and remembering that it is not to come back.

All under the fold lock. What is left is the link with its URLs, rejected as `taken-down`, and the tombstone: whoever
hands the URL in again gets that link, and nothing is fetched, pushed or folded for it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.errors import Gone, NotFound
from storyfold.store import edits, folding, postings
from storyfold.store.leases import FREE
from storyfold.store.tables import (
    Article,
    BondRow,
    ChangeKind,
    Cluster,
    Fate,
    Link,
    LinkUrl,
    Page,
    Story,
    Takedown,
)
from storyfold.store.tables.takedowns import TAKEN_DOWN


@dataclass(frozen=True, slots=True)
class Erased:
    """An article that is gone, and where it stood; `orphans` were tied to it. An article not folded stood nowhere."""

    article_id: int
    cluster_id: int | None
    story_id: int | None
    relation: str | None
    matched_id: int | None
    score: float | None
    orphans: tuple[int, ...]


def erase_article(session: Session, article_id: int, own_address: str | None, now: datetime) -> Erased:
    """Erase all texts of the article and what was made of them, and leave the tombstone.

    `own_address` is the URL that its page named as its own, where it is one of its source: it stays known too.

    Raises:
        NotFound: there is no such article.
        Gone: it was taken down before.
    """
    article = session.get(Article, article_id, with_for_update=True)
    if article is None:
        raise (
            Gone(f"article {article_id} was taken down")
            if session.get(Takedown, article_id)
            else NotFound(f"there is no article {article_id}")
        )
    story_id = session.scalar(select(Cluster.story_id).where(Cluster.id == article.cluster_id))
    orphans = session.scalars(select(Article.id).where(Article.matched_id == article_id).order_by(Article.id)).all()
    erased = Erased(
        article_id, article.cluster_id, story_id, article.relation, article.matched_id, article.score, tuple(orphans)
    )
    edits.pass_marks_on(session, article_id, article.cluster_id)
    _reject_link(session, article.link_id, own_address, now)
    postings.remove(session, [article_id])
    session.execute(delete(BondRow).where(or_(BondRow.article_id == article_id, BondRow.other_id == article_id)))
    session.execute(delete(Article).where(Article.id == article_id))  # and by it all that hangs on it
    session.execute(insert(Takedown).values(article_id=article_id, link_id=article.link_id, at=now))
    _name_head(session, article.cluster_id)
    return erased


def close_ranks(session: Session, erased: Erased, now: datetime) -> None:
    """Bring the story that the article stood in up to date, and tell the log."""
    if erased.cluster_id is None or erased.story_id is None:
        return
    if session.scalar(select(Cluster.id).where(Cluster.story_id == erased.story_id).limit(1)) is None:
        _remove_story(session, erased.story_id)
        folding.append_changes(session, [(ChangeKind.REMOVED, erased.story_id, None)], now)
    else:
        folding.recount_stories(session, [erased.story_id], now)
        folding.append_changes(session, [(ChangeKind.CHANGED, erased.story_id, None)], now)


def _name_head(session: Session, cluster_id: int | None) -> None:
    """The earliest that is left heads the cluster; where none is, the cluster goes."""
    earliest = select(func.min(Article.id)).where(Article.cluster_id == Cluster.id).scalar_subquery()
    headless = (Cluster.id == cluster_id, Cluster.head_article_id.is_(None))
    by_hand = {"synchronize_session": False}
    session.execute(update(Cluster).where(*headless).values(head_article_id=earliest), execution_options=by_hand)
    members = select(Article.id).where(Article.cluster_id == Cluster.id).exists()
    session.execute(delete(Cluster).where(Cluster.id == cluster_id, ~members), execution_options=by_hand)


def _reject_link(session: Session, link_id: int, own_address: str | None, now: datetime) -> None:
    """No lease on the link stands any more: whatever a worker is about to store for it is dropped."""
    said = ("declared_title", "declared_published", "declared_precision", "declared_source", "declared_language")
    blank = dict.fromkeys([*said, "stage", "next_attempt_at", "page_id", "detail", "duplicate_of"])
    done = {"fate": Fate.REJECTED, "reason": TAKEN_DOWN, "updated_at": now}
    session.execute(update(Link).where(Link.id == link_id).values(**FREE, **blank, **done))
    repeats = select(Link.id).where(Link.duplicate_of == link_id).scalar_subquery()
    session.execute(update(Link).where(Link.duplicate_of == link_id).values(page_id=None, declared_title=None))
    session.execute(delete(Page).where(or_(Page.link_id == link_id, Page.link_id.in_(repeats))))
    if own_address is not None:
        session.execute(insert(LinkUrl).values(canonical_url=own_address, link_id=link_id).on_conflict_do_nothing())


def _remove_story(session: Session, story_id: int) -> None:
    """With the stories that were merged into it: they lead nowhere now."""
    ids: list[int] = [story_id]
    found: Sequence[int] = ids
    while found:
        found = session.scalars(select(Story.id).where(Story.merged_into.in_(found), Story.id.not_in(ids))).all()
        ids += found
    session.execute(delete(Story).where(Story.id.in_(ids)))
