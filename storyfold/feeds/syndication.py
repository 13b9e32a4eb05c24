"""RSS, RDF and Atom.

Two parsers: `fastfeedparser` is about seventy times as fast as feedparser's default on real feeds, `feedparser` knows
more of what publishers do wrong. The fast one reads first; the thorough one is asked where the fast one fails, where
an entry came out without a link, where there are more entries in the bytes than came out, where the bytes are not
UTF-8, and where relative links hang on an ``xml:base``. Of two readings the one with more links counts.

Neither bounds its own work on what is made to be slow (feedparser took a minute for 5 MB of empty entries), so both
are given so much and no more; what was left out is said.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from datetime import datetime

from storyfold.errors import BadInput
from storyfold.feeds.hints import asked_interval, hub_url
from storyfold.feeds.model import Feed, FeedEntry, absolute, entry, plain_line
from storyfold.feeds.readers import Item, Reading, read_fast, read_thoroughly

MAX_ENTRIES = 10_000
"""Entries of one feed that are read, the first; ten times what the largest real feeds hold."""

THOROUGH_ENTRIES = 2_000
THOROUGH_BYTES = 4_000_000
"""What feedparser is given at most: about a second's work for what publishers write."""

_ITEM = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s/>]")
_FEED = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:rss|rdf|feed|channel|item|entry)[\s/>]", re.IGNORECASE)
_FEED_WITHIN = 64 * 1024


def parse_syndication(data: bytes, *, content_type: str, url: str, now: datetime) -> Feed:
    """As `parse_feed`, for XML that is neither a page nor a sitemap."""
    reading = _read(data, content_type, url)
    if reading is None:
        raise BadInput("this is no feed that can be read: neither RSS, Atom, RDF, JSON Feed nor a news sitemap")
    entries = [_entry(item, url, now) for item in reading.items]
    followed = tuple(found for found in entries if found is not None)
    return Feed(
        kind=reading.kind,
        title=plain_line(reading.title),
        home_url=absolute(url, reading.home),
        entries=followed,
        without_link=len(entries) - len(followed),
        asked_interval=asked_interval(data),
        hub_url=absolute(url, hub_url(data)),
        fault=reading.fault,
    )


def _entry(item: Item, url: str, now: datetime) -> FeedEntry | None:
    return entry(
        base=url,
        link=item.link,
        guid=item.guid,
        title=item.title,
        published=item.published,
        updated=item.updated,
        now=now,
    )


def _read(data: bytes, content_type: str, url: str) -> Reading | None:
    plain = data.replace(b"\0", b"")  # UTF-16 without its zeros can be searched like the rest
    if not _FEED.search(plain, 0, _FEED_WITHIN):
        return None
    taken = _first_entries(data, MAX_ENTRIES)
    fast = read_fast(taken)
    if not _ITEM.search(plain) or (fast is not None and not _doubtful(fast, taken)):
        return fast and _with_fault(fast, taken, data)
    taken_thoroughly = _first_entries(data, THOROUGH_ENTRIES)[:THOROUGH_BYTES]
    thorough = read_thoroughly(taken_thoroughly, content_type, url)
    if thorough is None or (fast is not None and fast.links > thorough.links):
        return fast and _with_fault(fast, taken, data)
    return _with_fault(thorough, taken_thoroughly, data)


def _first_entries(data: bytes, count: int) -> bytes:
    """`data` up to where one entry too many begins."""
    further = next(itertools.islice(_ITEM.finditer(data), count, None), None)
    return data if further is None else data[: further.start()]


def _with_fault(reading: Reading, taken: bytes, data: bytes) -> Reading:
    if len(taken) == len(data):
        return reading
    return dataclasses.replace(reading, fault=f"it is too large: only its first {len(reading.items)} entries were read")


def _doubtful(reading: Reading, data: bytes) -> bool:
    links = [item.link or "" for item in reading.items]
    relative = any(not link.startswith(("http://", "https://")) for link in links if link)
    return (
        not all(links)
        or len(links) < sum(1 for _ in _ITEM.finditer(data))
        or (relative and b"xml:base" in data)
        or not _is_utf8(data)
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
