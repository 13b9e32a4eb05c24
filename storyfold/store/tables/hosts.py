"""Hosts: what politeness needs to know, shared by all machines."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, OptionalInstant, OptionalString, String


class Host(Base):
    """One host of the web. `crawl_delay` is the pause its robots.txt asks for, `pause_seconds` what its trouble has
    made of the pause; 0 where there is none."""

    __tablename__ = "hosts"

    host: Mapped[String] = mapped_column(primary_key=True)
    next_request_at: Mapped[Instant]
    crawl_delay: Mapped[float] = mapped_column(server_default="0")
    pause_seconds: Mapped[float] = mapped_column(server_default="0")


class Robots(Base):
    """The robots.txt of one origin (scheme, host and port have rules of their own).

    `text` is null before the first answer, and while nobody knows what it says: `error` names why. `asking_until` is
    how long whoever fetches it now is waited for.
    """

    __tablename__ = "robots"

    origin: Mapped[String] = mapped_column(primary_key=True)
    text: Mapped[OptionalString]
    error: Mapped[OptionalString]
    expires_at: Mapped[Instant]
    asking_until: Mapped[OptionalInstant]
