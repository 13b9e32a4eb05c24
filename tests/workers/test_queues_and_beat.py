"""The queues, the tasks and the beat fit together: nothing is sent where nobody listens."""

from __future__ import annotations

import logging
import socket

import pytest
from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.worker import state

from storyfold.errors import SettingsError
from storyfold.settings import Settings
from storyfold.stages.kinds import Kind
from storyfold.stages.work import Work
from workers.app import CPU_QUEUES, NETWORK_QUEUES, create_app
from workers.runtime import Runtime, per_process
from workers.task import PARCEL, parcels, ring
from workers.tasks import register

BURNS_CPU = ("read", "digest", "fold", "match", "repair")


@pytest.fixture
def registered(app: Celery, runtime: Runtime) -> Celery:
    register(app, lambda: runtime)
    return app


def test_every_kind_of_work_has_a_task_and_a_queue_that_one_kind_of_worker_consumes(registered: Celery) -> None:
    for kind in Kind:
        assert kind.value in registered.tasks
        assert [kind.value in queues for queues in (NETWORK_QUEUES, CPU_QUEUES)].count(True) == 1


def test_every_queue_is_declared_once(registered: Celery) -> None:
    declared = [queue.name for queue in registered.conf.task_queues]
    assert sorted(declared) == sorted({*NETWORK_QUEUES, *CPU_QUEUES})


def test_the_beat_sends_tasks_that_exist_to_queues_that_are_consumed(registered: Celery) -> None:
    schedule = registered.conf.beat_schedule
    assert {entry["task"] for entry in schedule.values()} >= {"dispatch", "repair", "keep-house"}
    for entry in schedule.values():
        assert entry["task"] in registered.tasks
        assert entry["options"]["queue"] in (*NETWORK_QUEUES, *CPU_QUEUES)


def test_a_beat_that_nobody_hears_is_gone_before_the_next(registered: Celery) -> None:
    for entry in registered.conf.beat_schedule.values():
        assert 0 < entry["options"]["expires"] <= entry["schedule"].total_seconds()


def test_due_work_is_looked_for_every_second(registered: Celery) -> None:
    assert registered.conf.beat_schedule["dispatch"]["schedule"].total_seconds() <= 1
    assert registered.conf.beat_max_loop_interval <= 1


def test_what_burns_cpu_runs_in_processes_under_a_time_limit(registered: Celery) -> None:
    for name in BURNS_CPU:
        assert name in CPU_QUEUES
        assert registered.tasks[name].time_limit


def test_what_waits_on_the_network_trusts_in_no_time_limit_of_celerys(registered: Celery) -> None:
    for name in NETWORK_QUEUES:
        assert registered.tasks[name].time_limit is None  # they do not work in threads: the client has its own


def test_messages_are_json_and_nothing_else_is_taken(app: Celery) -> None:
    assert app.conf.task_serializer == "json"
    assert list(app.conf.accept_content) == ["json"]


def test_without_a_redis_there_is_no_application() -> None:
    with pytest.raises(SettingsError, match="STORYFOLD_REDIS_URL"):
        create_app(Settings.model_validate({"redis_url": None}))


def test_a_redis_that_is_away_costs_a_warning_and_no_work(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can answer here
        url = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        app = create_app(Settings.model_validate({"redis_url": url}))
        with caplog.at_level(logging.WARNING):
            ring(app, [Work(Kind.FETCH, 1)])
        app.close()
    assert "the dispatcher will ring again" in caplog.text


class Unacknowledged:
    """A message whose acknowledgement Redis does not take."""

    def ack(self) -> None:
        raise ConnectionError("the connection is gone")


def test_a_worker_whose_acknowledgement_is_lost_ends_after_its_tasks_in_hand(
    registered: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "should_stop", None)
    request_class = registered.tasks["fetch"].Request
    request = request_class.__new__(request_class)
    request._message, request._connection_errors, request.acknowledged = Unacknowledged(), (ConnectionError,), False
    request.acknowledge()
    with pytest.raises(WorkerShutdown):
        state.maybe_shutdown()


def test_a_worker_waits_for_redis_when_it_starts_and_ends_when_it_loses_it(app: Celery) -> None:
    assert app.conf.broker_connection_retry_on_startup is True
    assert app.conf.broker_connection_max_retries is None
    assert app.conf.broker_connection_retry is False


def test_a_process_has_one_runtime_and_inherits_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    current = per_process(settings)
    mine = current()
    assert current() is mine
    monkeypatch.setattr("workers.runtime.os.getpid", lambda: 1)
    assert current() is not mine


def test_few_doorbells_go_alone_and_many_share_messages() -> None:
    few = [Work(Kind.POLL, id) for id in range(60)] + [Work(Kind.FETCH, 99)]
    assert parcels(few) == [(work.kind, [work.id]) for work in few]
    many = parcels([Work(Kind.FETCH, id) for id in range(500)])
    assert [id for _, ids in many for id in ids] == list(range(500))
    assert max(len(ids) for _, ids in many) == PARCEL


def test_work_that_is_limited_in_time_goes_alone() -> None:
    many = [Work(Kind.DIGEST, id) for id in range(500)]
    assert [ids for _, ids in parcels(many)] == [[id] for id in range(500)]
