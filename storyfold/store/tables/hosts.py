"""Hosts: what politeness needs to know, shared by all machines."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, OptionalInstant, OptionalString, String


class Host(Base):
    """One host of the web. `pause_seconds` above the installation's own means that the host asked for it."""

    __tablename__ = "hosts"

    host: Mapped[String] = mapped_column(primary_key=True)
    next_request_at: Mapped[Instant]
    pause_seconds: Mapped[float] = mapped_column(server_default="0")
    error_streak: Mapped[int] = mapped_column(server_default="0")
    robots: Mapped[OptionalString]
    robots_expires_at: Mapped[OptionalInstant]
