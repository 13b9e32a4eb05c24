"""What tests of keys share."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def tampered(key: str) -> str:
    return key[:-1] + ("A" if key[-1] != "A" else "B")
