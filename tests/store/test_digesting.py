"""Pages on their way to be digested: who is rung for, who goes on with what waits, and what a claim brings along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select

from storyfold.store import digesting, due, leases, links, work
from storyfold.store.digesting import PageInHand
from storyfold.store.engine import Sessions
from storyfold.store.leases import Lease, Terms
from storyfold.store.links import Declared, NewLink
from storyfold.store.pages import RawPage
from storyfold.store.tables import GoodLine, Link, Page, PageKind, Stage

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TERMS = Terms(NOW, 30)
PAGE = RawPage(PageKind.FETCHED, b"<p>The ferry sails again.</p>", NOW, "https://a.example/ferry", "text/html")
REST = timedelta(seconds=2)


def fetched(sessions: Sessions, name: str, now: datetime = NOW, few: int = 2) -> tuple[int, bool | None]:
    """A link whose page was fetched. -> its id, and whether a doorbell is to be sent."""
    url = f"https://a.example/{name}"
    with sessions.begin() as session:
        [(link, _)] = links.submit(session, [NewLink(url, url, "a.example", Declared("Ferry"))], NOW)
        claimed = work.claim(session, link.id, Stage.FETCH, Terms(now, 30))
        assert claimed is not None
        return link.id, digesting.hand_on(session, claimed[1], PAGE, now, few=few, rest=REST)


def claim_waiting(sessions: Sessions, terms: Terms = TERMS) -> PageInHand | None:
    with sessions.begin() as session:
        return digesting.claim_waiting(session, terms)


def test_a_page_is_rung_for_where_few_wait(sessions: Sessions) -> None:
    assert [fetched(sessions, name)[1] for name in "abcd"] == [True, True, False, False]


def test_what_is_in_hand_does_not_wait(sessions: Sessions) -> None:
    fetched(sessions, "a", few=1)
    assert claim_waiting(sessions)
    assert fetched(sessions, "b", few=1)[1]


def test_what_nobody_rang_for_and_nobody_took_is_drawn_by_the_dispatcher(sessions: Sessions) -> None:
    fetched(sessions, "a", few=1)
    link, _ = fetched(sessions, "b", few=1)
    with sessions.begin() as session:
        assert due.draw_due(session, Stage.DIGEST, NOW, limit=10) == []
        assert due.draw_due(session, Stage.DIGEST, NOW + REST + timedelta(seconds=1), limit=10) == [link]


def test_a_page_of_a_lost_lease_is_not_kept(sessions: Sessions) -> None:
    link, _ = fetched(sessions, "a")
    with sessions.begin() as session:
        assert digesting.hand_on(session, Lease(link, uuid4(), 1), PAGE, NOW, few=2, rest=REST) is None
        assert session.scalar(select(func.count()).select_from(Page)) == 1


def test_a_claim_brings_the_page_and_what_is_known_of_its_site(sessions: Sessions) -> None:
    link, _ = fetched(sessions, "a")
    with sessions.begin() as session:
        session.add(GoodLine(site="a.example", line_hash=7, line="Ferry times", marked_at=NOW))
    with sessions.begin() as session:
        held = digesting.claim(session, link, TERMS)
    assert held is not None
    assert held.knowledge is not None
    assert (held.id, held.page, held.declared.title) == (link, PAGE, "Ferry")
    assert (held.knowledge.template.good, held.knowledge.articles) == (frozenset({7}), 0)


def test_one_worker_at_a_time_holds_a_page(sessions: Sessions) -> None:
    link, _ = fetched(sessions, "a")
    with sessions.begin() as session:
        assert digesting.claim(session, link, TERMS)
    with sessions.begin() as session:
        assert digesting.claim(session, link, TERMS) is None
    assert claim_waiting(sessions) is None


def test_who_goes_on_takes_what_has_waited_longest(sessions: Sessions) -> None:
    late, _ = fetched(sessions, "late", NOW + timedelta(seconds=2))
    early, _ = fetched(sessions, "early", NOW + timedelta(seconds=1))
    taken = [claim_waiting(sessions, Terms(NOW + timedelta(seconds=3), 30)) for _ in range(3)]
    assert [held and held.id for held in taken] == [early, late, None]


def test_what_killed_a_worker_is_not_gone_on_with(sessions: Sessions) -> None:
    link, _ = fetched(sessions, "a")
    assert claim_waiting(sessions)
    later = NOW + timedelta(seconds=31)
    with sessions.begin() as session:
        leases.sweep(session, later)
    assert claim_waiting(sessions, Terms(later, 30)) is None
    with sessions.begin() as session:
        assert digesting.claim(session, link, Terms(later, 30))


def test_who_does_not_go_on_rings_for_the_next(sessions: Sessions) -> None:
    link, _ = fetched(sessions, "a", few=0)
    with sessions.begin() as session:
        assert digesting.ring_waiting(session, NOW) == [link]
        assert session.get_one(Link, link).rung_until == NOW + leases.RING_LASTS
    assert claim_waiting(sessions)
    with sessions.begin() as session:
        assert digesting.ring_waiting(session, NOW) == []
