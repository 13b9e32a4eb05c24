"""The addresses in a page that may be feeds: those it declares, and those it merely links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

from storyfold.feeds.model import absolute

FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/rss",
        "application/atom",
        "application/x.rss+xml",
        "application/x.atom+xml",
        "text/rss+xml",
        "text/atom+xml",
    }
)
_UNSURE_TYPES = frozenset({"application/json", "application/xml", "text/xml", ""})
_COMMENTS = re.compile(r"comments?\b|kommentare", re.IGNORECASE)
_FEED_PATH = re.compile(r"(?:^|[/._-])(?:rss|atom|feeds?|rdf)(?:[/._-]|$)|\.(?:rss|atom|rdf)$|[?&]feed=", re.IGNORECASE)
_FEED_WORD = re.compile(r"\b(?:rss|atom|feeds?|xml)\b", re.IGNORECASE)


def declared_feeds(body: bytes, url: str) -> list[str]:
    """What the page at `url` declares by ``<link rel="alternate">`` or ``rel="feed"``, feeds of comments last."""
    found: list[tuple[bool, str]] = []
    tree = _tree(body)
    base = _base(tree, url)
    for link in tree.iter("link"):
        address = absolute(base, link.get("href"))
        if address and _declares_feed(link):
            found.append((bool(_COMMENTS.search(f"{link.get('title', '')} {urlsplit(address).path}")), address))
    return _unique(address for _, address in sorted(found, key=lambda pair: pair[0]))


def linked_feeds(body: bytes, url: str) -> list[str]:
    """Where the page's ``<a>`` lead that look like feeds by address, by text or by the picture in them."""
    likely, possible = [], []
    tree = _tree(body)
    base = _base(tree, url)
    for anchor in tree.iter("a"):
        address = absolute(base, anchor.get("href"))
        if not address:
            continue
        parts = urlsplit(address)
        if _FEED_PATH.search(parts.path + (f"?{parts.query}" if parts.query else "")) or _is_feed_type(anchor):
            likely.append(address)
        elif _FEED_WORD.search(_words(anchor)):
            possible.append(address)
    return _unique([*likely, *possible])


def _declares_feed(link: etree._Element) -> bool:
    relations = (link.get("rel") or "").lower().split()
    if "feed" in relations:
        return True
    media = _media_type(link)
    unsure = media in _UNSURE_TYPES and bool(_FEED_PATH.search(urlsplit(link.get("href") or "").path))
    return "alternate" in relations and "stylesheet" not in relations and (media in FEED_TYPES or unsure)


def _is_feed_type(element: etree._Element) -> bool:
    return _media_type(element) in FEED_TYPES


def _media_type(element: etree._Element) -> str:
    return (element.get("type") or "").partition(";")[0].strip().lower()


def _words(anchor: etree._Element) -> str:
    own = [anchor.get("title") or "", anchor.get("aria-label") or "", *map(str, anchor.itertext())]
    return " ".join([*own, *(image.get("alt") or "" for image in anchor.iter("img"))])[:500]


def _tree(body: bytes) -> etree._Element:
    declared = b"charset" in body[:2_048]
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, encoding=None if declared else "utf-8")
    try:
        tree: etree._Element = lxml.html.document_fromstring(body, parser=parser)
    except (etree.ParserError, ValueError):
        tree = lxml.html.Element("html")  # an empty page declares nothing
    return tree


def _base(tree: etree._Element, url: str) -> str:
    first = next(tree.iter("base"), None)
    return (absolute(url, first.get("href")) if first is not None else None) or url


def _unique(urls: Iterator[str] | list[str]) -> list[str]:
    return list(dict.fromkeys(urls))
