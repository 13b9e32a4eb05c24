"""Sitemaps as feeds: the news of the last days, and nothing of a site's whole past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storyfold.errors import BadInput
from storyfold.feeds.model import FeedKind
from storyfold.feeds.parse import parse_feed
from storyfold.feeds.sitemap import MAX_ENTRIES, sitemaps_in

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
URL = "https://harbour.example/news-sitemap.xml"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)


def news(path: str, when: datetime, title: str = "Ferry late") -> str:
    return (
        f"<url><loc>https://harbour.example{path}</loc><news:news><news:publication><news:name>Harbour News</news:name>"
        f"</news:publication><news:publication_date>{when.isoformat()}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
    )


def sitemap(*urls: str) -> bytes:
    return f'<?xml version="1.0"?><urlset {SPACES}>{"".join(urls)}</urlset>'.encode()


def test_news_are_read_with_title_and_date_newest_first() -> None:
    old, new = news("/old", NOW - timedelta(days=1)), news("/new", NOW - timedelta(hours=1), "Pier &amp; port")
    feed = parse_feed(sitemap(old, new), content_type="", url=URL, now=NOW)

    assert (feed.kind, feed.title) == (FeedKind.SITEMAP, "Harbour News")
    assert [(entry.url, entry.title) for entry in feed.entries] == [
        ("https://harbour.example/new", "Pier & port"),
        ("https://harbour.example/old", "Ferry late"),
    ]


def test_what_is_older_than_the_window_or_undated_is_left_out() -> None:
    undated = "<url><loc>https://harbour.example/about</loc></url>"
    feed = parse_feed(sitemap(news("/a", NOW - timedelta(days=9)), undated), content_type="", url=URL, now=NOW)

    assert feed.entries == ()
    assert feed.without_link == 1


def test_a_sitemap_without_news_counts_by_its_last_changes() -> None:
    changed = f"<url><loc>/b</loc><lastmod>{(NOW - timedelta(hours=2)).isoformat()}</lastmod></url>"
    entry = parse_feed(sitemap(changed), content_type="", url=URL, now=NOW).entries[0]

    assert (entry.url, entry.updated) == ("https://harbour.example/b", NOW - timedelta(hours=2))


def test_a_sitemap_without_end_gives_its_newest_only() -> None:
    urls = [news(f"/{n}", NOW - timedelta(seconds=n)) for n in range(MAX_ENTRIES + 5)]
    feed = parse_feed(sitemap(*reversed(urls)), content_type="", url=URL, now=NOW)

    assert len(feed.entries) == MAX_ENTRIES
    assert feed.entries[0].url == "https://harbour.example/0"


def test_a_broken_sitemap_gives_what_can_be_read_and_a_fault() -> None:
    feed = parse_feed(sitemap(news("/a", NOW))[:-30], content_type="", url=URL, now=NOW)

    assert len(feed.entries) == 1
    assert feed.fault


def test_an_index_is_no_feed_and_names_its_sitemaps() -> None:
    index = (
        f"<sitemapindex {SPACES}><sitemap><loc>https://harbour.example/1.xml</loc></sitemap>"
        "<sitemap><loc>https://harbour.example/2.xml</loc><lastmod>2020-01-01</lastmod></sitemap></sitemapindex>"
    ).encode()

    with pytest.raises(BadInput, match="index"):
        parse_feed(index, content_type="", url=URL, now=NOW)
    assert sitemaps_in(index, since=NOW - timedelta(days=3)) == ["https://harbour.example/1.xml"]
