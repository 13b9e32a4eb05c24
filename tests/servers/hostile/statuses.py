"""Statuses: busy, and others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from servers.hostile.connection import Connection, behaviour


def retry_date(seconds: float) -> str:
    """`Retry-After` as an HTTP date."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _refuse(to: Connection, status: str, retry_after: str) -> None:
    to.head(f"Retry-After: {retry_after}", "Content-Length: 0", status=status)


@behaviour
def busy_429_seconds(to: Connection) -> None:
    _refuse(to, "429 Too Many Requests", "120")


@behaviour
def busy_429_date(to: Connection) -> None:
    _refuse(to, "429 Too Many Requests", retry_date(120))


@behaviour
def busy_503_seconds(to: Connection) -> None:
    _refuse(to, "503 Service Unavailable", "120")


@behaviour
def busy_503_date(to: Connection) -> None:
    _refuse(to, "503 Service Unavailable", retry_date(120))


@behaviour
def busy_429_nonsense(to: Connection) -> None:
    _refuse(to, "429 Too Many Requests", "soon")


@behaviour
def status(to: Connection) -> None:
    """The status in the path: ``/status/418``."""
    to.head("Content-Length: 0", status=f"{to.path.rpartition('/')[2]} Said So")


@behaviour
def part_not_asked_for(to: Connection) -> None:
    to.head("Content-Range: bytes 0-4/500", "Content-Length: 5", status="206 Partial Content")
    to.send("hello")
