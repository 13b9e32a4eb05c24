"""Lists of feeds, and finding them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from newsstand import NOON, Newsstand
from servers.site import Site

from storyfold.feeds.health import FeedState
from storyfold.feeds.opml import OpmlFeed, read_opml, write_opml
from storyfold.stages.discover import Discovery
from storyfold.stages.feed_lists import export_opml, health_of, import_opml
from storyfold.store import feeds

FEED = (
    '<rss version="2.0"><channel><title>Harbour Post</title>'
    "<item><title>Ferry</title><link>https://harbour-post.example/ferry</link></item></channel></rss>"
)


def listed(*outlines: OpmlFeed) -> bytes:
    return write_opml(outlines, title="Mine", now=NOON)


def test_a_list_goes_in_and_comes_out_the_same(stand: Newsstand) -> None:
    mine = [
        OpmlFeed("https://a.example/rss?x=1&y=2", "A", "https://a.example/", ("Coast", "North"), {"category": "/News"}),
        OpmlFeed("https://b.example/rss", "B", None, ("Coast",)),
        OpmlFeed("https://c.example/rss", None),
    ]
    with stand.sessions.begin() as session:
        import_opml(session, listed(*mine), NOON, Random(1))
    with stand.sessions() as session:
        assert read_opml(export_opml(session, NOON)) == mine


def test_the_first_polls_of_a_long_list_are_spread(stand: Newsstand) -> None:
    data = listed(*(OpmlFeed(f"https://a.example/{number}") for number in range(1_500)))
    with stand.sessions.begin() as session:
        imported = import_opml(session, data, NOON, Random(1))
    assert all(feed.created for feed in imported)
    with stand.sessions() as session:
        times = [feed.next_poll_at for feed in feeds.list_feeds(session, limit=2_000)]
    assert max(times) <= NOON + timedelta(seconds=150)
    assert sum(time <= NOON + timedelta(seconds=15) for time in times) < 300


def test_a_feed_that_stands_twice_in_a_list_is_new_once(stand: Newsstand) -> None:
    with stand.sessions.begin() as session:
        imported = import_opml(session, listed(*[OpmlFeed("https://a.example/rss")] * 2), NOON, Random(1))
    assert [feed.created for feed in imported] == [True, False]
    assert imported[0].id == imported[1].id


def test_health_is_read_from_what_polls_left(stand: Newsstand, site: Site) -> None:
    feed = stand.watch(site.serve("/feed", "", status=410))
    assert health_of(stand.polled(feed), stand.clock.now).state is FeedState.GONE
    site.serve("/feed", FEED)
    stand.clock.now = stand.feed(feed).next_poll_at
    assert health_of(stand.polled(feed), stand.clock.now).state is FeedState.OK
    late = stand.feed(feed).next_poll_at + timedelta(seconds=30)
    assert health_of(stand.feed(feed), late).lag_seconds == 30


def test_discovery_finds_what_a_page_declares_and_a_robots_file_names_politely(stand: Newsstand, site: Site) -> None:
    news = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://harbour-post.example/ferry</loc>'
        "<news:news><news:publication_date>2026-07-01T09:00:00Z</news:publication_date></news:news></url></urlset>"
    )
    site.serve("/feed", FEED, content_type="application/rss+xml")
    site.serve("/robots.txt", f"Sitemap: {site.url('/news.xml')}", content_type="text/plain")
    site.serve("/news.xml", news, content_type="application/xml")
    home = site.serve("/", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>')
    waited: list[float] = []
    found = Discovery(stand.fetch.client, 1.5, waited.append).feeds_of(home, NOON)
    assert [feed.url for feed in found] == [site.url("/feed"), site.url("/news.xml")]
    assert waited == [1.5] * (len(site.requests) - 1)
