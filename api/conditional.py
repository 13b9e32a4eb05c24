"""Conditional requests (RFC 9110): answering 304 to who has seen it already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

_TAG_BYTES = 12


@dataclass(frozen=True, slots=True)
class Validators:
    """What a reader can ask with next time. `last_modified` is None where no whole second tells two states apart."""

    etag: str
    last_modified: datetime | None = None

    @property
    def headers(self) -> dict[str, str]:
        modified = {"Last-Modified": format_datetime(self.last_modified, usegmt=True)} if self.last_modified else {}
        return {"ETag": self.etag, "Cache-Control": "no-cache", **modified}


def validators(*parts: object, newest: datetime | None, now: datetime) -> Validators:
    """The weak tag of what is made of `parts` alone, last changed at `newest`.

    A second in which more may still change has no `Last-Modified` yet: who asked in it would never hear of the rest.
    """
    digest = blake2b("\n".join(str(part) for part in parts).encode(), digest_size=_TAG_BYTES).hexdigest()
    settled = newest is not None and newest < now - timedelta(seconds=2)
    modified = newest.astimezone(UTC).replace(microsecond=0) if newest and settled else None
    return Validators(f'W/"{digest}"', modified)


def not_modified(request: Request, now_valid: Validators) -> Response | None:
    """A 304 for who has this state already, else None. A tag wins over a date; a date that is none says nothing."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        seen = "*" in known or now_valid.etag.removeprefix("W/") in known
    else:
        seen = _unchanged_since(request.headers.get("if-modified-since"), now_valid.last_modified)
    return Response(status_code=304, headers=now_valid.headers) if seen else None


def _unchanged_since(date: str | None, last_modified: datetime | None) -> bool:
    if date is None or last_modified is None:
        return False
    try:
        asked = parsedate_to_datetime(date)
    except ValueError:
        return False
    return last_modified <= (asked if asked.tzinfo else asked.replace(tzinfo=UTC))
