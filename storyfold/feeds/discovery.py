"""From a home page to the feeds and news sitemaps of its site.

`discover` fetches by a function that it is given and verifies each candidate by reading it; it makes a bounded number
of requests, the likeliest first: what the page declares, what it links to, what robots.txt names, and only when all of
that brought nothing, the addresses that most systems use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from storyfold.errors import BadInput, StoryfoldError
from storyfold.feeds.candidates import declared_feeds, linked_feeds
from storyfold.feeds.model import Feed, FeedKind
from storyfold.feeds.parse import parse_feed
from storyfold.feeds.sitemap import sitemaps_in
from storyfold.feeds.sniff import root_name

MAX_REQUESTS = 25
"""Requests one discovery may make after the page itself."""

_USUAL_PLACES = (
    "/feed/",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/rss",
    "/rss/",
    "/feed.json",
    "/feeds/posts/default",
)
_USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap.xml")
_NEWS = re.compile(r"news|latest|article|post", re.IGNORECASE)
_SITEMAP_AGE = timedelta(days=3)
_SITEMAPS_OF_AN_INDEX = 5


@dataclass(frozen=True, slots=True)
class Document:
    """What fetching brought: the address after redirects, the ``Content-Type`` header, the bytes."""

    url: str
    content_type: str
    body: bytes


Fetch = Callable[[str], Document]
"""Raises a `StoryfoldError` for what cannot be had."""


@dataclass(frozen=True, slots=True)
class FoundFeed:
    url: str
    kind: FeedKind
    title: str | None
    entries: int


def discover(page: Document, fetch: Fetch, *, now: datetime, robots_sitemaps: Iterable[str] = ()) -> list[FoundFeed]:
    """The feeds of the site that `page` is of, each verified, in order of likelihood.

    A `page` that is a feed itself is the only result. `robots_sitemaps` are what the site's robots.txt names.
    """
    itself = _read(page, now)
    if itself is not None:
        return [_found(page.url, itself)]
    search = _Search(fetch, now, {page.url})
    search.try_all(declared_feeds(page.body, page.url))
    if not search.found:
        search.try_all(linked_feeds(page.body, page.url))
    search.try_sitemaps(robots_sitemaps)
    if not search.found:
        search.try_sitemaps(urljoin(page.url, place) for place in _USUAL_SITEMAPS)
        search.try_all(urljoin(page.url, place) for place in _USUAL_PLACES)
    return search.found


class _Search:
    """Candidates tried so far, and what came of them."""

    def __init__(self, fetch: Fetch, now: datetime, tried: set[str]) -> None:
        self.found: list[FoundFeed] = []
        self._fetch = fetch
        self._now = now
        self._tried = tried
        self._left = MAX_REQUESTS

    def try_all(self, urls: Iterable[str]) -> None:
        for document in self._documents(urls):
            feed = _read(document, self._now)
            if feed is not None:
                self._add(document, feed)

    def try_sitemaps(self, urls: Iterable[str]) -> None:
        """Sitemaps with news in them, directly or one level below an index."""
        for document in self._documents(urls):
            feed = _read(document, self._now)
            if feed is not None and feed.entries:
                self._add(document, feed)
            elif root_name(document.body) == "sitemapindex":
                self._try_index(document)

    def _try_index(self, index: Document) -> None:
        named = sitemaps_in(index.body, since=self._now - _SITEMAP_AGE)
        likely = sorted(named, key=lambda url: not _NEWS.search(urlsplit(url).path))[:_SITEMAPS_OF_AN_INDEX]
        for document in self._documents(likely):
            feed = _read(document, self._now)
            if feed is not None and feed.entries:
                self._add(document, feed)

    def _add(self, document: Document, feed: Feed) -> None:
        if all(document.url != known.url for known in self.found):
            self.found.append(_found(document.url, feed))

    def _documents(self, urls: Iterable[str]) -> Iterator[Document]:
        for url in urls:
            if url in self._tried or self._left <= 0:
                continue
            self._tried.add(url)
            self._left -= 1
            try:
                yield self._fetch(url)
            except StoryfoldError:
                continue  # a candidate that is not there is no candidate


def _read(document: Document, now: datetime) -> Feed | None:
    try:
        return parse_feed(document.body, content_type=document.content_type, url=document.url, now=now)
    except BadInput:
        return None


def _found(url: str, feed: Feed) -> FoundFeed:
    return FoundFeed(url, feed.kind, feed.title, len(feed.entries))
