"""What a feed says about itself beside its entries: how often to come back, and its hub.

Read from the bytes before the first entry by pattern, not by tree: it has to work for feeds that no XML parser takes.
"""

from __future__ import annotations

import html
import re

_FIRST_ENTRY = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s/>]")
_HEAD_BYTES = 64 * 1024
_TTL = re.compile(rb"<ttl>\s*(\d{1,7})\s*</ttl>")
_PERIOD = re.compile(rb"<\w+:updatePeriod[^>]{0,200}>\s*(\w{1,10})\s*<")
_FREQUENCY = re.compile(rb"<\w+:updateFrequency[^>]{0,200}>\s*(\d{1,5})\s*<")
_LINK = re.compile(rb"<(?:\w+:)?link\b([^>]{1,4000})>")
_REL_HUB = re.compile(rb"""\brel\s*=\s*(["'])\s*hub\s*\1""", re.IGNORECASE)
_HREF = re.compile(rb"""\bhref\s*=\s*(["'])(.*?)\1""", re.DOTALL)

_SECONDS = {b"hourly": 3_600, b"daily": 86_400, b"weekly": 604_800, b"monthly": 2_592_000, b"yearly": 31_536_000}


def asked_interval(data: bytes) -> float | None:
    """Seconds between polls that the feed asks for: the longer of RSS ``ttl`` (minutes) and ``sy:updatePeriod``."""
    head = _head(data)
    asked = [seconds for seconds in (_ttl(head), _syndication_period(head)) if seconds]
    return max(asked, default=None)


def hub_url(data: bytes) -> str | None:
    """The address of the feed's WebSub hub, as written."""
    for link in _LINK.finditer(_head(data)):
        href = _HREF.search(link[1]) if _REL_HUB.search(link[1]) else None
        if href:
            return html.unescape(href[2].decode("utf-8", "replace"))
    return None


def _head(data: bytes) -> bytes:
    first = _FIRST_ENTRY.search(data, 0, _HEAD_BYTES)
    return data[: first.start() if first else _HEAD_BYTES]


def _ttl(head: bytes) -> float | None:
    found = _TTL.search(head)
    return 60.0 * int(found[1]) if found else None


def _syndication_period(head: bytes) -> float | None:
    period, frequency = _PERIOD.search(head), _FREQUENCY.search(head)
    if not period or period[1].lower() not in _SECONDS:
        return None
    times = int(frequency[1]) if frequency else 1
    return _SECONDS[period[1].lower()] / max(times, 1)
