"""Whether work moves: what is due, for how long, and whether anybody does it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storyfold.store.engine import Sessions
from storyfold.store.progress import REPAIR_STALLED_AFTER, STALLED_AFTER, Queue, is_anything_due, queues

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = NOW - STALLED_AFTER - timedelta(seconds=1)
LINK = (
    "INSERT INTO links (fate, stage, next_attempt_at, leased_until, created_at, updated_at)"
    " VALUES ('pending', :stage, :due, :until, :due, :due)"
)


def look(sessions: Sessions) -> dict[str, Queue]:
    with sessions() as session:
        return {queue.name: queue for queue in queues(session, NOW)}


def put(sessions: Sessions, statement: str, **values: object) -> None:
    with sessions.begin() as session:
        session.execute(text(statement), values)


def test_an_empty_store_has_every_queue_and_nothing_in_them(sessions: Sessions) -> None:
    found = look(sessions)
    assert list(found) == ["poll", "read", "fetch", "digest", "fold", "repair", "deliver"]
    assert {(queue.due, queue.oldest, queue.in_hand) for queue in found.values()} == {(0, None, 0)}


@pytest.mark.parametrize("stage", ["fetch", "digest", "fold"])
def test_links_wait_in_the_queue_of_their_stage(sessions: Sessions, stage: str) -> None:
    for seconds in (5, 60, -30):
        put(sessions, LINK, stage=stage, due=NOW - timedelta(seconds=seconds), until=None)
    queue = look(sessions)[stage]
    assert (queue.due, queue.waits(NOW), queue.in_hand) == (2, 60, 0)


def test_work_in_hand_is_told_apart_from_what_a_dead_worker_holds(sessions: Sessions) -> None:
    for until in (NOW + timedelta(seconds=9), NOW - timedelta(seconds=9)):
        put(sessions, LINK, stage="fetch", due=NOW, until=until)
    assert look(sessions)["fetch"].in_hand == 1


def test_feeds_wait_to_be_polled_from_their_turn_on_and_to_be_read_from_their_poll_on(sessions: Sessions) -> None:
    feed = (
        "INSERT INTO feeds (url, host, next_poll_at, not_before, paused, last_polled_at, unread_page_id, created_at)"
        " VALUES (:url, 'a.example', :due, :turn, :paused, :polled, :page, :due)"
    )
    minute = timedelta(minutes=1)
    none = {"turn": None, "paused": False, "polled": None, "page": None}
    put(sessions, feed, **none | {"url": "a", "due": NOW - 9 * minute, "turn": NOW - minute})
    put(sessions, feed, **none | {"url": "b", "due": NOW - 9 * minute, "turn": NOW + minute})
    put(sessions, feed, **none | {"url": "c", "due": NOW - 9 * minute, "paused": True})
    put(sessions, feed, **none | {"url": "d", "due": NOW + minute, "polled": NOW - 2 * minute, "page": 1})
    found = look(sessions)
    assert (found["poll"].due, found["poll"].waits(NOW)) == (1, 60)
    assert (found["read"].due, found["read"].waits(NOW)) == (1, 120)


def test_stories_wait_for_their_second_look_from_their_last_change_on(sessions: Sessions) -> None:
    story = (
        "INSERT INTO stories (article_count, source_count, cluster_count, dated_at, created_at, updated_at, repaired_at)"
        " VALUES (1, 1, 1, :at, :at, :at, :repaired)"
    )
    put(sessions, story, at=NOW - timedelta(seconds=40), repaired=None)
    put(sessions, story, at=NOW - timedelta(seconds=90), repaired=NOW)
    assert (look(sessions)["repair"].due, look(sessions)["repair"].waits(NOW)) == (1, 40)


def test_ties_without_evidence_wait_for_the_second_look_too(sessions: Sessions) -> None:
    link = "INSERT INTO links (stage, next_attempt_at, created_at, updated_at) VALUES ('fold', :at, :at, :at)"
    article = "INSERT INTO articles (link_id, arrived_at) SELECT max(id), :at FROM links"
    for _ in range(2):
        put(sessions, link, at=NOW)
        put(sessions, article, at=NOW)
    tied = (
        "INSERT INTO evidence (article_id, matched_id, relation, score, version, idf_snapshot, data, created_at)"
        " SELECT max(id), min(id), 'rewrite', .9, 1, 0, CAST(:data AS jsonb), :at FROM articles"
    )
    put(sessions, tied, data=None, at=NOW - timedelta(seconds=30))
    assert (look(sessions)["repair"].due, look(sessions)["repair"].waits(NOW)) == (1, 30)
    put(sessions, "UPDATE evidence SET data = '{}'")
    assert look(sessions)["repair"].due == 0


def test_what_paused_subscriptions_are_owed_is_not_due(sessions: Sessions) -> None:
    subscription = (
        "INSERT INTO subscriptions (url, kinds, secret, seen, created_at, updated_at, paused_at, paused_reason)"
        " VALUES ('https://a.example/', '{}', '', 0, :at, :at, :paused, :reason) RETURNING id"
    )
    delivery = (
        "INSERT INTO deliveries (subscription_id, kind, message_id, body, next_attempt_at, changed_at, created_at)"
        " VALUES (:id, 'created', '', '', :at, :at, :at)"
    )
    at = NOW - timedelta(seconds=20)
    for paused, reason in ((None, None), (at, "by hand")):
        with sessions.begin() as session:
            id = session.scalar(text(subscription), {"at": at, "paused": paused, "reason": reason})
            session.execute(text(delivery), {"id": id, "at": at})
    assert (look(sessions)["deliver"].due, look(sessions)["deliver"].waits(NOW)) == (1, 20)


@pytest.mark.parametrize(
    ("oldest", "in_hand", "last_done", "stalled"),
    [
        (None, 0, None, False),
        (NOW - STALLED_AFTER, 0, None, False),
        (LONG_AGO, 0, None, True),
        (LONG_AGO, 0, LONG_AGO, True),
        (LONG_AGO, 1, LONG_AGO, False),
        (LONG_AGO, 0, NOW - timedelta(seconds=10), False),
    ],
)
def test_a_queue_is_stalled_where_work_waits_long_and_nobody_does_any(
    oldest: datetime | None, in_hand: int, last_done: datetime | None, stalled: bool
) -> None:
    assert Queue("fetch", 1, oldest, in_hand, last_done).is_stalled(NOW) is stalled


def test_repair_is_given_longer() -> None:
    assert not Queue("repair", 1, LONG_AGO, 0, None).is_stalled(NOW)
    assert Queue("repair", 1, NOW - 2 * REPAIR_STALLED_AFTER, 0, None).is_stalled(NOW)


FEED = (
    "INSERT INTO feeds (url, host, next_poll_at, created_at, paused, unread_page_id, lease_token, leased_until)"
    " VALUES ('a', 'a.example', :due, :due, :paused, :page, :token, :until)"
)
RESTING: dict[str, object] = {"due": NOW + timedelta(minutes=1), "paused": False, "page": None, "token": None}
RESTING["until"] = None
LOST = {"token": "00000000-0000-0000-0000-000000000001", "until": NOW - timedelta(seconds=1)}


@pytest.mark.parametrize(
    ("feed", "due"),
    [
        ({}, False),
        ({"due": NOW}, True),
        ({"due": NOW, "paused": True}, False),
        ({"page": 1}, True),
        (LOST, True),
    ],
)
def test_a_dispatcher_looks_further_where_a_feed_is_due_unread_or_held_by_the_dead(
    sessions: Sessions, feed: dict[str, object], due: bool
) -> None:
    put(sessions, FEED, **RESTING | feed)
    with sessions() as session:
        assert is_anything_due(session, NOW) is due


@pytest.mark.parametrize(("due", "found"), [(NOW, True), (NOW + timedelta(minutes=1), False)])
def test_a_dispatcher_looks_further_where_a_link_is_due(sessions: Sessions, due: datetime, found: bool) -> None:
    put(sessions, LINK, stage="fetch", due=due, until=None)
    with sessions() as session:
        assert is_anything_due(session, NOW) is found


def test_a_dispatcher_looks_further_where_anybody_subscribes(sessions: Sessions) -> None:
    with sessions() as session:
        assert not is_anything_due(session, NOW)
    subscription = "INSERT INTO subscriptions (url, kinds, secret, seen, created_at, updated_at) VALUES ('', '{}', '', 0, :at, :at)"
    put(sessions, subscription, at=NOW)
    with sessions() as session:
        assert is_anything_due(session, NOW)
