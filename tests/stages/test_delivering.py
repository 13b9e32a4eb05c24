"""Telling subscribers: everything they asked for, at least once, in order while it can be, signed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from postroom import Endpoint, Postroom, verify
from servers.site import Reply, Site
from standardwebhooks import WebhookVerificationError

from storyfold.errors import BadInput
from storyfold.stages.redelivery import HOLDING
from storyfold.store import audit, deliveries, leases, subscriptions
from storyfold.store.engine import Sessions
from storyfold.store.subscriptions import Wanted


@pytest.fixture
def room(sessions: Sessions) -> Postroom:
    return Postroom(sessions)


@pytest.fixture
def hook(site: Site) -> Endpoint:
    return Endpoint(site)


# ---- what is sent


def test_a_subscriber_is_told_every_change_in_its_order(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    cursors = room.changes(5)
    assert room.work(id) == 5
    assert hook.told() == cursors
    assert {delivery.state for delivery in room.log(id)} == {"delivered"}


def test_a_message_is_signed_so_that_the_schemes_library_verifies_it(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    room.changes(1)
    room.work(id)
    [request] = hook.took
    secret = room.subscription(id).secret
    assert verify(request, secret)["type"] == "story.grown"
    assert request.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        verify(request, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def test_a_message_tells_the_change_and_the_story_as_it_stands(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url)
    story = room.story(["harbour-post.example", "valley-times.example"])
    room.change(story, "created")
    room.work(id)
    told = json.loads(hook.took[0].body)
    assert (told["type"], told["data"]["kind"], told["data"]["story_id"]) == ("story.created", "created", str(story))
    assert told["data"]["story"]["article_count"] == 2
    assert told["timestamp"] == told["data"]["at"]
    assert told["timestamp"].endswith("Z")


def test_what_happened_before_is_told_only_to_who_asks_for_it(room: Postroom, hook: Endpoint) -> None:
    cursors = room.changes(3)
    assert room.work(room.subscribe(hook.url)) == 0
    assert room.work(room.subscribe(hook.url, after=cursors[0])) == 2
    assert hook.told() == cursors[1:]


def test_while_a_secret_is_changed_both_verify(room: Postroom, hook: Endpoint, sessions: Sessions) -> None:
    id = room.subscribe(hook.url)
    old = room.subscription(id).secret
    with sessions.begin() as session:
        _, new = subscriptions.rotate_secret(session, id, "ada", room.now)
    room.changes(1)
    room.work(id)
    assert verify(hook.took[0], old) == verify(hook.took[0], new)
    room.pass_(hours=25)
    with sessions() as session:
        assert subscriptions.secrets_of(subscriptions.get(session, id), room.now) == [new]


def test_a_trial_message_arrives_like_any_other(room: Postroom, hook: Endpoint, sessions: Sessions) -> None:
    id = room.subscribe(hook.url, kinds=["removed"])
    with sessions.begin() as session:
        deliveries.add_trial(session, id, room.now)
    assert room.work(id) == 1
    assert verify(hook.took[0], room.subscription(id).secret)["type"] == "test"


# ---- what is asked for


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["created", "grown", "grown", "merged", "removed"]),
        ({"kinds": ["merged", "removed"]}, ["merged", "removed"]),
        ({"source": "valley-times.example"}, ["grown", "merged", "removed"]),
        ({"source": "nobody.example"}, ["merged", "removed"]),
        ({"min_articles": 3}, ["grown", "merged", "removed"]),
        ({"min_cluster_articles": 2}, ["grown", "merged", "removed"]),
        ({"min_cluster_articles": 3}, ["merged", "removed"]),
        ({"language": "de"}, ["grown", "merged", "removed"]),
        ({"q": "ferries"}, ["created", "grown", "merged", "removed"]),
        ({"q": "bridge", "kinds": ["grown", "created"]}, ["grown"]),
        ({"q": "ferry", "source": "valley-times.example"}, ["merged", "removed"]),
    ],
)
def test_only_what_is_asked_for_is_told(room: Postroom, hook: Endpoint, wanted: dict, expected: list[str]) -> None:
    id = room.subscribe(hook.url, **wanted)
    small = room.story(["harbour-post.example"])
    large = room.story(
        ["harbour-post.example", "valley-times.example"], ["isle.example"], language="de", text="A bridge opens."
    )
    room.change(small, "created")
    room.change(small, "grown")
    room.change(large, "grown")
    room.change(small, "merged", other=large)
    room.change(4711, "removed")
    room.work(id)
    told = [json.loads(request.body)["data"]["kind"] for request in hook.took]
    assert told == expected


def test_a_story_that_was_merged_meanwhile_is_judged_by_the_one_it_ended_in(room: Postroom, hook: Endpoint) -> None:
    id = room.subscribe(hook.url, source="valley-times.example")
    oldest, old = room.story(["harbour-post.example"]), room.story(["harbour-post.example"])
    young = room.story(["valley-times.example"])
    created = room.change(young, "created")
    room.merge(young, into=old)
    merged = room.change(young, "merged", other=old)
    room.merge(old, into=oldest)
    again = room.change(old, "merged", other=oldest)
    room.work(id)
    assert hook.told() == [created, merged, again]
    assert json.loads(hook.took[0].body)["data"]["story"]["id"] == str(oldest)


def test_a_long_log_in_which_nothing_is_asked_for_is_gone_through(room: Postroom, hook: Endpoint, monkeypatch) -> None:
    monkeypatch.setattr(deliveries, "WINDOW", 3)
    id = room.subscribe(hook.url, kinds=["split"])
    room.changes(10)
    last = room.change(room.story(["isle.example"]), "split")
    assert room.work(id) == 1
    assert hook.told() == [last]


def test_what_cannot_be_a_subscription_is_refused(sessions: Sessions, room: Postroom) -> None:
    for wanted in (Wanted("not a url"), Wanted("https://a.example/", kinds=()), Wanted("https://a.example/", q="!!!")):
        with sessions.begin() as session, pytest.raises(BadInput):
            subscriptions.make(session, wanted, "ada", room.now)


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
