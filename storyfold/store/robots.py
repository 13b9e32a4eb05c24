"""robots.txt as it is kept, and who fetches it: one worker at a time, while the others wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import DateTime, Float, Text, and_, bindparam, delete, or_, select, update
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


def take_asking(session: Session, origin: str, now: datetime, until: datetime) -> bool:
    """Take the fetching of an origin's file upon oneself, until then. -> whether nobody else has it, and it is due."""
    asked = {"of_origin": origin, "at": now, "until": until}
    return _TAKE_ASKING.any_row(session, asked) is not None


def keep_robots(session: Session, origin: str, text: str | None, error: str | None, expires_at: datetime) -> None:
    """Keep what the fetch brought, and let others have the next one."""
    _KEEP.rows(session, {"of_origin": origin, "read": text, "failed": error, "until": expires_at})


def keep_crawl_delay(session: Session, host: str, seconds: float) -> None:
    """From now on the host's requests lie at least that far apart."""
    _KEEP_DELAY.rows(session, {"of_host": host, "seconds": seconds})


def forget_old(session: Session, now: datetime) -> None:
    """Let go the files of origins that nobody has asked for a month. What they say is asked for anew by the next."""
    session.execute(delete(Robots).where(Robots.expires_at < now - KEPT_UNASKED))


# Asked for every page, or every host: built once.
_KEPT = Statement(
    select(Robots.text, Robots.error, Robots.expires_at, Robots.asking_until).where(
        Robots.origin == bindparam("asked", type_=Text)
    )
)
_OF_ORIGIN = bindparam("of_origin", type_=Text)
_AT, _UNTIL = (bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "until"))
_NOBODY_ASKS = or_(Robots.asking_until.is_(None), Robots.asking_until <= _AT)
_TAKE_ASKING = Statement(
    insert(Robots)
    .values(origin=_OF_ORIGIN, expires_at=_AT, asking_until=_UNTIL)
    .on_conflict_do_update(
        index_elements=["origin"], set_={"asking_until": _UNTIL}, where=and_(Robots.expires_at <= _AT, _NOBODY_ASKS)
    )
    .returning(Robots.origin)
)
_KEEP = Statement(
    update(Robots)
    .where(Robots.origin == _OF_ORIGIN)
    .values(
        text=bindparam("read", type_=Text), error=bindparam("failed", type_=Text), expires_at=_UNTIL, asking_until=None
    )
)
_SECONDS = bindparam("seconds", type_=Float)
_KEEP_DELAY = Statement(
    update(Host)
    .where(Host.host == bindparam("of_host", type_=Text), Host.crawl_delay != _SECONDS)
    .values(crawl_delay=_SECONDS)
)
