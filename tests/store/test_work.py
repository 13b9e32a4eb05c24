"""Work: one holder at a time, results only under a standing lease, nothing forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from storyfold.errors import HostBusy
from storyfold.store import due, hosts, leases, links, work
from storyfold.store.engine import Sessions
from storyfold.store.hosts import Politeness
from storyfold.store.leases import Lease, Terms
from storyfold.store.links import NewLink
from storyfold.store.tables import Fate, Link, Stage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMS = Terms(NOW, 30)
LATER = NOW + timedelta(seconds=31)


def submit(sessions: Sessions, count: int = 1, host: str = "a.example") -> list[int]:
    new = [NewLink(None, f"https://{host}/{n}", host) for n in range(count)]
    with sessions.begin() as session:
        return [link.id for link, _ in links.submit(session, new, NOW)]


def claim(sessions: Sessions, link_id: int, terms: Terms = TERMS) -> Lease | None:
    with sessions.begin() as session:
        claimed = work.claim(session, link_id, Stage.FETCH, terms)
    return claimed[1] if claimed else None


def load(sessions: Sessions, link_id: int) -> Link:
    with sessions() as session:
        return links.get_link(session, link_id).link


def test_of_many_claims_at_once_one_holds_the_link(sessions: Sessions) -> None:
    [link] = submit(sessions)
    with ThreadPoolExecutor(10) as pool:
        held = [lease for lease in pool.map(lambda _: claim(sessions, link), range(30)) if lease]
    assert len(held) == 1


def test_a_claim_counts_as_a_try_at_once(sessions: Sessions) -> None:
    [link] = submit(sessions)
    claim(sessions, link)
    assert load(sessions, link).attempts == 1


def test_what_is_not_due_is_not_claimed(sessions: Sessions) -> None:
    [link] = submit(sessions)
    assert claim(sessions, link, Terms(NOW - timedelta(seconds=1), 30)) is None


def test_a_result_under_a_lost_lease_changes_nothing(sessions: Sessions) -> None:
    [link] = submit(sessions)
    claim(sessions, link)
    with sessions.begin() as session:
        assert not work.settle(session, Lease(link, uuid4(), 1), Fate.FOLDED, NOW)
    assert load(sessions, link).fate == Fate.PENDING


def test_the_sweep_frees_what_ran_out_and_nothing_else(sessions: Sessions) -> None:
    out, held = submit(sessions, 2)
    claim(sessions, out)
    claim(sessions, held, Terms(NOW, 3600))
    with sessions.begin() as session:
        assert leases.sweep(session, LATER) == [leases.Lost("link", out)]
    assert claim(sessions, out, Terms(LATER, 30)) is not None
    assert claim(sessions, held, Terms(LATER, 30)) is None


def test_a_link_that_lost_two_workers_is_failed(sessions: Sessions) -> None:
    [link] = submit(sessions)
    for round_ in range(2):
        now = NOW + timedelta(minutes=round_)
        assert claim(sessions, link, Terms(now, 30)) is not None
        with sessions.begin() as session:
            leases.sweep(session, now + timedelta(seconds=31))
    ended = load(sessions, link)
    assert (ended.fate, ended.reason, ended.stage) == (Fate.FAILED, "killed-worker", None)


def test_a_run_that_was_stopped_costs_its_links_nothing(sessions: Sessions) -> None:
    [link] = submit(sessions)
    claim(sessions, link)
    with sessions.begin() as session:
        leases.release_all(session)
    freed = load(sessions, link)
    assert (freed.lost_leases, freed.lease_token, freed.fate) == (0, None, Fate.PENDING)


def test_the_draw_is_fair_to_hosts(sessions: Sessions) -> None:
    crowd, single = submit(sessions, 50, "crowd.example"), submit(sessions, 1, "single.example")
    with sessions.begin() as session:
        drawn = due.draw_due(session, Stage.FETCH, NOW, limit=10, per_host=2)
    assert set(drawn) == {*crowd[:2], *single}


def test_a_doorbell_is_believed_for_a_while_and_then_rung_again(sessions: Sessions) -> None:
    submit(sessions)
    soon, late = NOW + timedelta(seconds=5), NOW + leases.RING_LASTS + timedelta(seconds=1)
    with sessions.begin() as session:
        drawn = [len(due.draw_due(session, Stage.FETCH, now, limit=10)) for now in (NOW, soon, late)]
    assert drawn == [1, 0, 1]


def test_advancing_hands_the_link_on_due_at_once(sessions: Sessions) -> None:
    [link] = submit(sessions)
    lease = claim(sessions, link)
    assert lease is not None
    with sessions.begin() as session:
        assert work.advance(session, lease, Stage.DIGEST, NOW, page_id=7)
    moved = load(sessions, link)
    assert (moved.stage, moved.attempts, moved.page_id, moved.lease_token) == (Stage.DIGEST, 0, 7, None)


def test_what_lost_a_worker_is_not_claimed_in_a_batch(sessions: Sessions) -> None:
    sound, suspect = submit(sessions, 2)
    claim(sessions, suspect)
    with sessions.begin() as session:
        leases.sweep(session, LATER)
        batch = work.claim_many(session, Stage.FETCH, Terms(LATER, 30), limit=10)
    assert [lease.id for lease in batch] == [sound]


def test_a_batch_taken_apart_comes_back_one_by_one_and_is_not_given_up(sessions: Sessions) -> None:
    ids = submit(sessions, 3)
    with sessions.begin() as session:
        batch = work.claim_many(session, Stage.FETCH, TERMS, limit=10)
        work.take_apart(session, batch, NOW)
    with sessions.begin() as session:
        assert work.claim_many(session, Stage.FETCH, TERMS, limit=10) == []
    assert all(claim(sessions, id) is not None for id in ids)


def test_a_host_is_asked_no_more_often_than_its_pause(sessions: Sessions) -> None:
    polite = Politeness(concurrency=2, pause=10)
    with sessions.begin() as session:
        hosts.take_turn(session, "a.example", NOW, polite)
    with sessions.begin() as session, pytest.raises(HostBusy) as busy:
        hosts.take_turn(session, "a.example", NOW + timedelta(seconds=9), polite)
    assert (busy.value.reason, busy.value.retry_at) == ("host-pause", NOW + timedelta(seconds=10))
    assert str(busy.value) == "a.example was asked a moment ago: try again later"
    with sessions.begin() as session:
        hosts.take_turn(session, "a.example", NOW + timedelta(seconds=10), polite)


def test_a_host_has_no_more_requests_at_once_than_allowed(sessions: Sessions) -> None:
    polite = Politeness(concurrency=2, pause=0)
    for link in submit(sessions, 2):
        with sessions.begin() as session:
            hosts.take_turn(session, "a.example", NOW, polite)
            assert work.claim(session, link, Stage.FETCH, TERMS)
    with sessions.begin() as session, pytest.raises(HostBusy):
        hosts.take_turn(session, "a.example", NOW, polite)


def test_a_host_that_asks_for_time_is_left_alone(sessions: Sessions) -> None:
    polite = Politeness(concurrency=2, pause=0)
    with sessions.begin() as session:
        hosts.take_turn(session, "a.example", NOW, polite)
        hosts.hold_back(session, "a.example", NOW + timedelta(minutes=5))
    with sessions.begin() as session, pytest.raises(HostBusy):
        hosts.take_turn(session, "a.example", NOW + timedelta(minutes=4), polite)
