"""Discover: from a home page to the feeds and news sitemaps of its site.

Parses hostile HTML and makes many requests: to be run where it holds nobody else up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from storyfold.errors import StoryfoldError
from storyfold.feeds.discovery import Document, FoundFeed, discover
from storyfold.web.client import Client
from storyfold.web.robots import robots_url, sitemaps


@dataclass(slots=True)
class Discovery:
    """One search. `pause` seconds are waited between two requests to one host."""

    client: Client
    pause: float
    wait: Callable[[float], None]
    _asked: set[str] = field(default_factory=set)

    def feeds_of(self, url: str, now: datetime) -> list[FoundFeed]:
        """The feeds of the site whose page is at `url`, the likeliest first. Raises where the page cannot be had."""
        page = self._fetch(url)
        return discover(page, self._fetch, now=now, robots_sitemaps=self._named(page.url))

    def _named(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the site's robots.txt names."""
        try:
            body = self._fetch(robots_url(url)).body
        except StoryfoldError:
            return ()  # a site without the file names none
        return sitemaps(body.decode("utf-8", "replace"))

    def _fetch(self, url: str) -> Document:
        host = urlsplit(url).netloc
        if host in self._asked:
            self.wait(self.pause)
        self._asked.add(host)
        fetched = self.client.fetch(url)
        return Document(fetched.final_url, fetched.headers.get("content-type", ""), fetched.body)
