"""When a doorbell for folding is worth its while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from storyfold.store import work
from storyfold.store.engine import Sessions
from storyfold.store.tables import Stage

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def put(sessions: Sessions, stage: str, *, due: datetime = NOW, held: bool = False) -> int:
    statement = (
        "INSERT INTO links (fate, stage, next_attempt_at, lease_token, created_at, updated_at)"
        " VALUES ('pending', :stage, :due, :token, :due, :due) RETURNING id"
    )
    with sessions.begin() as session:
        token = uuid4() if held else None
        return int(session.scalar(text(statement), {"stage": stage, "due": due, "token": token}))


def is_time(sessions: Sessions, batch: int = 3) -> bool:
    with sessions() as session:
        return work.is_time_to_fold(session, NOW, batch)


def test_an_article_by_itself_is_folded_at_once(sessions: Sessions) -> None:
    put(sessions, "fold")
    assert is_time(sessions)


@pytest.mark.parametrize("held", [True, False])
def test_while_another_is_digested_it_waits_for_that(sessions: Sessions, held: bool) -> None:
    put(sessions, "fold")
    put(sessions, "digest", held=held)
    assert not is_time(sessions)


def test_what_is_digested_later_is_not_waited_for(sessions: Sessions) -> None:
    put(sessions, "fold")
    put(sessions, "digest", due=LATER)
    assert is_time(sessions)


def test_a_whole_batch_waits_for_nobody_and_what_is_in_hand_is_none_of_it(sessions: Sessions) -> None:
    put(sessions, "digest")
    put(sessions, "fold", held=True)
    put(sessions, "fold")
    put(sessions, "fold")
    assert not is_time(sessions)
    put(sessions, "fold")
    assert is_time(sessions)


def test_what_nobody_rang_for_is_drawn_by_the_dispatcher(sessions: Sessions) -> None:
    link = put(sessions, "fold")
    with sessions.begin() as session:
        work.leave_to_dispatcher(session, link, LATER)
    with sessions.begin() as session:
        assert work.draw_due(session, Stage.FOLD, NOW, limit=10) == []
        assert work.draw_due(session, Stage.FOLD, LATER + timedelta(seconds=1), limit=10) == [link]
