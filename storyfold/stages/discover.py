"""Discover: from a home page to the feeds and news sitemaps of its site.

Parses hostile HTML and makes many requests: to be run where it holds nobody else up, and for as long as somebody waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from storyfold.errors import BadInput, FateError, Rejected, StoryfoldError, Transient
from storyfold.feeds.discovery import Document, FoundFeed, discover
from storyfold.settings import Settings
from storyfold.web.client import Client
from storyfold.web.exchange import Limits
from storyfold.web.guard import AddressGuard
from storyfold.web.robots import robots_url, sitemaps

SEARCH_SECONDS = 16.0
"""After these a search asks for no more; the request in hand may take half as many again."""


@dataclass(slots=True)
class Discovery:
    """One search. `pause` seconds are waited between two requests to one host; after `seconds` no more are made, and
    what was found until then is the answer."""

    client: Client
    pause: float
    wait: Callable[[float], None]
    seconds: float = float("inf")
    clock: Callable[[], float] = time.monotonic
    _ends: float | None = None
    _asked: set[str] = field(default_factory=set)

    def feeds_of(self, url: str, now: datetime) -> list[FoundFeed]:
        """The feeds of the site whose page is at `url`, the likeliest first. Raises where the page cannot be had."""
        self._ends = self.clock() + self.seconds
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
        if self._ends is not None and self.clock() >= self._ends:
            raise Transient("time-out", f"the search has taken {self.seconds:g} seconds")
        host = urlsplit(url).netloc
        if host in self._asked:
            self.wait(self.pause)
        self._asked.add(host)
        fetched = self.client.fetch(url)
        return Document(fetched.final_url, fetched.headers.get("content-type", ""), fetched.body)


def answer(search: Discovery, url: str, now: datetime) -> dict[str, Any]:
    """What a search finds, as a worker answers it: ``ok``, or ``error`` with the reason."""
    try:
        found = search.feeds_of(url, now)
    except BadInput as error:
        return _refused(Rejected("invalid-url", str(error)))
    except FateError as error:
        return _refused(error)
    return {"ok": [{"url": f.url, "kind": str(f.kind), "title": f.title, "entries": f.entries} for f in found]}


def _refused(error: FateError) -> dict[str, Any]:
    return {"error": {"reason": error.reason, "message": str(error), "transient": isinstance(error, Transient)}}


def search_for(settings: Settings) -> Discovery:
    """A search that somebody waits for: it gives its answer before they have stopped to."""
    each = min(settings.fetch_seconds, SEARCH_SECONDS / 2)
    limits = Limits(wire_bytes=settings.fetch_bytes, decoded_bytes=settings.fetch_bytes, total_seconds=each)
    guard = AddressGuard([str(network) for network in settings.allow_networks])
    client = Client(guard, limits, settings.user_agent)
    return Discovery(client, settings.host_pause, time.sleep, SEARCH_SECONDS)
