"""RSS, RDF and Atom.

Two parsers: `fastfeedparser` is about seventy times as fast as feedparser's default on real feeds, `feedparser` knows
more of what publishers do wrong. The fast one reads first; the thorough one is asked where the fast one fails, where
an entry came out without a link, where there are more entries in the bytes than came out, where the bytes are not
UTF-8, and where relative links hang on an ``xml:base``. What a feed says must not depend on who read it.
"""

from __future__ import annotations

import calendar
import io
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import fastfeedparser  # type: ignore[import-untyped]
import feedparser
from lxml import etree

from storyfold.errors import BadInput
from storyfold.feeds.hints import asked_interval, hub_url
from storyfold.feeds.model import Feed, FeedEntry, FeedKind, absolute, entry, plain_line
from storyfold.feeds.sniff import root_name

THOROUGH_BYTES = 5_000_000
"""What feedparser is given at most (it takes about a second for that); entries beyond are lost, which is said."""

_ITEM = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s/>]")


@dataclass(frozen=True, slots=True)
class _Item:
    link: str | None
    guid: str | None
    title: str | None
    published: datetime | None
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class _Reading:
    kind: FeedKind
    title: str | None
    home: str | None
    items: list[_Item]
    fault: str | None


def parse_syndication(data: bytes, *, content_type: str, url: str, now: datetime) -> Feed:
    """As `parse_feed`, for XML that is neither a page nor a sitemap."""
    reading = _read_fast(data)
    if reading is None or _doubtful(reading, data):
        reading = _read_thoroughly(data, content_type, url) or reading
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


def _entry(item: _Item, url: str, now: datetime) -> FeedEntry | None:
    return entry(
        base=url,
        link=item.link,
        guid=item.guid,
        title=item.title,
        published=item.published,
        updated=item.updated,
        now=now,
    )


def _doubtful(reading: _Reading, data: bytes) -> bool:
    links = [item.link or "" for item in reading.items]
    relative = any(not link.startswith(("http://", "https://")) for link in links if link)
    return (
        not all(links)
        or len(links) < sum(1 for _ in _ITEM.finditer(data))
        or (relative and b"xml:base" in data)
        or not _is_utf8(data)
    )


def _read_fast(data: bytes) -> _Reading | None:
    try:
        parsed = fastfeedparser.parse(data, include_content=False, include_tags=False, include_media=False)
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError, etree.LxmlError):
        return None  # the thorough parser has the last word
    items = [
        _Item(
            link=found.get("link"),
            guid=found.get("id"),
            title=found.get("title"),
            published=_iso(found.get("published")),
            updated=_iso(found.get("updated")),
        )
        for found in parsed.entries
    ]
    return _Reading(_kind_of(data), parsed.feed.get("title"), parsed.feed.get("link"), items, _not_well_formed(data))


def _read_thoroughly(data: bytes, content_type: str, url: str) -> _Reading | None:
    taken = data[:THOROUGH_BYTES]
    parsed = feedparser.parse(
        io.BytesIO(taken),
        response_headers={"content-type": content_type or "application/xml", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.version and not parsed.entries:
        return None
    items = [
        _Item(
            link=found.get("link"),
            guid=found.get("id"),
            title=found.get("title"),
            published=_utc(dict.get(found, "published_parsed")),
            updated=_utc(dict.get(found, "updated_parsed")),  # its own `get` gives `published` where there is none
        )
        for found in parsed.entries
    ]
    # a wrong media type is no fault of what was read, and half the web has one
    bozo = (
        None if isinstance(parsed.get("bozo_exception"), feedparser.NonXMLContentType) else parsed.get("bozo_exception")
    )
    fault = str(bozo) if bozo else None
    if len(taken) < len(data):
        fault = f"it is malformed and large: only the first {THOROUGH_BYTES} bytes were read"
    return _Reading(_kind_of(data), parsed.feed.get("title"), parsed.feed.get("link"), items, fault)


def _kind_of(data: bytes) -> FeedKind:
    root = root_name(data)
    return FeedKind.ATOM if root in {"feed", "entry"} else FeedKind.RDF if root == "rdf" else FeedKind.RSS


def _not_well_formed(data: bytes) -> str | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, collect_ids=False)
    try:
        etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return f"it is not well-formed XML: {error.msg}"
    except (ValueError, LookupError) as error:
        return f"its bytes are not what it declares: {error}"
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _iso(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None


def _utc(parts: time.struct_time | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parts), UTC) if parts else None
    except (ValueError, OverflowError):
        return None
