"""The dispatcher: each due piece of work is rung for once, no queue grows without end, nothing lost stays lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from celery import Celery
from pretending import Pretend, load, now, submit

from storyfold.errors import Rejected
from storyfold.stages import dispatch
from storyfold.stages.dispatch import Dispatch
from storyfold.stages.kinds import Kind
from storyfold.stages.work import Work
from storyfold.store import feeds, links
from storyfold.store.engine import Sessions
from storyfold.store.leases import RING_LASTS
from storyfold.store.links import NewLink
from storyfold.store.tables import Stage
from workers.runtime import Runtime
from workers.task import queue_lengths, ring, run_stage
from workers.tasks import register

MANY = Dispatch(per_host=1_000)


def watch(sessions: Sessions, count: int, host: str = "harbour-post.example") -> list[int]:
    with sessions.begin() as session:
        return [feeds.add_feed(session, f"https://{host}/{n}.xml", host, now())[0].id for n in range(count)]


def draw(
    sessions: Sessions, dispatcher: Dispatch = MANY, waiting: dict[Kind, int] | None = None, late: float = 0
) -> list[Work]:
    with sessions.begin() as session:
        return dispatcher.draw(session, waiting or {}, now() + timedelta(seconds=late))


def test_ten_dispatchers_at_once_ring_for_each_link_and_feed_once(sessions: Sessions) -> None:
    links, polled = submit(sessions, 40), watch(sessions, 15)
    with ThreadPoolExecutor(10) as pool:
        drawn = [work for works in pool.map(lambda _: draw(sessions), range(10)) for work in works]
    expected = {Work(Kind.FETCH, id) for id in links} | {Work(Kind.POLL, id) for id in polled}
    assert set(drawn) == expected
    assert len(drawn) == len(expected)


def test_a_queue_is_filled_up_to_its_depth_and_the_rest_waits_in_the_database(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "QUEUE_DEPTH", 10)
    links = submit(sessions, 15)
    assert draw(sessions, waiting={Kind.FETCH: 7}) == [Work(Kind.FETCH, id) for id in links[:3]]
    assert draw(sessions, waiting={Kind.FETCH: 10}) == []
    assert draw(sessions, waiting={Kind.DIGEST: 10}) == [Work(Kind.FETCH, id) for id in links[3:13]]


def test_few_doorbells_are_rung_for_pages_to_be_digested(sessions: Sessions) -> None:
    with sessions.begin() as session:
        new = [NewLink(None, f"https://a.example/{n}", "a.example", stage=Stage.DIGEST) for n in range(40)]
        links.submit(session, new, now())
    assert len(draw(sessions, waiting={Kind.DIGEST: 2})) == dispatch.DIGESTS_DEPTH - 2


def test_one_doorbell_brings_a_batch_to_be_folded_and_each_suspect_has_its_own(sessions: Sessions) -> None:
    with sessions.begin() as session:
        new = [NewLink(None, f"https://a.example/{n}", "a.example", stage=Stage.FOLD) for n in range(50)]
        made = [link for link, _ in links.submit(session, new, now())]
        for suspect in (made[7], made[9]):
            suspect.lost_leases = 1
    drawn = [work.id for work in draw(sessions)]
    assert len(drawn) == 2 + 2
    assert {made[7].id, made[9].id} <= set(drawn)


def test_a_full_queue_of_one_kind_holds_up_no_other(sessions: Sessions) -> None:
    submit(sessions, 1)
    [feed] = watch(sessions, 1)
    assert draw(sessions, waiting={Kind.FETCH: dispatch.QUEUE_DEPTH}) == [Work(Kind.POLL, feed)]


def test_no_host_gets_more_than_its_share_of_a_draw(sessions: Sessions) -> None:
    busy, quiet = submit(sessions, 30, "busy.example"), submit(sessions, 1, "quiet.example")
    drawn = draw(sessions, Dispatch(per_host=2))
    assert {work.id for work in drawn} == {*busy[:2], *quiet}


def test_a_doorbell_that_was_lost_is_rung_again(sessions: Sessions) -> None:
    [link] = submit(sessions)
    assert draw(sessions) == [Work(Kind.FETCH, link)]
    assert draw(sessions) == []
    assert draw(sessions, late=RING_LASTS.total_seconds() + 1) == [Work(Kind.FETCH, link)]


def test_work_whose_worker_died_is_freed_and_rung_for_in_one_draw(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)

    def die() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        run_stage(runtime, Pretend(die), link)
    assert draw(sessions) == []
    assert draw(sessions, late=120) == [Work(Kind.FETCH, link)]
    assert load(sessions, link).lost_leases == 1


def test_what_has_its_fate_is_rung_for_no_more(runtime: Runtime, sessions: Sessions) -> None:
    [link] = submit(sessions)

    def reject() -> None:
        raise Rejected("wrong-type")

    run_stage(runtime, Pretend(reject), link)
    assert draw(sessions, late=3600) == []


def test_doorbells_wait_in_the_queue_of_their_kind(app: Celery) -> None:
    ring(app, [Work(Kind.FETCH, 1), Work(Kind.FETCH, 2), Work(Kind.FOLD, 3)])
    assert queue_lengths(app, Kind) == dict.fromkeys(Kind, 0) | {Kind.FETCH: 2, Kind.FOLD: 1}


def test_the_dispatch_task_rings_for_what_is_due(app: Celery, runtime: Runtime, sessions: Sessions) -> None:
    submit(sessions, 5, "a.example")
    watch(sessions, 1)
    register(app, lambda: runtime)
    app.tasks["dispatch"]()
    assert queue_lengths(app, Kind)[Kind.FETCH] == runtime.settings.host_concurrency
    assert queue_lengths(app, Kind)[Kind.POLL] == 1
    app.tasks["dispatch"]()
    assert queue_lengths(app, Kind)[Kind.POLL] == 1


def test_a_queue_longer_than_a_draw_looks_hides_no_other_host(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyfold.store.due.FAIR_DRAW_DEPTH", 20)
    crowd = submit(sessions, 60, host="crowd.example")
    others = {host: submit(sessions, 3, host=host) for host in ("a.example", "m.example", "z.example")}
    for round, start in enumerate((0, 2**64 - 1, 2**63)):
        drawn = draw(sessions, Dispatch(per_host=2, random=Starting(start)), late=60 * round)
        assert {work.id for work in drawn} == {*crowd[:2], *(id for host in others for id in others[host][:2])}


def test_a_full_house_is_no_reason_to_draw_more_than_there_is_room_for(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyfold.store.due.FAIR_DRAW_DEPTH", 20)
    submit(sessions, 60, host="crowd.example")
    for n in range(10):
        submit(sessions, 1, host=f"{n}.example")
    waiting = {Kind.FETCH: dispatch.QUEUE_DEPTH - 6}
    assert len(draw(sessions, Dispatch(per_host=2), waiting)) == 6


class Starting(Random):
    """Begins its walk at a given place."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start

    def getrandbits(self, k: int) -> int:
        return self.start
