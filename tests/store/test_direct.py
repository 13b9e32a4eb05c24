"""Statements handed straight to the driver: the session's transaction, SQLAlchemy's errors."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from storyfold.store.direct import Statement
from storyfold.store.engine import Sessions
from storyfold.store.tables import Story

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPEN = """
    INSERT INTO stories (id, article_count, source_count, cluster_count, dated_at, created_at, updated_at)
    VALUES (:id, 0, 0, 0, :at, :at, :at)
"""


def test_parameters_are_named_and_may_come_more_than_once(sessions: Sessions) -> None:
    asked = Statement("SELECT CAST(:word AS text) || '%', :word::text, CAST(:number AS bigint)")
    with sessions() as session:
        assert asked.row(session, {"number": 3, "word": "a"}) == ("a%", "a", 3)


def test_what_answers_nothing_has_no_rows(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert Statement(OPEN).rows(session, {"id": 1, "at": NOW}) == []


def test_it_is_part_of_the_sessions_transaction(sessions: Sessions) -> None:
    with sessions() as session:
        Statement(OPEN).rows(session, {"id": 1, "at": NOW})
        session.rollback()
    with sessions.begin() as session:
        Statement(OPEN).rows(session, {"id": 2, "at": NOW})
    with sessions() as session:
        assert list(session.scalars(select(Story.id))) == [2]


def test_what_sqlalchemy_made_is_asked_as_it_is(sessions: Sessions) -> None:
    asked = Statement(
        select(Story.id, Story.dated_at).where(Story.id == bindparam("of_story"), Story.article_count == 0)
    )
    with sessions.begin() as session:
        Statement(OPEN).rows(session, {"id": 7, "at": NOW})
        assert asked.rows(session, {"of_story": 7}) == [(7, NOW)]


def test_an_answer_in_bytes_comes_as_bytes(sessions: Sessions) -> None:
    with sessions() as session:
        assert Statement("SELECT int8send(1), 2::bigint", binary=True).row(session, {}) == (bytes(7) + b"\x01", 2)


@pytest.mark.parametrize(
    ("sql", "error"), [("SELECT nonsense", ProgrammingError), (OPEN, IntegrityError)], ids=["wrong", "twice"]
)
def test_it_fails_as_anything_else_does(sessions: Sessions, sql: str, error: type[Exception]) -> None:
    with sessions() as session:
        Statement(OPEN).rows(session, {"id": 1, "at": NOW})
        with pytest.raises(error):
            Statement(sql).rows(session, {"id": 1, "at": NOW})
        session.rollback()
        assert session.scalar(text("SELECT 1")) == 1


def test_a_connection_that_is_gone_is_not_used_again(sessions: Sessions) -> None:
    with sessions() as session, sessions.begin() as other:
        pid = Statement("SELECT pg_backend_pid()").row(session, {})[0]
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(OperationalError) as failed:
            Statement("SELECT 1").rows(session, {})
        assert failed.value.connection_invalidated
        session.rollback()
        assert Statement("SELECT 1").rows(session, {}) == [(1,)]


class Told(BaseException):
    """As what stops a command: no `Exception`."""


def test_being_told_to_stop_amid_a_statement_is_what_comes_out(sessions: Sessions) -> None:
    def tell(_number: int, _frame: object) -> None:
        raise Told

    before = signal.signal(signal.SIGALRM, tell)
    try:
        with sessions() as session:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Told):
                Statement("SELECT pg_sleep(60)").rows(session, {})
    finally:
        signal.signal(signal.SIGALRM, before)
    with sessions() as session:
        assert Statement("SELECT 1").rows(session, {}) == [(1,)]
