"""The audit trail: kept with the act it tells of, and read back newest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storyfold.store import audit
from storyfold.store.engine import Sessions
from storyfold.store.tables import Act

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def note(sessions: Sessions, action: Act = Act.FEED_REMOVED, subject: str = "feed/1", minute: int = 0) -> None:
    with sessions.begin() as session:
        audit.record(session, "key 1 desk", action, subject, {"url": "https://a.example"}, NOON + minute * MINUTE)


MINUTE = timedelta(minutes=1)


def subjects(sessions: Sessions, **wanted: object) -> list[str]:
    with sessions() as session:
        return [entry.subject for entry in audit.list_entries(session, **wanted)]


def test_an_act_is_on_record_with_who_what_and_when(sessions: Sessions) -> None:
    note(sessions)
    with sessions() as session:
        [entry] = audit.list_entries(session)
    assert (entry.actor, entry.action, entry.subject) == ("key 1 desk", "feed.removed", "feed/1")
    assert (entry.detail, entry.at) == ({"url": "https://a.example"}, NOON)


def test_an_act_that_is_rolled_back_is_not_on_record(sessions: Sessions) -> None:
    def fail() -> None:
        with sessions.begin() as session:
            audit.record(session, "key 1 desk", Act.KEY_MADE, "key/2", None, NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert subjects(sessions) == []


def test_the_trail_is_read_newest_first_and_on_from_where_it_was_left(sessions: Sessions) -> None:
    for number in range(4):
        note(sessions, subject=f"feed/{number}")
    assert subjects(sessions, limit=2) == ["feed/3", "feed/2"]
    assert subjects(sessions, before_id=3) == ["feed/1", "feed/0"]


def test_the_trail_is_read_by_action_subject_and_time(sessions: Sessions) -> None:
    note(sessions, Act.KEY_MADE, "key/1", minute=0)
    note(sessions, Act.STORY_SPLIT, "story/1", minute=1)
    note(sessions, Act.KEY_REVOKED, "key/1", minute=2)
    assert subjects(sessions, actions=[Act.STORY_SPLIT]) == ["story/1"]
    assert subjects(sessions, subject="key/1") == ["key/1", "key/1"]
    assert subjects(sessions, since=NOON + MINUTE) == ["key/1", "story/1"]
