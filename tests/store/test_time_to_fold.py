"""When a doorbell for folding is worth its while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from storyfold.store import due, work
from storyfold.store.engine import Sessions
from storyfold.store.leases import Lease, Terms
from storyfold.store.tables import Link, Stage

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
REST = timedelta(seconds=2)
LATER = NOW + REST


def put(sessions: Sessions, stage: str, *, due: datetime = NOW, held: bool = False) -> int:
    statement = (
        "INSERT INTO links (fate, stage, next_attempt_at, lease_token, created_at, updated_at)"
        " VALUES ('pending', :stage, :due, :token, :due, :due) RETURNING id"
    )
    with sessions.begin() as session:
        token = uuid4() if held else None
        return int(session.scalar(text(statement), {"stage": stage, "due": due, "token": token}))


def hand_over(sessions: Sessions, batch: int = 3) -> tuple[int, bool]:
    """Hand a link on whose page was digested. -> its id, and whether a doorbell is to be sent."""
    link = put(sessions, "digest")
    with sessions.begin() as session:
        claimed = work.claim(session, link, Stage.DIGEST, Terms(NOW, 60))
        assert claimed is not None
        return link, work.hand_to_folding(session, claimed[1], NOW, batch=batch, rest=REST)


def test_an_article_by_itself_is_folded_at_once(sessions: Sessions) -> None:
    assert hand_over(sessions)[1]


@pytest.mark.parametrize("held", [True, False])
def test_while_another_is_digested_it_waits_for_that(sessions: Sessions, held: bool) -> None:
    put(sessions, "digest", held=held)
    assert not hand_over(sessions)[1]


def test_what_is_digested_later_is_not_waited_for(sessions: Sessions) -> None:
    put(sessions, "digest", due=LATER)
    assert hand_over(sessions)[1]


def test_a_whole_batch_waits_for_nobody_and_what_is_in_hand_is_none_of_it(sessions: Sessions) -> None:
    put(sessions, "digest")
    put(sessions, "fold", held=True)
    assert [hand_over(sessions)[1] for _ in range(3)] == [False, False, True]


def test_what_waits_with_one_that_was_rung_for_comes_along(sessions: Sessions) -> None:
    assert [hand_over(sessions)[1] for _ in range(3)] == [True, False, False]


def test_a_link_that_is_folded_alone_brings_nobody_along(sessions: Sessions) -> None:
    suspect, _ = hand_over(sessions)
    with sessions.begin() as session:
        session.get_one(Link, suspect).lost_leases = 1
    assert hand_over(sessions)[1]


def test_what_nobody_rang_for_is_drawn_by_the_dispatcher(sessions: Sessions) -> None:
    put(sessions, "digest")
    link, rings = hand_over(sessions)
    assert not rings
    with sessions.begin() as session:
        assert due.draw_due(session, Stage.FOLD, NOW, limit=10) == []
        assert due.draw_due(session, Stage.FOLD, LATER + timedelta(seconds=1), limit=10) == [link]


def test_a_lease_that_is_lost_hands_nothing_on(sessions: Sessions) -> None:
    link = put(sessions, "digest", held=True)
    with sessions.begin() as session:
        assert not work.hand_to_folding(session, Lease(link, uuid4(), 1), NOW, batch=3, rest=REST)
    with sessions.begin() as session:
        assert session.get_one(Link, link).stage == Stage.DIGEST
