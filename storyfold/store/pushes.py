"""Pushes: giving a link a page that was handed in, so that nothing has to be fetched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from storyfold.store.leases import FREE
from storyfold.store.links import Declared
from storyfold.store.tables import Fate, Link, Stage
from storyfold.store.tables.takedowns import TAKEN_DOWN


def awaits_page(session: Session, link_id: int) -> bool:
    """Whether a page handed in is of use to the link: nobody has one or is about to, nor was it taken down.

    Locks its row until the commit.
    """
    waits = and_(Link.fate == Fate.PENDING, Link.page_id.is_(None), Link.lease_token.is_(None))
    given_up = and_(Link.fate.in_([Fate.REJECTED, Fate.FAILED]), Link.reason.is_distinct_from(TAKEN_DOWN))
    query = select(Link.id).where(Link.id == link_id, or_(waits, given_up)).with_for_update()
    return session.scalar(query) is not None


def start_from_page(session: Session, link_id: int, page_id: int, declared: Declared, now: datetime) -> Link:
    """Have the link digested from this page, due at once. What is declared now is filled in over what was before."""
    said = {
        "declared_title": declared.title,
        "declared_published": declared.published,
        "declared_precision": declared.precision,
        "declared_source": declared.source,
        "declared_language": declared.language,
    }
    statement = (
        update(Link)
        .where(Link.id == link_id)
        .values(
            **FREE,
            **{name: value for name, value in said.items() if value is not None},
            fate=Fate.PENDING,
            stage=Stage.DIGEST,
            page_id=page_id,
            reason=None,
            detail=None,
            attempts=0,
            lost_leases=0,
            next_attempt_at=now,
            updated_at=now,
        )
        .returning(Link)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one()
