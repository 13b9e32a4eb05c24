"""Dates as feeds outside the RSS family write them: W3C date-times and what ISO 8601 allows beside."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_date(text: object) -> datetime | None:
    """An aware time in UTC; a time without a zone is taken for UTC, a day for its beginning. None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text.strip())
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
