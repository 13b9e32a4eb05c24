"""The two parsers of RSS, RDF and Atom, each as bytes -> what it read."""

from __future__ import annotations

import calendar
import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import fastfeedparser  # type: ignore[import-untyped]
import feedparser
from lxml import etree

from storyfold.feeds.model import FeedKind
from storyfold.feeds.sniff import root_name


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as a parser found it."""

    link: str | None
    guid: str | None
    title: str | None
    published: datetime | None
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed as a parser found it."""

    kind: FeedKind
    title: str | None
    home: str | None
    items: list[Item]
    fault: str | None

    @property
    def links(self) -> int:
        """How many entries have one."""
        return sum(1 for item in self.items if item.link)


def read_fast(data: bytes) -> Reading | None:
    """What `fastfeedparser` makes of `data`; None where it gives up."""
    try:
        parsed = fastfeedparser.parse(data, include_content=False, include_tags=False, include_media=False)
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError, etree.LxmlError):
        return None  # the thorough parser has the last word
    items = [
        Item(
            link=found.get("link"),
            guid=found.get("id"),
            title=found.get("title"),
            published=_iso(found.get("published")),
            updated=_iso(found.get("updated")),
        )
        for found in parsed.entries
    ]
    return Reading(_kind_of(data), parsed.feed.get("title"), parsed.feed.get("link"), items, _not_well_formed(data))


def read_thoroughly(data: bytes, content_type: str, url: str) -> Reading | None:
    """What `feedparser` makes of `data`; None where it sees no feed. Its time has no bound but the size of `data`."""
    parsed = feedparser.parse(
        io.BytesIO(data),
        response_headers={"content-type": content_type or "application/xml", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.version and not parsed.entries:
        return None
    items = [
        Item(
            link=found.get("link"),
            guid=found.get("id"),
            title=found.get("title"),
            published=_utc(dict.get(found, "published_parsed")),
            updated=_utc(dict.get(found, "updated_parsed")),  # its own `get` gives `published` where there is none
        )
        for found in parsed.entries
    ]
    return Reading(_kind_of(data), parsed.feed.get("title"), parsed.feed.get("link"), items, _fault(parsed))


def _fault(parsed: feedparser.FeedParserDict) -> str | None:
    """A wrong media type is no fault of what was read, and half the web has one."""
    bozo = parsed.get("bozo_exception")
    return None if bozo is None or isinstance(bozo, feedparser.NonXMLContentType) else str(bozo)


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
