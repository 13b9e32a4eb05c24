"""A host in trouble is asked more slowly, and let go again when it recovers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storyfold.errors import FateError, Rejected, Transient
from storyfold.web.politeness import LONGEST_PAUSE, pause_after, quiet_until

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def pauses(*outcomes: FateError | None, least: float = 1.0) -> list[float]:
    pause, seen = least, []
    for outcome in outcomes:
        pause = pause_after(outcome, pause, least=least)
        seen.append(round(pause, 2))
    return seen


def test_every_429_doubles_the_pause_up_to_the_longest() -> None:
    limited = Transient("rate-limited")

    assert pauses(limited, limited, limited) == [2, 4, 8]
    assert pauses(*[limited] * 40)[-1] == LONGEST_PAUSE


def test_trouble_slows_down_even_where_no_pause_is_kept() -> None:
    assert pauses(Transient("rate-limited"), least=0) == [2]


def test_answers_ease_the_pause_back_to_the_least() -> None:
    eased = pauses(*[Transient("rate-limited")] * 3, *[None] * 40)

    assert eased[3] == 7.2
    assert eased[-1] == 1.0
    assert pauses(Transient("rate-limited"), *[None] * 200, least=0)[-1] == 0


def test_server_errors_and_time_outs_slow_down_more_gently() -> None:
    assert pauses(Transient("server-error"), Transient("time-out")) == [2, 3]


def test_errors_that_say_nothing_about_the_host_change_nothing() -> None:
    assert pauses(Rejected("not-found"), Transient("dns"), Transient("truncated")) == [1, 1, 1]


def test_the_pause_is_never_under_the_least() -> None:
    assert pauses(Transient("rate-limited"), None, least=90) == [90, 90]


def test_a_retry_after_keeps_the_whole_host_quiet_for_a_day_at_most() -> None:
    assert quiet_until(Transient("rate-limited", retry_at=NOW + timedelta(minutes=2)), NOW) == NOW + timedelta(
        minutes=2
    )
    assert quiet_until(Transient("rate-limited", retry_at=NOW + timedelta(days=9)), NOW) == NOW + timedelta(days=1)
    assert quiet_until(Transient("time-out"), NOW) is None
    assert quiet_until(None, NOW) is None
