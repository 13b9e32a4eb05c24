"""Bytes of a feed -> what it says.

Whatever can be read is taken, and what is wrong is said beside it; `BadInput` is only for what is no feed at all. The
caller runs this in a process with a time limit: a parser for the web's malformed XML has no upper bound of its own.
"""

from __future__ import annotations

import zlib
from datetime import datetime

from storyfold.errors import BadInput
from storyfold.feeds.jsonfeed import parse_json_feed
from storyfold.feeds.model import Feed
from storyfold.feeds.sitemap import parse_sitemap
from storyfold.feeds.sniff import root_name
from storyfold.feeds.syndication import parse_syndication

MAX_INFLATED = 20_000_000
"""Bytes that a feed served as a ``.gz`` file may unpack to."""


def parse_feed(body: bytes, *, content_type: str, url: str, now: datetime) -> Feed:
    """RSS, RDF, Atom, JSON Feed or news sitemap.

    `content_type` is the header as served (its charset is a hint), `url` where the bytes came from, for relative links;
    entries dated after `now` count as undated. Raises `BadInput`, saying what to do, for what is no feed.
    """
    data = _unzipped(body).lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not data:
        raise BadInput("the server sent an empty body, not a feed")
    if data.startswith((b"{", b"[")):
        return parse_json_feed(data, url=url, now=now)
    root = root_name(data)
    if root == "html":
        raise BadInput("this is a web page, not a feed: discovery finds the feeds of a page")
    if root in {"urlset", "sitemapindex"}:
        return parse_sitemap(data, url=url, now=now)
    return parse_syndication(data, content_type=content_type, url=url, now=now)


def _unzipped(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        data = unpacker.decompress(body, MAX_INFLATED)
    except zlib.error as error:
        raise BadInput(f"the feed is a damaged gzip file: {error}") from error
    if unpacker.unconsumed_tail:
        raise BadInput(f"the feed unpacks to more than {MAX_INFLATED} bytes")
    return data
