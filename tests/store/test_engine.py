"""Sessions: what follows their commits."""

from __future__ import annotations

from sqlalchemy import text

from storyfold.store.engine import Sessions, after_commit


def test_what_is_to_follow_a_commit_follows_that_one_alone(sessions: Sessions) -> None:
    done: list[str] = []
    with sessions() as session:
        session.execute(text("SELECT 1"))
        after_commit(session, lambda: done.append("rolled back"))
        session.rollback()
        session.execute(text("SELECT 1"))
        after_commit(session, lambda: done.append("committed"))
        assert done == []
        session.commit()
        session.execute(text("SELECT 1"))
        session.commit()
    assert done == ["committed"]
