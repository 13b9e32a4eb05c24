"""News sitemaps, and sitemaps that say when a page changed.

A sitemap may list a site's whole past, so only a window of it counts as news: what is dated within the last days. An
entry without a date is not news that could be told from the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lxml import etree

from storyfold.errors import BadInput
from storyfold.feeds.dates import parse_date
from storyfold.feeds.model import Feed, FeedEntry, FeedKind, entry

WINDOW = timedelta(days=3)
"""Google asks that a news sitemap hold two days; a day more is for those who lag."""

MAX_ENTRIES = 1_000
"""A news sitemap may hold that many; the newest of more are taken, so that one site cannot starve the rest."""


def parse_sitemap(data: bytes, *, url: str, now: datetime) -> Feed:
    """The news in a sitemap. Raises `BadInput` for an index of sitemaps, which has no entries of its own."""
    root = _tree(data)
    if _name(root) == "sitemapindex":
        raise BadInput("this is an index of sitemaps: discovery finds the news sitemaps in it")
    dated: list[tuple[datetime, FeedEntry]] = []
    undated = 0
    for element in root.iterchildren("{*}url"):
        when, found = _entry(element, url, now)
        if found is None or when is None:
            undated += 1
        elif when >= now - WINDOW:
            dated.append((when, found))
    dated.sort(key=lambda pair: pair[0], reverse=True)
    return Feed(
        kind=FeedKind.SITEMAP,
        title=root.findtext("{*}url/{*}news/{*}publication/{*}name"),
        home_url=None,
        entries=tuple(found for _, found in dated[:MAX_ENTRIES]),
        without_link=undated,
        fault=_fault(data) or (f"{undated} entries have no date or no address" if undated else None),
    )


def sitemaps_in(data: bytes, *, since: datetime) -> list[str]:
    """The sitemaps an index names, those last, whose change is known and older than `since`, left out."""
    found = []
    for element in _tree(data).iterchildren("{*}sitemap"):
        location, changed = element.findtext("{*}loc"), parse_date(element.findtext("{*}lastmod"))
        if location and (changed is None or changed >= since):
            found.append(location.strip())
    return found


def _entry(element: etree._Element, base: str, now: datetime) -> tuple[datetime | None, FeedEntry | None]:
    published = parse_date(element.findtext("{*}news/{*}publication_date"))
    updated = parse_date(element.findtext("{*}lastmod"))
    found = entry(
        base=base,
        link=element.findtext("{*}loc"),
        guid=None,
        title=element.findtext("{*}news/{*}title"),
        published=published,
        updated=updated,
        now=now,
    )
    return (found.published or found.updated if found else None), found


def _tree(data: bytes) -> etree._Element:
    root = _parsed(data)
    if root is None:
        raise BadInput("the sitemap is not XML that can be read")
    return root


def _parsed(data: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(data, _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


def _fault(data: bytes) -> str | None:
    try:
        etree.fromstring(data, _parser(recover=False))
    except etree.XMLSyntaxError as error:
        return f"it is not well-formed XML: {error.msg}"
    return None


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=recover)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()
