"""Moves that hold, servers that lie about 304, and the state of a feed in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storyfold.feeds.changes import PROBE_AFTER, ask_unconditionally, body_hash, validators_lied
from storyfold.feeds.health import FeedState, feed_health, silent_since
from storyfold.feeds.moves import Move, after_poll

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def adopted(targets: list[str | None], gap: timedelta) -> list[str | None]:
    watched: Move | None = None
    answers = []
    for number, target in enumerate(targets):
        decision = after_poll(watched, target, NOW + number * gap)
        watched = decision.watched
        answers.append(decision.adopt)
    return answers


def test_a_permanent_redirect_is_adopted_when_it_has_held_for_polls_and_days() -> None:
    assert adopted(["https://new.example/f"] * 5, 16 * HOUR) == [None, None, None, "https://new.example/f", None]


def test_many_polls_within_a_day_are_not_enough() -> None:
    assert set(adopted(["https://new.example/f"] * 40, HOUR)) == {None}


def test_few_polls_over_many_days_are_not_enough() -> None:
    assert adopted(["https://new.example/f"] * 3, 10 * DAY) == [None, None, None]


def test_a_redirect_that_stops_or_changes_starts_again() -> None:
    assert set(adopted(["https://new.example/f"] * 3 + [None] + ["https://new.example/f"] * 3, DAY)) == {None}
    assert set(adopted(["https://a.example/", "https://b.example/"] * 5, DAY)) == {None}


def test_equal_bodies_have_equal_hashes() -> None:
    assert body_hash(b"a") == body_hash(b"a") != body_hash(b"b")


def test_a_feed_that_answered_only_304_for_days_is_asked_once_without_validators() -> None:
    assert not ask_unconditionally(NOW, last_body_at=NOW - PROBE_AFTER + HOUR, distrusted_until=None)
    assert ask_unconditionally(NOW, last_body_at=NOW - PROBE_AFTER, distrusted_until=None)
    assert ask_unconditionally(NOW, last_body_at=None, distrusted_until=None)


def test_validators_that_lied_are_left_out_for_a_while() -> None:
    assert ask_unconditionally(NOW, last_body_at=NOW, distrusted_until=NOW + DAY)
    assert not ask_unconditionally(NOW, last_body_at=NOW, distrusted_until=NOW - DAY)


def test_a_304_lied_when_an_entry_was_out_before_it() -> None:
    assert validators_lied([NOW - 5 * HOUR], NOW - 2 * HOUR)
    assert not validators_lied([NOW - HOUR], NOW - 2 * HOUR)
    assert not validators_lied([NOW - 2.5 * HOUR], NOW - 2 * HOUR)
    assert not validators_lied([NOW - 5 * HOUR], None)


def test_a_feed_is_silent_after_four_times_its_longest_gap() -> None:
    daily = [NOW - 5 * DAY - n * DAY for n in range(10)]

    assert silent_since(daily, NOW) == NOW - 5 * DAY
    assert silent_since(daily, NOW - 2 * DAY) is None


def test_a_weekend_is_no_silence_and_few_entries_are_no_rhythm() -> None:
    assert silent_since([NOW - 1.9 * DAY - n * HOUR for n in range(20)], NOW) is None
    assert silent_since([NOW - 90 * DAY, NOW - 91 * DAY], NOW) is None


@pytest.mark.parametrize(
    ("streak", "last_success", "gone", "state"),
    [
        (0, NOW, False, FeedState.OK),
        (2, NOW - HOUR, False, FeedState.OK),
        (3, NOW - HOUR, False, FeedState.FAILING),
        (3, NOW - 31 * DAY, False, FeedState.DEAD),
        (3, None, False, FeedState.DEAD),
        (0, NOW, True, FeedState.GONE),
    ],
)
def test_the_state_of_a_feed(streak: int, last_success: datetime | None, gone: bool, state: FeedState) -> None:
    health = feed_health(
        now=NOW,
        entry_times=[],
        next_poll_at=NOW + HOUR,
        last_success=last_success,
        watched_since=NOW - 60 * DAY,
        error_streak=streak,
        gone=gone,
    )

    assert (health.state, health.lag_seconds) == (state, 0)


def test_a_silent_feed_says_since_when_and_a_late_poll_how_late() -> None:
    health = feed_health(
        now=NOW,
        entry_times=[NOW - 9 * DAY - n * DAY for n in range(9)],
        next_poll_at=NOW - HOUR,
        last_success=NOW,
        watched_since=NOW - 60 * DAY,
        error_streak=0,
    )

    assert (health.state, health.silent_since, health.lag_seconds) == (FeedState.SILENT, NOW - 9 * DAY, 3_600)
