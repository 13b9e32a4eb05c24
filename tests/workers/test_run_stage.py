"""How a stage is run: what it returns, raises or loses becomes the link's next stage, next try or fate."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from pretending import LEASE_SECONDS, Pretend, load, now, submit
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storyfold.errors import Rejected, Transient
from storyfold.logs import JsonFormatter
from storyfold.stages.kinds import Kind
from storyfold.stages.work import Work
from storyfold.store import leases, work
from storyfold.store.engine import Sessions
from storyfold.store.leases import Terms
from storyfold.store.tables import Stage
from workers.runtime import Runtime
from workers.task import for_so_long, run_on, run_stage, so_often

AFTER_THE_LEASE = timedelta(seconds=LEASE_SECONDS + 1)


def raising(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def lose_the_lease(sessions: Sessions) -> None:
    with sessions.begin() as session:
        leases.sweep(session, now() + AFTER_THE_LEASE)


def test_a_result_is_committed_before_what_comes_next_is_known(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    assert run_stage(runtime, Pretend(), link) == [Work(Kind.DIGEST, link)]
    assert (load(sessions, link).stage, load(sessions, link).lease_token) == (Stage.DIGEST, None)


def test_a_doorbell_for_work_that_is_done_does_nothing(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    run_stage(runtime, Pretend(), link)
    assert run_stage(runtime, Pretend(raising(AssertionError("it was run again"))), link) == ()


def test_a_doorbell_for_what_is_not_there_does_nothing(runtime: Runtime) -> None:
    assert run_stage(runtime, Pretend(), 4711) == ()


def test_what_rejects_a_link_is_its_fate_at_once(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    assert run_stage(runtime, Pretend(raising(Rejected("wrong-type", "a picture"))), link) == ()
    found = load(sessions, link)
    assert (found.fate, found.reason, found.detail, found.attempts) == ("rejected", "wrong-type", "a picture", 1)


def test_what_fails_this_time_is_tried_again_and_then_given_up(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    stage = Pretend(raising(Transient("time-out")))
    run_stage(runtime, stage, link)
    assert (load(sessions, link).fate, load(sessions, link).reason) == ("pending", "time-out")
    run_stage(runtime, stage, link)
    found = load(sessions, link)
    assert (found.fate, found.reason, found.attempts) == ("failed", "time-out", 2)


def test_a_server_that_names_a_time_is_not_tried_before(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    asked = now() + timedelta(minutes=5)
    run_stage(runtime, Pretend(raising(Transient("too-many-requests", retry_at=asked))), link)
    assert load(sessions, link).next_attempt_at == asked
    assert run_stage(runtime, Pretend(raising(AssertionError("too early"))), link) == ()


@pytest.mark.parametrize("where", ["work", "writing"])
def test_a_fault_of_our_own_is_logged_and_tried_again_and_then_given_up(
    runtime: Runtime, sessions: Sessions, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    [link] = submit(sessions)
    stage = Pretend(**{where: raising(KeyError("surprise"))})
    with caplog.at_level(logging.ERROR):
        run_stage(runtime, stage, link)
    assert "KeyError: 'surprise'" in caplog.text
    assert (load(sessions, link).fate, load(sessions, link).stage) == ("pending", Stage.FETCH)
    run_stage(runtime, stage, link)
    found = load(sessions, link)
    assert (found.fate, found.reason, found.detail) == ("failed", "internal-error", "KeyError: 'surprise'")


def test_a_result_under_a_lost_lease_is_dropped(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    assert run_stage(runtime, Pretend(lambda: lose_the_lease(sessions)), link) == ()
    found = load(sessions, link)
    assert (found.fate, found.stage, found.lost_leases) == ("pending", Stage.FETCH, 1)


def test_a_failure_under_a_lost_lease_is_dropped(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)

    def fail_late() -> None:
        lose_the_lease(sessions)
        raise Rejected("wrong-type")

    run_stage(runtime, Pretend(fail_late), link)
    assert (load(sessions, link).fate, load(sessions, link).reason) == ("pending", None)


def test_a_result_does_not_go_under_the_lease_of_another_worker(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)

    def be_overtaken() -> None:
        lose_the_lease(sessions)
        with sessions.begin() as session:
            assert work.claim(session, link, Stage.FETCH, Terms(now(), LEASE_SECONDS))

    assert run_stage(runtime, Pretend(be_overtaken), link) == ()
    assert load(sessions, link).stage == Stage.FETCH
    assert load(sessions, link).lease_token is not None


def test_work_that_loses_its_worker_twice_is_given_up(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    for _ in range(2):
        run_stage(runtime, Pretend(lambda: lose_the_lease(sessions)), link)
    found = load(sessions, link)
    assert (found.fate, found.reason) == ("failed", "killed-worker")
    assert "stage fetch" in str(found.detail)


@pytest.mark.parametrize("where", ["work", "writing"])
def test_a_database_that_goes_away_ends_the_task_and_the_lease_brings_the_work_back(
    runtime: Runtime, sessions: Sessions, where: str
) -> None:
    [link] = submit(sessions)
    away = OperationalError("SELECT 1", {}, Exception("the server closed the connection"))
    with pytest.raises(OperationalError):
        run_stage(runtime, Pretend(**{where: raising(away)}), link)
    assert load(sessions, link).lease_token is not None
    lose_the_lease(sessions)
    assert run_stage(runtime, Pretend(), link) == [Work(Kind.DIGEST, link)]


def test_no_transaction_is_open_while_a_stage_works(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)
    seen: list[int] = []

    def look() -> None:
        with sessions() as session:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
            )
            seen.append(session.scalar(text(query)))

    run_stage(runtime, Pretend(look), link)
    assert seen == [0]


@pytest.mark.parametrize(
    ("stage", "outcome", "then"),
    [(Pretend(), "stored", {"digest": 1}), (Pretend(raising(Rejected("wrong-type"))), "wrong-type", None)],
)
def test_each_step_of_a_link_is_a_line_of_the_log(
    runtime: Runtime,
    sessions: Sessions,
    caplog: pytest.LogCaptureFixture,
    stage: Pretend,
    outcome: str,
    then: dict[str, int] | None,
) -> None:
    [link] = submit(sessions)
    with caplog.at_level(logging.INFO, "workers.task"):
        run_stage(runtime, stage, link)
    [line] = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert (line["link"], line["stage"], line["outcome"], line.get("then")) == (link, "pretend", outcome, then)


@pytest.mark.parametrize(("times", "outcome"), [(1, "lease-lost"), (2, "killed-worker")])
def test_a_link_whose_worker_died_says_so(
    runtime: Runtime, sessions: Sessions, caplog: pytest.LogCaptureFixture, times: int, outcome: str
) -> None:
    [link] = submit(sessions)
    for _ in range(times):
        caplog.clear()
        with sessions.begin() as session:
            assert Pretend().claim(session, link, now()) is not None
        with sessions.begin() as session, caplog.at_level(logging.WARNING):
            runtime.dispatch.draw(session, {}, now() + AFTER_THE_LEASE)
    [line] = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert (line["link"], line["outcome"]) == (link, outcome)


def test_a_worker_goes_on_with_what_waits_until_there_is_none(runtime: Runtime, sessions: Sessions) -> None:
    waiting = submit(sessions, 3)
    assert list(run_on(runtime, Pretend(), waiting[0], for_so_long(60))) == [
        [Work(Kind.DIGEST, link)] for link in waiting
    ]


def test_a_doorbell_for_work_that_is_done_brings_what_waits(runtime: Runtime, sessions: Sessions) -> None:
    done, waiting = submit(sessions, 2)
    run_stage(runtime, Pretend(), done)
    assert list(run_on(runtime, Pretend(), done, for_so_long(60))) == [[Work(Kind.DIGEST, waiting)]]


def test_a_worker_whose_time_is_up_begins_no_more_and_rings_for_the_next(runtime: Runtime, sessions: Sessions) -> None:
    first, second, _ = submit(sessions, 3)
    comes_next = list(run_on(runtime, Pretend(), first, for_so_long(0)))
    assert comes_next == [[Work(Kind.DIGEST, first), Work(Kind.FETCH, second)]]
    assert load(sessions, second).lease_token is None


def test_a_worker_goes_on_no_more_often_than_it_may(runtime: Runtime, sessions: Sessions) -> None:
    links = submit(sessions, 5)
    comes_next = list(run_on(runtime, Pretend(), links[0], so_often(2)))
    assert [works[0].id for works in comes_next] == links[:3]
    assert comes_next[-1][1:] == [Work(Kind.FETCH, links[3])]


def test_what_fails_stops_nobody_from_going_on(runtime: Runtime, sessions: Sessions) -> None:
    first, second = submit(sessions, 2)
    stage = Pretend(raising(Rejected("wrong-type")))
    assert list(run_on(runtime, stage, first, for_so_long(60))) == [(), ()]
    assert [load(sessions, link).fate for link in (first, second)] == ["rejected", "rejected"]


def test_who_dies_has_one_link_in_hand_and_what_was_done_before_is_kept(runtime: Runtime, sessions: Sessions) -> None:
    first, second, third = submit(sessions, 3)
    works = run_on(runtime, Pretend(), first, for_so_long(60))
    next(works)
    works.close()
    assert load(sessions, first).stage == Stage.DIGEST
    assert load(sessions, second).lease_token is not None
    assert load(sessions, third).lease_token is None


@pytest.mark.parametrize("outcome", [Pretend(), Pretend(raising(Rejected("wrong-type")))])
def test_what_cannot_be_gone_on_with_costs_nobody_else_a_try(
    runtime: Runtime, sessions: Sessions, caplog: pytest.LogCaptureFixture, outcome: Pretend
) -> None:
    first, second = submit(sessions, 2)
    stage = Pretend(outcome.work, going_on=raising(KeyError("surprise")))
    with caplog.at_level(logging.ERROR):
        assert len(list(run_on(runtime, stage, first, for_so_long(60)))) == 1
    assert "KeyError: 'surprise'" in caplog.text
    assert (load(sessions, first).stage, load(sessions, first).fate) in {("digest", "pending"), (None, "rejected")}
    assert load(sessions, second).attempts == 0
