"""What feeds have brought, and how all of them are doing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from storyfold.store import feed_figures, feeds, links
from storyfold.store.engine import Sessions
from storyfold.store.leases import Terms
from storyfold.store.links import NewLink
from storyfold.store.tables import Feed

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def watch(sessions: Sessions, name: str = "post", since: timedelta = timedelta()) -> int:
    with sessions.begin() as session:
        return feeds.add_feed(session, f"https://{name}.example/feed", f"{name}.example", NOW - since)[0].id


def bring(sessions: Sessions, feed_id: int, count: int, ago: timedelta) -> None:
    urls = [f"https://post.example/{ago.days}/{n}" for n in range(count)]
    with sessions.begin() as session:
        links.submit(session, [NewLink(url, url, "post.example", feed_id=feed_id) for url in urls], NOW - ago)


def volume(sessions: Sessions, feed_id: int) -> feed_figures.Volume:
    with sessions() as session:
        return feed_figures.volume(session, feeds.get_feed(session, feed_id), NOW)


def test_the_volume_of_a_feed_is_held_against_its_own_past(sessions: Sessions) -> None:
    feed = watch(sessions, since=timedelta(days=90))
    for count, days in ((3, 1), (10, 10), (20, 20), (99, 60)):
        bring(sessions, feed, count, timedelta(days=days))
    assert volume(sessions, feed) == feed_figures.Volume(3, 7.5)


def test_a_feed_watched_for_two_weeks_has_one_week_of_past(sessions: Sessions) -> None:
    feed = watch(sessions, since=timedelta(days=14))
    bring(sessions, feed, 5, timedelta(days=9))
    assert volume(sessions, feed) == feed_figures.Volume(0, 5.0)


def test_a_new_feed_has_no_past_to_speak_of(sessions: Sessions) -> None:
    assert volume(sessions, watch(sessions, since=timedelta(days=13))) == feed_figures.Volume(0, None)


def test_the_census_counts_feeds_by_how_they_are_doing(sessions: Sessions) -> None:
    late, failing, paused, fine = (watch(sessions, name) for name in ("late", "failing", "paused", "fine"))
    with sessions.begin() as session:
        for id, values in {
            late: {"next_poll_at": NOW - timedelta(seconds=90), "schedule": {"interval": 300.0}},
            failing: {"next_poll_at": NOW + timedelta(hours=1), "error_streak": 3, "schedule": {"interval": 300.0}},
            paused: {"next_poll_at": NOW - timedelta(days=9), "paused": True, "schedule": {"interval": 300.0}},
            fine: {"next_poll_at": NOW + timedelta(hours=1)},
        }.items():
            session.execute(update(Feed).where(Feed.id == id).values(values))
    with sessions() as session:
        census = feed_figures.census(session, NOW)
    assert (census.watched, census.due, census.failing, census.paused) == (4, 1, 1, 1)
    assert census.latest_seconds == 90.0
    assert 0.2 < census.lag_p95 <= 0.3


def test_no_feeds_are_no_lag(sessions: Sessions) -> None:
    with sessions() as session:
        assert feed_figures.census(session, NOW) == feed_figures.Census(0, 0, 0, 0, 0.0, 0.0)


def test_a_paused_feed_is_neither_drawn_nor_claimed(sessions: Sessions) -> None:
    feed = watch(sessions)
    with sessions.begin() as session:
        session.execute(update(Feed).values(paused=True))
        assert feeds.draw_due_feeds(session, NOW, limit=9, per_host=9) == []
        assert feeds.claim_feed(session, feed, Terms(NOW, 40)) is None
