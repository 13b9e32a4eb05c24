"""robots.txt as it is kept, and who fetches it: one worker at a time, while the others wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Text, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.store.direct import Statement
from storyfold.store.tables import Host, Robots

KEPT_UNASKED = timedelta(days=30)


class KeptRobots(NamedTuple):
    """What is kept for an origin, fresh or not."""

    text: str | None
    error: str | None
    expires_at: datetime
    asking_until: datetime | None


def get_robots(session: Session, origin: str) -> KeptRobots | None:
    """What is kept for an origin, if anything."""
    row = _KEPT.any_row(session, {"asked": origin})
    return None if row is None else KeptRobots._make(row)


# Asked for every page: built once.
_KEPT = Statement(
    select(Robots.text, Robots.error, Robots.expires_at, Robots.asking_until).where(
        Robots.origin == bindparam("asked", type_=Text)
    )
)


def take_asking(session: Session, origin: str, now: datetime, until: datetime) -> bool:
    """Take the fetching of an origin's file upon oneself, until then. -> whether nobody else has it, and it is due."""
    ours = insert(Robots).values(origin=origin, expires_at=now, asking_until=until)
    nobody_asks = or_(Robots.asking_until.is_(None), Robots.asking_until <= now)
    taken = ours.on_conflict_do_update(
        index_elements=["origin"],
        set_={"asking_until": until},
        where=and_(Robots.expires_at <= now, nobody_asks),
    ).returning(Robots.origin)
    return session.scalar(taken) is not None


def keep_robots(session: Session, origin: str, text: str | None, error: str | None, expires_at: datetime) -> None:
    """Keep what the fetch brought, and let others have the next one."""
    session.execute(
        update(Robots)
        .where(Robots.origin == origin)
        .values(text=text, error=error, expires_at=expires_at, asking_until=None)
    )


def keep_crawl_delay(session: Session, host: str, seconds: float) -> None:
    """From now on the host's requests lie at least that far apart."""
    session.execute(update(Host).where(Host.host == host, Host.crawl_delay != seconds).values(crawl_delay=seconds))


def forget_old(session: Session, now: datetime) -> None:
    """Let go the files of origins that nobody has asked for a month. What they say is asked for anew by the next."""
    session.execute(delete(Robots).where(Robots.expires_at < now - KEPT_UNASKED))
