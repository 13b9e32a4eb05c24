"""Telling subscribers by workers that are killed, late or many; and telling once more."""

from __future__ import annotations

from datetime import timedelta

from postroom import Endpoint, Postroom
from servers.site import Reply, Site

from storyfold.store import deliveries, leases, subscriptions
from storyfold.store.engine import Sessions

# ---- workers


def test_what_a_worker_was_killed_over_is_sent_again_with_the_same_id(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    cursors = room.changes(2)
    room.die(id)
    assert room.draw() == [id]
    room.work(id)
    assert hook.told() == cursors


def test_a_result_that_comes_after_the_lease_changes_nothing(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    cursors = room.changes(1)

    def overtaken() -> None:
        room.pass_(seconds=60)
        with room.sessions.begin() as session:
            leases.sweep(session, room.now)

    room.step(id, between=overtaken)
    assert room.log(id)[0].state == "pending"
    room.work(id)
    assert hook.told() == cursors * 2
    assert len({request.headers["webhook-id"] for request in hook.got}) == 1


def test_one_message_of_a_subscription_is_in_hand_at_a_time(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    room.changes(2)
    assert room.step(id, between=lambda: assert_idle(room, id))


def assert_idle(room: Postroom, id: int) -> None:
    assert not room.step(id)
    assert room.draw() == []


def test_a_subscription_that_is_removed_while_it_is_told_breaks_nothing(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    room.changes(1)

    def remove() -> None:
        with room.sessions.begin() as session:
            subscriptions.remove(session, id, "ada", room.now)

    assert room.step(id, between=remove)
    assert room.log(id) == []


def test_slow_endpoints_leave_room_for_the_others(room: Postroom, site: Site, sessions: Sessions) -> None:
    slow = [room.subscribe(site.url(f"/slow/{n}")) for n in range(6)]
    quick = [room.subscribe(site.url(f"/quick/{n}")) for n in range(3)]
    with sessions.begin() as session:
        for id in slow:
            subscriptions.get(session, id).last_seconds = 9.0
    room.changes(1)
    drawn = room.draw(slow_at_once=2)
    assert set(quick) <= set(drawn)
    assert len(set(slow) & set(drawn)) == 2
    assert room.draw(slow_at_once=2) == []
    room.pass_(minutes=1)  # those doorbells were lost
    assert len(set(slow) & set(room.draw(slow_at_once=2))) == 2


def test_a_doorbell_that_was_lost_is_rung_again(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    assert room.draw() == []
    room.changes(1)
    assert room.draw() == [id]
    assert room.draw() == []
    room.pass_(seconds=31)
    assert room.draw() == [id]


# ---- replay


def test_one_delivery_is_replayed_with_the_same_message(room: Postroom, hook: Endpoint, sessions: Sessions) -> None:
    id = room.subscribe(hook.url)
    first, second = room.changes(2)
    room.work(id)
    with sessions.begin() as session:
        deliveries.replay(session, id, room.log(id)[0].id, "ada", room.now)
    room.work(id)
    assert hook.told() == [first, second, first]
    assert hook.got[0].headers["webhook-id"] == hook.got[2].headers["webhook-id"]


def test_a_range_of_deliveries_is_replayed(room: Postroom, hook: Endpoint, sessions: Sessions) -> None:
    id = room.subscribe(hook.url)
    cursors, times = [], []
    for _ in range(4):
        times.append(room.now)
        cursors += room.changes(1)
        room.pass_(minutes=1)
    room.work(id)
    hook.took.clear()
    with sessions.begin() as session:
        count = deliveries.replay_range(session, id, "ada", room.now, since=times[1], until=times[3])
    room.work(id)
    assert (count, hook.told()) == (2, cursors[1:3])


def test_old_entries_of_the_log_are_forgotten_and_what_is_owed_is_not(
    room: Postroom, hook: Endpoint, sessions: Sessions
) -> None:
    id = room.subscribe(hook.url)
    room.changes(1)
    room.work(id)
    hook.answers = [Reply(status=500)]
    room.changes(1)
    room.work(id)
    with sessions.begin() as session:
        deliveries.forget_old(session, room.now + timedelta(days=31), 30)
    assert [delivery.state for delivery in room.log(id)] == ["pending"]
