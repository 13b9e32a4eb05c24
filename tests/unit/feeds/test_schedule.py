"""When the next poll is: the rhythm, the bounds, what the server asks, errors, and jitter that never goes below."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.feeds.schedule import LONGEST_ASKED, Bounds, NextPoll, first_poll, next_poll

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BOUNDS = Bounds(shortest=300, longest=86_400, unknown=1_800)


class Still(Random):
    """No jitter."""

    def random(self) -> float:
        return 0.0


def every(seconds: float, count: int = 20, last: float = 0) -> list[datetime]:
    return [NOW - timedelta(seconds=last + n * seconds) for n in range(count)]


def interval(entry_times: list[datetime], **asked: object) -> float:
    return next_poll(now=NOW, entry_times=entry_times, bounds=BOUNDS, random=Still(), **asked).interval  # type: ignore[arg-type]


def test_a_feed_is_polled_twice_in_its_usual_gap() -> None:
    assert interval(every(7_200)) == 3_600


def test_one_long_night_does_not_change_the_rhythm() -> None:
    day = every(1_200, count=10) + [NOW - timedelta(hours=12, seconds=n * 1_200) for n in range(8)]

    assert interval(day) == 600


@pytest.mark.parametrize(("gap", "bound"), [(10, 300), (0, 300), (30 * 86_400, 86_400)])
def test_the_rhythm_stays_within_the_bounds(gap: float, bound: float) -> None:
    assert interval(every(gap)) == bound


def test_a_feed_without_entries_is_polled_at_the_interval_for_the_unknown() -> None:
    assert interval([]) == 1_800


def test_a_feed_that_has_gone_quiet_is_polled_ever_less_often() -> None:
    quiet = [interval(every(600, last=days * 86_400)) for days in (0, 1, 3, 30)]

    assert quiet == sorted(quiet)
    assert quiet[0] == 300
    assert quiet[-1] == 86_400


def test_what_the_server_asks_for_is_a_floor() -> None:
    assert interval(every(600), asked=7_200.0) == 7_200
    assert interval(every(86_400 * 9), asked=7_200.0) == 86_400
    assert interval(every(600), asked=172_800.0) == 172_800


def test_a_cache_lifetime_of_years_does_not_end_the_polling() -> None:
    assert interval(every(600), asked=1e9) == LONGEST_ASKED


def test_errors_double_the_interval_up_to_the_longest_and_never_end_it() -> None:
    intervals = [interval(every(600), errors=errors) for errors in (0, 1, 2, 3, 50, 5_000)]

    assert intervals == [300, 600, 1_200, 2_400, 86_400, 86_400]


def test_errors_do_not_shorten_what_the_server_asked_for() -> None:
    assert interval(every(600), errors=3, asked=172_800.0) == 172_800


def test_a_feed_that_is_gone_is_still_asked_once_a_week() -> None:
    assert interval(every(600), gone=True) == 7 * 86_400


def test_a_retry_after_is_kept_however_long() -> None:
    until = NOW + timedelta(days=40)

    assert next_poll(now=NOW, entry_times=[], bounds=BOUNDS, random=Random(1), not_before=until, errors=1).at >= until


def test_feeds_that_failed_together_come_due_far_apart() -> None:
    random = Random(7)
    times = sorted(
        next_poll(now=NOW, entry_times=every(1_200), bounds=BOUNDS, random=random, errors=2).at for _ in range(200)
    )

    assert times[-1] - times[0] > timedelta(minutes=15)
    assert max(_in_one_minute(times)) < 30


def test_an_imported_list_does_not_come_due_at_once() -> None:
    random = Random(7)
    times = sorted(first_poll(NOW, spread=600, random=random) for _ in range(200))

    assert times[0] >= NOW
    assert times[-1] <= NOW + timedelta(seconds=600)
    assert max(_in_one_minute(times)) < 45
    assert first_poll(NOW, spread=0, random=random) == NOW


def _in_one_minute(times: list[datetime]) -> list[int]:
    return [sum(1 for other in times if start <= other < start + timedelta(minutes=1)) for start in times]


moments = st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=2)).map(lambda past: NOW + past)


@given(
    times=st.lists(moments, max_size=40),
    asked=st.none() | st.floats(0, 1e7),
    not_before=st.none() | moments,
    errors=st.integers(0, 10_000),
    gone=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_next_poll_is_never_early_and_never_never(
    times: list[datetime], asked: float | None, not_before: datetime | None, errors: int, gone: bool, seed: int
) -> None:
    def decide(order: Callable[[list[datetime]], list[datetime]]) -> NextPoll:
        return next_poll(
            now=NOW,
            entry_times=order(times),
            bounds=BOUNDS,
            random=Random(seed),
            asked=asked,
            not_before=not_before,
            errors=errors,
            gone=gone,
        )

    decision = decide(list)

    assert decision.at >= NOW + timedelta(seconds=max(BOUNDS.shortest, min(asked or 0, LONGEST_ASKED)) - 0.001)
    assert decision.at >= (not_before or NOW)
    assert decision.at <= NOW + timedelta(days=12)
    assert decision == decide(sorted)
