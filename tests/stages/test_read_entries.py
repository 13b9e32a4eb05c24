"""What a reading makes of a feed's entries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from newsstand import NOON, Newsstand
from servers.site import Site
from sqlalchemy import update

from storyfold.store import feeds, links
from storyfold.store.tables import Feed, Link

FEED = """<rss version="2.0"><channel><title>Harbour Post</title><link>https://harbour-post.example/</link>
<item><title>Ferry</title><link>https://harbour-post.example/ferry</link>{date}</item></channel></rss>"""


@pytest.mark.parametrize(
    ("date", "precision"),
    [
        ("<pubDate>Wed, 01 Jul 2026 00:00:00 GMT</pubDate>", "day"),
        ("<pubDate>Wed, 01 Jul 2026 09:30:00 GMT</pubDate>", "second"),
        ("<pubDate>Fri, 03 Jul 2026 09:30:00 GMT</pubDate>", None),
        ("", None),
    ],
    ids=["midnight", "time", "future", "none"],
)
def test_a_date_is_as_exact_as_the_feed_says(stand: Newsstand, site: Site, date: str, precision: str | None) -> None:
    stand.polled(stand.watch(site.serve("/feed", FEED.format(date=date))))
    [link] = all_links(stand)
    assert link.declared_precision == precision
    assert (link.declared_published is None) == (precision is None)


def test_a_reading_says_what_the_feed_is_and_makes_its_entries_links(stand: Newsstand, site: Site) -> None:
    feed = stand.polled(stand.watch(site.serve("/feed", FEED.format(date=""))))
    assert (feed.title, feed.home_url) == ("Harbour Post", "https://harbour-post.example/")
    [link] = all_links(stand)
    assert (link.canonical_url, link.feed_id) == ("https://harbour-post.example/ferry", feed.id)


def test_an_entry_that_is_known_makes_no_second_link(stand: Newsstand, site: Site) -> None:
    feed = stand.watch(site.serve("/feed", FEED.format(date="")))
    stand.polled(feed)
    site.serve("/feed", FEED.format(date="<guid>another</guid>"))
    stand.clock.pass_(days=1)
    stand.polled(feed)
    assert len(all_links(stand)) == 1


def test_a_feed_removed_while_it_is_read_brings_nothing_and_breaks_nothing(stand: Newsstand, site: Site) -> None:
    feed = stand.watch(site.serve("/feed", FEED.format(date="")))
    stand.run(stand.poll, feed)

    def remove() -> None:
        with stand.sessions.begin() as session:
            feeds.remove_feed(session, feed, "ada", NOON)

    stand.run(stand.read, feed, between=remove)
    assert all_links(stand) == []


def test_a_body_that_is_no_longer_kept_is_an_error_and_the_feed_is_polled_on(stand: Newsstand, site: Site) -> None:
    feed = stand.watch(site.serve("/feed", FEED.format(date="")))
    stand.run(stand.poll, feed)
    with stand.sessions.begin() as session:
        session.execute(update(Feed).values(unread_page_id=4711))
    stand.run(stand.read, feed)
    after = stand.feed(feed)
    assert after.error.startswith("page-gone")
    assert NOON < after.next_poll_at < NOON + timedelta(days=2)


def all_links(stand: Newsstand) -> list[Link]:
    with stand.sessions() as session:
        return links.list_links(session)
