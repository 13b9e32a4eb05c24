"""Telling subscribers: everything they asked for, at least once, in order while it can be, signed."""

from __future__ import annotations

import json

import pytest
from postroom import Endpoint, Postroom, verify
from standardwebhooks import WebhookVerificationError

from storyfold.errors import BadInput
from storyfold.store import deliveries, subscriptions
from storyfold.store.engine import Sessions
from storyfold.store.subscriptions import Wanted

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
