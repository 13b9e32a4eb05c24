"""Links: one canonical URL is one link, whoever asks and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from storyfold.errors import Conflict, NotFound
from storyfold.store import links, work
from storyfold.store.engine import Sessions
from storyfold.store.leases import Terms
from storyfold.store.links import Declared, NewLink
from storyfold.store.tables import Fate, Link, LinkUrl, Stage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HARBOUR = NewLink("https://a.example/harbour", "https://a.example/harbour", "a.example")
FERRY = NewLink("https://a.example/ferry", "https://a.example/ferry", "a.example")


def submit_one(sessions: Sessions, new: NewLink = HARBOUR) -> int:
    with sessions.begin() as session:
        return links.submit(session, [new], NOW)[0][0].id


def test_a_new_link_is_pending_and_due_at_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        [(link, created)] = links.submit(session, [HARBOUR], NOW)
    assert created
    assert (link.fate, link.stage, link.next_attempt_at) == (Fate.PENDING, Stage.FETCH, NOW)


def test_a_known_link_keeps_its_id_and_what_was_declared_first(sessions: Sessions) -> None:
    first = submit_one(sessions, NewLink("u", "https://a.example/x", "a.example", Declared(source="Herald")))
    with sessions.begin() as session:
        again = NewLink("v", "https://a.example/x", "a.example", Declared(source="Courier"))
        [(link, created)] = links.submit(session, [again], NOW)
    assert (link.id, created, link.declared_source) == (first, False, "Herald")


def test_the_order_of_a_batch_is_kept_and_a_repeat_in_it_is_new_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        submitted = links.submit(session, [HARBOUR, FERRY, HARBOUR], NOW)
    assert [link.canonical_url for link, _ in submitted] == [
        HARBOUR.canonical_url,
        FERRY.canonical_url,
        HARBOUR.canonical_url,
    ]
    assert [created for _, created in submitted] == [True, True, False]


def test_fifty_submissions_at_once_make_one_link(sessions: Sessions) -> None:
    with ThreadPoolExecutor(16) as pool:
        ids = set(pool.map(lambda _: submit_one(sessions), range(50)))
    with sessions() as session:
        assert len(ids) == session.scalar(select(func.count()).select_from(Link)) == 1


def test_batches_with_the_same_links_in_opposite_order_do_not_wait_for_each_other(sessions: Sessions) -> None:
    batch = [NewLink(None, f"https://a.example/{n}", "a.example") for n in range(100)]

    def submit(backwards: bool) -> int:
        with sessions.begin() as session:
            return len(links.submit(session, batch[::-1] if backwards else batch, NOW))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(submit, [True, False] * 8)) == [100] * 16


def test_a_page_known_by_its_final_address_is_the_older_link(sessions: Sessions) -> None:
    target, short = submit_one(sessions), submit_one(sessions, FERRY)
    with sessions.begin() as session:
        assert links.identify(session, short, str(HARBOUR.canonical_url)) == target


def test_an_address_nobody_knew_becomes_another_identity_of_the_link(sessions: Sessions) -> None:
    link = submit_one(sessions)
    with sessions.begin() as session:
        assert links.identify(session, link, "https://a.example/harbour-2") is None
    moved = NewLink("x", "https://a.example/harbour-2", "a.example")
    assert submit_one(sessions, moved) == link


def test_a_failed_link_stands_in_nobodys_way(sessions: Sessions) -> None:
    target, short = submit_one(sessions), submit_one(sessions, FERRY)
    settle(sessions, target, Fate.FAILED)
    with sessions.begin() as session:
        assert links.identify(session, short, str(HARBOUR.canonical_url)) is None


def test_retry_starts_a_failed_link_again(sessions: Sessions) -> None:
    link = submit_one(sessions)
    settle(sessions, link, Fate.FAILED)
    with sessions.begin() as session:
        again = links.retry_link(session, link, NOW + timedelta(hours=1))
        assert (again.fate, again.stage, again.attempts, again.reason) == (Fate.PENDING, Stage.FETCH, 0, None)


@pytest.mark.parametrize("fate", [Fate.PENDING, Fate.FOLDED, Fate.DUPLICATE])
def test_only_what_ended_without_an_article_can_be_tried_again(sessions: Sessions, fate: Fate) -> None:
    link = submit_one(sessions)
    if fate is not Fate.PENDING:
        settle(sessions, link, fate)
    with sessions.begin() as session, pytest.raises(Conflict, match=str(fate)):
        links.retry_link(session, link, NOW)


def test_an_unknown_link_is_not_found(sessions: Sessions) -> None:
    with sessions() as session, pytest.raises(NotFound):
        links.get_link(session, 4711)


def test_no_identity_is_left_without_its_link(sessions: Sessions) -> None:
    submit_one(sessions)
    with sessions() as session:
        orphans = select(func.count()).select_from(LinkUrl).outerjoin(Link).where(Link.id.is_(None))
        assert session.scalar(orphans) == 0


def settle(sessions: Sessions, link_id: int, fate: Fate) -> None:
    with sessions.begin() as session:
        claimed = work.claim(session, link_id, Stage.FETCH, Terms(NOW, 30))
        assert claimed is not None
        assert work.settle(session, claimed[1], fate, NOW, reason="because")
