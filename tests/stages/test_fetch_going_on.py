"""Who has left a host with no pause to keep goes on with its next link, within the host's limits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from newsstand import NOON, Newsstand
from servers.site import Site

from storyfold.errors import FateError, HostBusy, Rejected
from storyfold.stages.fetch import FetchJob
from storyfold.stages.kinds import Kind
from storyfold.stages.work import Work
from storyfold.store import due
from storyfold.store.engine import Sessions
from storyfold.store.tables import Stage

PAGE = "<html><body><p>The ferry sails again.</p></body></html>"


@pytest.fixture
def links(stand: Newsstand, site: Site) -> list[int]:
    """Links of one host, whose rules are known."""
    stand.fetched(site.serve("/known", PAGE))
    return stand.submit(*(site.serve(f"/{name}", PAGE) for name in "abcd"))


def held(stand: Newsstand, id: int) -> FetchJob:
    with stand.sessions.begin() as session:
        job = stand.fetch.claim(session, id, stand.clock.now)
    assert job is not None
    return job


def left(
    stand: Newsstand, job: FetchJob, failure: FateError | None = None, *, here: bool = True
) -> tuple[FetchJob | None, list[Work]]:
    """What comes after a job whose page was fetched, or that failed."""
    result = None if failure else stand.fetch.run(job, stand.clock.now)
    with stand.sessions.begin() as session:
        if failure:
            stand.fetch.fail(session, job, failure, stand.clock.now)
        else:
            stand.fetch.store(session, job, result, stand.clock.now)
        following, works = stand.fetch.go_on(session, job, failure, stand.clock.now, here=here)
    return following, list(works)


@pytest.mark.parametrize("failure", [None, Rejected("not-found")])
def test_the_link_that_was_due_longest_comes_next(
    stand: Newsstand, links: list[int], failure: FateError | None
) -> None:
    following, works = left(stand, held(stand, links[0]), failure)
    assert following is not None
    assert (following.lease.id, works) == (links[1], [])
    assert stand.link(links[1]).attempts == 1


def test_who_may_not_go_on_rings_for_it(stand: Newsstand, links: list[int]) -> None:
    assert left(stand, held(stand, links[0]), here=False) == (None, [Work(Kind.FETCH, links[1])])
    assert stand.link(links[1]).lease_token is None


def test_what_has_a_doorbell_of_its_own_is_left_to_it(stand: Newsstand, links: list[int]) -> None:
    with stand.sessions.begin() as session:
        due.ring(session, [links[1]], stand.clock.now)
    following, _ = left(stand, held(stand, links[0]))
    assert following is not None
    assert following.lease.id == links[2]


def test_a_full_host_is_not_asked_for_more(stand: Newsstand, links: list[int]) -> None:
    first = held(stand, links[0])
    held(stand, links[1])
    with stand.sessions.begin() as session:
        assert stand.fetch.go_on(session, first, None, stand.clock.now, here=True) == (None, ())
    assert stand.link(links[2]).next_attempt_at == NOON + timedelta(seconds=1)
    assert stand.link(links[2]).attempts == 0


def test_a_pause_is_kept_by_the_dispatcher(polite: Newsstand, site: Site) -> None:
    [first, _] = polite.submit(site.serve("/a", PAGE), site.serve("/b", PAGE))
    assert left(polite, held(polite, first)) == (None, [])


def test_who_has_asked_for_nothing_leaves_nothing_to_go_on_with(stand: Newsstand, links: list[int]) -> None:
    job = held(stand, links[0])
    assert left(stand, job, HostBusy("host-pause", retry_at=NOON)) == (None, [])
    with stand.sessions.begin() as session:
        assert stand.fetch.go_on(session, None, None, stand.clock.now, here=True) == (None, ())


def test_many_who_go_on_and_are_rung_for_at_once_do_each_link_once(
    stand: Newsstand, site: Site, sessions: Sessions
) -> None:
    stand.fetched(site.serve("/known", PAGE))
    links = stand.submit(*(site.serve(f"/{n}", PAGE) for n in range(24)))

    def go(id: int) -> None:
        with sessions.begin() as session:
            job = stand.fetch.claim(session, id, stand.clock.now)
        while job is not None:
            job, _ = left(stand, job)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(go, [*links, *links]))
    left_over = [id for id in links if stand.link(id).stage == Stage.FETCH]
    assert len(site.requests) == 2 + len(links) - len(left_over)
    assert all(stand.link(id).next_attempt_at == NOON + timedelta(seconds=1) for id in left_over)
    assert all(stand.link(id).attempts == 0 for id in links)
