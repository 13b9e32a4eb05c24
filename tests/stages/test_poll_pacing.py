"""Polls: conditional as a rule, ever later but always, and never hiding what is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from newsstand import NOON, Newsstand
from servers.site import Reply, Request, Site

from storyfold.stages.dispatch import Dispatch
from storyfold.store.tables import Feed

HOUR = timedelta(hours=1)


def rss(*entries: tuple[str, datetime | None], title: str = "Harbour Post") -> bytes:
    items = "".join(
        f"<item><title>{name}</title><link>https://harbour-post.example/{name}</link>"
        + (f"<pubDate>{format_datetime(at)}</pubDate>" if at else "")
        + "</item>"
        for name, at in entries
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


ONE = rss(("ferry", NOON - HOUR))


@pytest.fixture
def due(stand: Newsstand) -> Callable[[int], Feed]:
    """Poll and read a feed at the time at which it is due."""

    def poll(feed_id: int) -> Feed:
        stand.clock.now = max(stand.clock.now, stand.feed(feed_id).next_poll_at)
        return stand.polled(feed_id)

    return poll


def conditional(body: Callable[[], bytes], *, honest: bool = True) -> Callable[[Request], Reply]:
    """A route that answers 304 to a known ETag; one that is not `honest` to any."""

    def answer(request: Request) -> Reply:
        tag = f'"{len(body())}"'
        sent = request.headers.get("if-none-match")
        if sent == tag or (sent and not honest):
            return Reply(status=304, headers={"etag": sent})
        return Reply(body(), headers={"etag": tag})

    return answer


def test_validators_are_sent_back_and_a_304_costs_no_reading(stand: Newsstand, site: Site, due) -> None:
    site.routes["/feed"] = conditional(lambda: ONE)
    feed = stand.watch(site.url("/feed"))
    due(feed)
    after = due(feed)
    assert [request.headers.get("if-none-match") for request in site.asked("/feed")] == [None, f'"{len(ONE)}"']
    assert (after.unread_page_id, after.last_success, after.error) == (None, stand.clock.now, None)


def test_a_feed_that_says_304_for_days_is_asked_once_without_validators(stand: Newsstand, site: Site, due) -> None:
    site.routes["/feed"] = conditional(lambda: ONE)
    feed = stand.watch(site.url("/feed"))
    due(feed)
    due(feed)
    stand.clock.pass_(days=3)
    due(feed)
    due(feed)
    sent = [bool(request.headers.get("if-none-match")) for request in site.asked("/feed")]
    assert sent == [False, True, False, True]


def test_validators_that_lied_are_left_out_for_a_month(stand: Newsstand, site: Site, due) -> None:
    bodies = [ONE]
    site.routes["/feed"] = conditional(lambda: bodies[-1], honest=False)
    feed = stand.watch(site.url("/feed"))
    due(feed)
    bodies.append(rss(("ferry", NOON - HOUR), ("tide-mill", NOON + 2 * HOUR)))
    stand.clock.pass_(days=2, hours=20)
    due(feed)
    stand.clock.pass_(hours=5)
    due(feed)
    due(feed)
    sent = [bool(request.headers.get("if-none-match")) for request in site.asked("/feed")]
    assert sent == [False, True, False, False]
    stand.clock.pass_(days=31)
    due(feed)
    due(feed)
    assert site.asked("/feed")[-1].headers.get("if-none-match")


def test_a_body_that_is_the_same_is_not_read_again(stand: Newsstand, site: Site, due) -> None:
    feed = stand.watch(site.serve("/feed", ONE))
    due(feed)
    stand.clock.pass_(days=1)
    assert stand.run(stand.poll, feed)
    assert not stand.run(stand.read, feed)


def test_what_is_no_feed_stays_an_error_while_it_stays_the_same(stand: Newsstand, site: Site, due) -> None:
    feed = stand.watch(site.serve("/feed", "<html><p>Not here any more.</p></html>"))
    streaks = [due(feed).error_streak for _ in range(3)]
    assert streaks == [1, 2, 3]
    assert stand.feed(feed).last_success is None
    assert stand.feed(feed).error.startswith("not-a-feed")


def test_a_feed_that_comes_back_is_well_again(stand: Newsstand, site: Site, due) -> None:
    feed = stand.watch(site.serve("/feed", "", status=503))
    due(feed)
    due(feed)
    site.serve("/feed", ONE)
    after = due(feed)
    assert (after.error, after.error_streak, after.last_success) == (None, 0, stand.clock.now)


def test_a_feed_that_is_gone_is_asked_once_a_week(stand: Newsstand, site: Site, due) -> None:
    feed = stand.watch(site.serve("/feed", "", status=410))
    after = due(feed)
    assert after.next_poll_at - stand.clock.now >= timedelta(days=7)
    site.serve("/feed", ONE)
    assert not due(feed).schedule["gone"]


def test_a_move_is_adopted_when_it_has_held(stand: Newsstand, site: Site, due) -> None:
    site.routes["/feed"] = Reply(status=301, headers={"location": "/feed2"})
    site.routes["/feed2"] = conditional(lambda: ONE)
    feed = stand.watch(site.url("/feed"))
    seen = []
    for _ in range(5):
        seen.append(due(feed).url)
        stand.clock.pass_(days=1)
    assert seen == [site.url("/feed")] * 3 + [site.url("/feed2")] * 2


def test_a_move_to_a_feed_that_is_watched_already_is_said_and_changes_nothing(
    stand: Newsstand, site: Site, due
) -> None:
    site.routes["/feed"] = Reply(status=308, headers={"location": "/feed2"})
    site.serve("/feed2", ONE)
    feed, other = stand.watch(site.url("/feed")), stand.watch(site.url("/feed2"))
    for _ in range(4):
        after = due(feed)
        stand.clock.pass_(days=1)
    assert after.url == site.url("/feed")
    assert after.error == f"it has moved to {site.url('/feed2')}, which is watched as feed {other}: " + (
        "this one can be removed"
    )


def test_a_host_that_is_busy_does_not_hide_how_late_a_poll_is(polite: Newsstand, site: Site) -> None:
    first, second = polite.watch(site.serve("/a", ONE)), polite.watch(site.serve("/b", ONE))
    assert polite.run(polite.poll, first)
    assert not polite.run(polite.poll, second)
    waiting = polite.feed(second)
    assert (waiting.next_poll_at, waiting.not_before) == (NOON, NOON + timedelta(seconds=1))
    assert second not in drawn(polite)
    polite.clock.pass_(seconds=1)
    assert second in drawn(polite)
    assert polite.run(polite.poll, second)
    assert polite.feed(second).not_before is None


def test_a_host_that_takes_one_request_at_a_time_is_polled(sessions, site: Site) -> None:
    stand = Newsstand(sessions, concurrency=1)
    feed = stand.watch(site.serve("/feed", ONE))
    assert stand.polled(feed).last_success


def test_polls_of_a_host_in_trouble_lie_further_apart(polite: Newsstand, site: Site) -> None:
    first, second = polite.watch(site.serve("/a", b"", status=429)), polite.watch(site.serve("/b", ONE))
    polite.run(polite.poll, first)
    polite.clock.pass_(seconds=1.9)
    assert not polite.run(polite.poll, second)
    polite.clock.pass_(seconds=0.2)
    assert polite.run(polite.poll, second)


def test_the_interval_is_remembered_for_the_lag_to_be_compared_with(stand: Newsstand, site: Site, due) -> None:
    entries = [(f"item-{hour}", NOON - hour * HOUR) for hour in range(6)]
    after = due(stand.watch(site.serve("/feed", rss(*entries))))
    assert after.schedule["interval"] == 1800


def test_a_feed_without_dates_is_paced_by_what_arrives(stand: Newsstand, site: Site, due) -> None:
    feed = stand.watch(site.url("/feed"))
    names: list[tuple[str, None]] = []
    for day in range(4):
        names.append((f"item-{day}", None))
        site.serve("/feed", rss(*names))
        due(feed)
        stand.clock.now = NOON + timedelta(days=day + 1)
    assert len(stand.feed(feed).schedule["times"]) == 4
    assert stand.feed(feed).schedule["interval"] == pytest.approx(43_200, rel=0.1)


def test_polling_a_feed_asks_for_no_robots_file(stand: Newsstand, site: Site, due) -> None:
    due(stand.watch(site.serve("/feed", ONE)))
    assert not site.asked("/robots.txt")


def drawn(stand: Newsstand) -> list[int]:
    with stand.sessions.begin() as session:
        return [work.id for work in Dispatch(2).draw(session, {}, stand.clock.now)]
