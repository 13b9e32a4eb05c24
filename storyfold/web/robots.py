"""robots.txt (RFC 9309): what a host allows a crawler to fetch, and how fast.

The file is kept as text beside its host and judged by `protego`. What its absence means is decided here:

===========================================  =========================================================================
fetching it ended                            so
===========================================  =========================================================================
2xx                                          its first 500 KiB count (RFC 9309, 2.5), for a day at most
4xx but 429, no end of redirects, too big,   there are no rules: everything is allowed (2.3.1.3), for a day at most
no web address, a forbidden address
5xx, 429, time-out, no connection, DNS       nobody knows (2.3.1.4): the rules known before go on, else nothing is
                                             fetched yet; to be asked for again soon
===========================================  =========================================================================
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from protego import Protego

from storyfold.errors import FateError, Rejected, Transient
from storyfold.web.urls import requestable

MAX_BYTES = 500 * 1024
LIFETIME = timedelta(hours=24)
RETRY = timedelta(minutes=10)
LONGEST_DELAY = 60.0
"""Seconds. A longer ``Crawl-delay`` would mean fewer pages a day than a small outlet writes; it is cut to this."""

_UNREACHABLE = "# unreachable"


class Verdict(StrEnum):
    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeptRobots:
    """What to keep for a host, and until when."""

    text: str
    expires_at: datetime


def robots_url(url: str) -> str:
    """Where the rules for `url` are. Raises `BadInput`."""
    parts = urlsplit(requestable(url).url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def robots_read(body: bytes, now: datetime, fresh_seconds: float | None = None) -> KeptRobots:
    """What to keep of an answer. `fresh_seconds` is its cache lifetime, which shortens the day it counts for."""
    lifetime = LIFETIME if fresh_seconds is None else min(LIFETIME, max(RETRY, timedelta(seconds=fresh_seconds)))
    text = body[:MAX_BYTES].decode("utf-8", "replace").replace("\0", "")
    return KeptRobots(text, now + lifetime)


def robots_missing(error: FateError, previous: str | None, now: datetime) -> KeptRobots:
    """What to keep when fetching ended in `error`; `previous` is the text kept before."""
    if isinstance(error, Rejected):
        return KeptRobots("", now + LIFETIME)
    retry_at = error.retry_at if isinstance(error, Transient) else None
    expires = min(max(retry_at or now, now + RETRY), now + LIFETIME)
    return KeptRobots(_UNREACHABLE if previous is None else previous, expires)


def verdict(text: str, url: str, user_agent: str) -> Verdict:
    """Whether `url` may be fetched by `user_agent` (its product token, like ``Storyfold``) under the kept `text`."""
    if text == _UNREACHABLE:
        return Verdict.UNKNOWN
    return Verdict.ALLOWED if _rules(text).can_fetch(url, user_agent) else Verdict.DISALLOWED


def crawl_delay(text: str, user_agent: str) -> float:
    """Seconds between requests that the host asks for; 0 where it does not."""
    rules = _rules(text)
    delay = rules.crawl_delay(user_agent) or 0.0
    rate = rules.request_rate(user_agent)
    if rate is not None and rate.requests > 0:
        delay = max(delay, rate.seconds / rate.requests)
    return min(max(float(delay), 0.0), LONGEST_DELAY)


def sitemaps(text: str) -> tuple[str, ...]:
    """The sitemaps the file names, as written, each once."""
    return tuple(dict.fromkeys(_rules(text).sitemaps))


@functools.lru_cache(maxsize=256)
def _rules(text: str) -> Protego:
    return Protego.parse(text)
