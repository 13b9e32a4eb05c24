"""What follows from a message that was not taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.stages.redelivery import HOLDING, TRIES, Failure, Patience, Verdict

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
PATIENCE = Patience(seconds=5, days=5)


def judged(attempts: int = 1, streak: int | None = None, **more: object) -> Verdict:
    values = {"failing_since": NOON, "took_others": False} | more
    return PATIENCE.judge(Failure(attempts, streak or attempts, **values), NOON, Random(1))


def seconds(verdict: Verdict) -> float:
    assert verdict.again_at is not None
    return (verdict.again_at - NOON).total_seconds()


def test_waits_grow_fourfold_up_to_half_a_day_and_are_spread() -> None:
    expected = [5, 20, 80, 320, 1280, 5120, 20480, 43200, 43200]
    waits = [seconds(judged(attempts)) for attempts in range(1, 10)]
    assert all(0.8 * wait <= got <= 1.2 * wait for wait, got in zip(expected, waits, strict=True))
    assert waits != expected


def test_no_number_of_tries_is_too_much() -> None:
    assert seconds(judged(10_000)) <= 43200 * 1.2


def test_the_first_tries_of_a_message_hold_up_those_behind_it() -> None:
    for attempts in range(1, HOLDING):
        verdict = judged(attempts)
        assert verdict.not_before == verdict.again_at


def test_then_the_next_has_its_turn_soon() -> None:
    verdict = judged(HOLDING)
    assert (verdict.not_before - NOON).total_seconds() <= 6
    assert seconds(verdict) > 200


def test_a_message_that_alone_is_not_taken_holds_up_nothing_later() -> None:
    assert (judged(9, streak=1).not_before - NOON).total_seconds() <= 6


def test_an_endpoint_that_is_down_is_asked_ever_less_often_whatever_the_message() -> None:
    assert (judged(1, streak=7).not_before - NOON).total_seconds() > 10_000


def test_a_message_is_given_up_only_where_others_are_taken() -> None:
    assert judged(TRIES, took_others=True).again_at is None
    assert judged(TRIES - 1, took_others=True).again_at is not None
    assert judged(TRIES * 2, took_others=False).again_at is not None


def test_gone_pauses_at_once_and_other_failures_after_days() -> None:
    assert "410" in str(judged(status=410).paused_reason)
    assert judged(status=404).paused_reason is None
    assert judged(failing_since=NOON - timedelta(days=4.9)).paused_reason is None
    assert "2026-06-26 12:00:00Z" in str(judged(failing_since=NOON - timedelta(days=5)).paused_reason)


def test_retry_after_is_kept_to_for_a_day_at_most() -> None:
    hour, week = NOON + timedelta(hours=1), NOON + timedelta(days=7)
    assert (judged(retry_at=hour).again_at, judged(retry_at=hour).not_before) == (hour, hour)
    assert judged(retry_at=week).not_before == NOON + timedelta(days=1)
    assert judged(9, retry_at=NOON + timedelta(seconds=1)).again_at != NOON + timedelta(seconds=1)


@given(st.integers(1, 60), st.integers(1, 60), st.booleans(), st.none() | st.integers(100, 599), st.integers())
def test_nothing_is_asked_again_in_the_past_and_nothing_waits_for_ever(
    attempts: int, streak: int, took_others: bool, status: int | None, seed: int
) -> None:
    failure = Failure(attempts, streak, NOON, took_others, status)
    verdict = PATIENCE.judge(failure, NOON, Random(seed))
    for at in (verdict.not_before, verdict.again_at or verdict.not_before):
        assert NOON < at <= NOON + timedelta(hours=15)


@pytest.mark.parametrize("attempts", range(1, HOLDING))
def test_the_wait_of_the_line_is_that_of_its_first_message(attempts: int) -> None:
    verdict = judged(attempts, streak=12)
    assert verdict.again_at == verdict.not_before
