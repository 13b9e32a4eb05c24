"""What an answer's headers say about the next request: validators to send back, and how long it stays fresh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_STORE = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Validators:
    """``ETag`` and ``Last-Modified`` exactly as received, to be returned the same: servers compare text, not times."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The conditional request; no headers without validators."""
        pairs = (("if-none-match", self.etag), ("if-modified-since", self.last_modified))
        return {name: value for name, value in pairs if value}


def validators(headers: Mapping[str, str], previous: Validators | None = None) -> Validators:
    """Those of an answer with lower-case `headers`.

    A 304 may leave some out: pass what was sent as `previous` then, and it stays. After a 200 nothing old may stay.
    """
    kept = previous or Validators()
    return Validators(headers.get("etag") or kept.etag, headers.get("last-modified") or kept.last_modified)


def fresh_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the server says that nothing new is to be had (RFC 9111, 4.2.1); None where it does not.

    ``max-age`` goes before ``Expires``; what an intermediate cache has used up (``Age``) is taken off.
    """
    control = headers.get("cache-control", "")
    if _NO_STORE.search(control):
        return None
    found = _MAX_AGE.search(control)
    lifetime = float(found[1]) if found else _until_expiry(headers, now)
    return max(lifetime - _age(headers), 0.0) or None


def _until_expiry(headers: Mapping[str, str], now: datetime) -> float:
    expires = _http_date(headers.get("expires"))
    if expires is None:
        return 0.0
    return (expires - (_http_date(headers.get("date")) or now)).total_seconds()


def _http_date(text: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    return when if when and when.tzinfo else None


def _age(headers: Mapping[str, str]) -> float:
    text = headers.get("age", "").strip()[:10]
    return float(text) if text.isascii() and text.isdecimal() else 0.0
