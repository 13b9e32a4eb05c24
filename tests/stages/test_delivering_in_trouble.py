"""Telling subscribers whose endpoints fail, hang or are gone: tried again, stepped aside from, paused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from postroom import Endpoint, Postroom
from servers.site import Reply, Site

from storyfold.stages.redelivery import HOLDING
from storyfold.store import audit, deliveries, subscriptions
from storyfold.store.engine import Sessions

# ---- what goes wrong


def test_an_endpoint_that_fails_is_tried_again_with_the_same_message(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    room.changes(1)
    hook.answers = [Reply(b"out of order", 500), Reply(status=503), Reply(status=200)]
    assert room.work(id) == 1
    assert room.draw() == []
    room.pass_(seconds=10)
    assert room.draw() == [id]
    assert room.work(id) == 1
    room.pass_(seconds=30)
    assert room.work(id) == 1
    assert len({(request.body, request.headers["webhook-id"]) for request in hook.got}) == 1
    [delivery] = room.log(id)
    assert (delivery.state, delivery.attempts) == ("delivered", 3)
    assert [tried["status"] for tried in delivery.tries] == [500, 503, 200]
    assert delivery.tries[0]["answer"] == "out of order"


def test_order_is_kept_through_a_short_failure(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    cursors = room.changes(3)
    hook.answers = [Reply(status=500), Reply(status=200)]
    room.work(id)
    room.pass_(seconds=10)
    room.work(id)
    assert hook.told() == cursors


def test_a_message_that_an_endpoint_cannot_take_steps_aside_for_the_others(room: Postroom, site: Site) -> None:
    hook = Endpoint(site)
    id = room.subscribe(hook.url)
    poison, *others = room.changes(4)

    def choke(request):
        reply = Reply(status=500 if json.loads(request.body)["data"]["cursor"] == poisoned else 200)
        hook.took += [request] if reply.status == 200 else []
        return reply

    from storyfold.store import cursors

    poisoned = cursors.encode("changes", poison)
    site.routes["/hook"] = choke
    for _ in range(HOLDING):
        room.work(id)
        room.pass_(minutes=2)
    room.work(id)
    assert hook.told() == others
    assert room.log(id)[0].state == "pending"
    assert room.subscription(id).failing_since is None


def test_a_message_that_is_never_taken_is_given_up_where_others_are(room: Postroom, site: Site) -> None:
    hook = Endpoint(site)
    id = room.subscribe(hook.url)
    room.changes(1)
    hook.answers = [Reply(status=400)]
    for _ in range(20):
        room.work(id)
        room.pass_(hours=15)
        hook.answers = [Reply(status=200), Reply(status=400)]
        with room.sessions.begin() as session:
            deliveries.add_trial(session, id, room.now - timedelta(days=1))
        subscription_log = room.log(id)
        with room.sessions.begin() as session:  # the trial goes first
            first = deliveries.get(session, id, subscription_log[0].id)
            if first.next_attempt_at is not None:
                first.next_attempt_at = room.now + timedelta(seconds=1)
        room.work(id)
        room.pass_(seconds=2)
    assert room.log(id)[0].state == "failed"
    assert room.subscription(id).paused_at is None


def test_an_endpoint_that_is_down_for_hours_gets_everything_when_it_is_back(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    cursors = room.changes(5)
    hook.answers = [Reply(status=502)]
    for _ in range(60):
        room.work(id)
        room.pass_(minutes=10)
    assert len(hook.got) < 20
    hook.answers = [Reply(status=200)]
    room.pass_(hours=15)
    room.work(id)
    assert sorted(hook.told()) == cursors
    assert room.subscription(id).error_streak == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(room: Postroom, hook: Endpoint, site: Site, status: int) -> None:
    elsewhere = Endpoint(site, "/elsewhere")
    id = room.subscribe(hook.url)
    room.changes(1)
    hook.answers = [Reply(status=status, headers={"location": elsewhere.url})]
    room.work(id)
    assert elsewhere.got == []
    assert "redirects are not followed" in str(room.subscription(id).last_error)


def test_an_endpoint_that_hangs_costs_its_time_and_no_more(sessions: Sessions, site: Site) -> None:
    room = Postroom(sessions, seconds=0.2)
    hook = Endpoint(site)
    hook.answers = [Reply(status=200, delay=30)]
    id = room.subscribe(hook.url)
    room.changes(1)
    assert room.work(id) == 1
    assert "time-out" in str(room.subscription(id).last_error)
    assert room.log(id)[0].state == "pending"


def test_an_answer_without_end_is_not_read(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    room.changes(2)
    hook.answers = [Reply(b"a" * 1_000_000, 200), Reply(b"\x00b" * 1_000_000, 500)]
    room.work(id)
    taken, refused = room.log(id)
    assert (taken.state, refused.state) == ("delivered", "pending")
    assert len(refused.tries[0]["answer"]) <= 1_000


def test_an_address_that_is_not_public_is_not_connected_to(sessions: Sessions, site: Site) -> None:
    room = Postroom(sessions, networks=())
    hook = Endpoint(site)
    id = room.subscribe(hook.url)
    room.changes(1)
    room.work(id)
    assert hook.got == []
    assert "forbidden-address" in str(room.subscription(id).last_error)


def test_retry_after_is_kept_to(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    room.changes(1)
    hook.answers = [Reply(status=429, headers={"retry-after": "3600"}), Reply(status=200)]
    room.work(id)
    room.pass_(minutes=59)
    assert room.work(id) == 0
    room.pass_(minutes=2)
    assert room.work(id) == 1


# ---- pausing


def test_an_endpoint_that_answers_410_is_paused_at_once_and_says_why(
    room: Postroom, hook: Endpoint, sessions: Sessions
) -> None:
    id = room.subscribe(hook.url)
    room.changes(2)
    hook.answers = [Reply(status=410)]
    room.work(id)
    subscription = room.subscription(id)
    assert subscription.paused_at is not None
    assert "410" in str(subscription.paused_reason)
    room.pass_(days=30)
    assert (room.draw(), room.work(id)) == ([], 0)
    with sessions() as session:
        assert audit.list_entries(session)[0].action == "subscription.paused"


def test_what_a_paused_subscription_is_owed_is_sent_when_it_is_resumed(
    room: Postroom, hook: Endpoint, sessions: Sessions
) -> None:
    id = room.subscribe(hook.url)
    before = room.changes(2)
    hook.answers = [Reply(status=410), Reply(status=200)]
    room.work(id)
    during = room.changes(2)
    with sessions.begin() as session:
        subscriptions.resume(session, id, "ada", room.now)
    assert room.draw() == [id]
    room.work(id)
    assert hook.told() == before + during


def test_an_endpoint_that_takes_nothing_for_days_is_paused_with_all_it_is_owed(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    room.changes(3)
    hook.answers = [Reply(status=500)]
    for _ in range(40):
        room.work(id)
        room.pass_(hours=5)
    subscription = room.subscription(id)
    assert "has taken nothing since" in str(subscription.paused_reason)
    assert subscription.paused_at - subscription.failing_since >= timedelta(days=5)
    assert {delivery.state for delivery in room.log(id)} == {"pending"}
