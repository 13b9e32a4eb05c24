"""/v1/subscriptions: made, read, changed, paused, replayed and removed; what workers do with them is shown elsewhere."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from api.schemas.stories import StoryItem
from storyfold.store import deliveries, subscription_work
from storyfold.store.changes import last_cursor
from storyfold.store.leases import Terms
from storyfold.store.messages import change_message
from storyfold.store.tables import Change, Delivered, Story

HOOK = "https://desk.example/hooks/storyfold"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def subscribe(client):
    return lambda **given: client.post("/v1/subscriptions", json={"url": HOOK} | given).json()


@pytest.fixture
def tell(newsroom):
    """Changes happen, and the subscription's messages for them are noted."""

    def tell(subscription_id: str, count: int = 1) -> None:
        story = newsroom.story([newsroom.article()])
        with newsroom.sessions() as session:
            last = last_cursor(session)
        for place in range(last + 1, last + 1 + count):
            newsroom.change(place, "grown", story)
        with newsroom.sessions.begin() as session:
            held = subscription_work.hold(session, int(subscription_id), Terms(now(), 60))
            deliveries.gather(session, held[0], now())
            subscription_work.let_go(held[0])

    return tell


def path(subscription: dict, more: str = "") -> str:
    return f"/v1/subscriptions/{subscription['id']}{more}"


def test_a_subscription_is_answered_with_its_secret_this_once(client):
    answer = client.post("/v1/subscriptions", json={"url": HOOK, "q": "ferry", "min_articles": 3})
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, path(made))
    assert made["secret"].startswith("whsec_")
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    read = client.get(path(made)).json()
    assert read == {name: value for name, value in made.items() if name != "secret"}
    assert (read["state"], read["q"], read["min_articles"], read["pending"]) == ("active", "ferry", 3, 0)
    assert read["kinds"] == ["created", "grown", "changed", "merged", "split", "removed"]


def test_no_secret_stands_anywhere_else(client, subscribe):
    made = subscribe()
    rotated = client.post(path(made, "/secret")).json()
    for told in (client.get("/v1/subscriptions"), client.get(path(made)), client.get("/v1/audit")):
        assert made["secret"] not in told.text
        assert rotated["secret"] not in told.text


def test_subscriptions_are_listed_in_pages(client, subscribe):
    made = [subscribe()["id"] for _ in range(3)]
    first = client.get("/v1/subscriptions?limit=2").json()
    rest = client.get(f"/v1/subscriptions?limit=2&cursor={first['next_cursor']}").json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "not a url"},
        {"url": "ftp://desk.example/"},
        {"kinds": []},
        {"kinds": ["exploded"]},
        {"q": ""},
        {"q": "!!!"},
        {"min_articles": 0},
        {"min_cluster_articles": "many"},
        {"min_cluster_articles": True},
        {"cursor": "nonsense"},
        {"secret": "whsec_of_my_own"},
    ],
)
def test_what_is_no_subscription_is_422_and_nothing_is_made(client, wrong):
    answer = client.post("/v1/subscriptions", json={"url": HOOK} | wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert client.get("/v1/subscriptions").json()["items"] == []


def test_a_subscription_may_begin_in_the_past_and_not_in_the_future(client, newsroom, tell):
    story = newsroom.story([newsroom.article()])
    newsroom.change(1, "created", story)
    newsroom.change(2, "grown", story)
    first, second = [item["cursor"] for item in client.get("/v1/changes").json()["items"]]
    made = client.post("/v1/subscriptions", json={"url": HOOK, "cursor": first}).json()
    tell(made["id"])
    log = client.get(path(made, "/deliveries")).json()["items"]
    assert len(log) == 2
    bodies = [client.get(path(made, f"/deliveries/{item['id']}")).json()["body"] for item in log]
    assert second in [json.loads(body)["data"]["cursor"] for body in bodies]
    assert client.post("/v1/subscriptions", json={"url": HOOK, "cursor": "latest"}).status_code == 201


def test_what_is_given_is_changed_and_what_is_left_out_stays(client, subscribe):
    made = subscribe(q="ferry", source="harbour-post.example", kinds=["merged"], description="night desk")
    changed = client.request("PATCH", path(made), json={"q": None, "min_articles": 5, "url": f"{HOOK}/2"}).json()
    assert (changed["q"], changed["min_articles"], changed["url"]) == (None, 5, f"{HOOK}/2")
    assert (changed["source"], changed["kinds"], changed["description"]) == (
        "harbour-post.example",
        ["merged"],
        "night desk",
    )
    assert client.request("PATCH", path(made), json={"url": None, "kinds": None}).json()["url"] == f"{HOOK}/2"
    assert client.request("PATCH", path(made), json={"q": "!!!"}).status_code == 422
    assert client.request("PATCH", path(made), json={}).json()["kinds"] == ["merged"]


def test_a_subscription_is_paused_for_a_reason_and_resumed(client, subscribe):
    made = subscribe()
    paused = client.post(path(made, "/pause"), json={"reason": "moving house"}).json()
    assert (paused["state"], paused["paused_reason"]) == ("paused", "moving house")
    assert paused["paused_at"] is not None
    assert client.post(path(made, "/pause"), json={}).json()["paused_reason"] == "moving house"
    resumed = client.post(path(made, "/resume")).json()
    assert (resumed["state"], resumed["paused_reason"], resumed["paused_at"]) == ("active", None, None)


def test_a_secret_is_changed_for_a_new_one(client, subscribe):
    made = subscribe()
    new = client.post(path(made, "/secret")).json()
    assert new["secret"].startswith("whsec_")
    assert new["secret"] != made["secret"]
    assert new["old_until"] > now().isoformat()


def test_a_subscription_that_is_removed_is_gone_with_its_log(client, subscribe, tell):
    made = subscribe()
    tell(made["id"])
    assert client.delete(path(made)).status_code == 204
    assert client.get(path(made)).status_code == 404
    assert client.get(path(made, "/deliveries")).status_code == 404
    assert client.delete(path(made)).status_code == 404


def test_the_log_tells_what_is_owed_and_what_became_of_it(client, subscribe, tell, newsroom):
    made = subscribe()
    tell(made["id"], 3)
    assert client.get(path(made)).json()["pending"] == 3
    first = client.get(path(made, "/deliveries?limit=2")).json()
    rest = client.get(path(made, f"/deliveries?limit=2&cursor={first['next_cursor']}")).json()
    items = first["items"] + rest["items"]
    assert [item["state"] for item in items] == ["pending"] * 3
    assert [int(item["id"]) for item in items] == sorted((int(item["id"]) for item in items), reverse=True)
    with newsroom.sessions.begin() as session:
        delivery = deliveries.get(session, int(made["id"]), int(items[0]["id"]))
        deliveries.note_try(delivery, {"at": now().isoformat(), "status": 500, "error": "500", "seconds": 0.2})
    record = client.get(path(made, f"/deliveries/{items[0]['id']}")).json()
    assert (record["tries"][0]["status"], record["last_try"]) == (500, record["tries"][0])
    assert json.loads(record["body"])["type"] == "story.grown"
    assert client.get(path(made, "/deliveries?state=delivered")).json()["items"] == []


def taken(newsroom, subscription_id: str) -> None:
    """All of them were delivered."""
    with newsroom.sessions.begin() as session:
        for delivery in deliveries.list_log(session, int(subscription_id)):
            delivery.state, delivery.next_attempt_at, delivery.delivered_at = Delivered.DELIVERED, None, now()


def test_one_message_or_those_of_some_time_are_sent_again(client, subscribe, tell, newsroom):
    made = subscribe()
    tell(made["id"], 3)
    taken(newsroom, made["id"])
    newest, *_, oldest = client.get(path(made, "/deliveries")).json()["items"]
    again = client.post(path(made, f"/deliveries/{newest['id']}/replay"))
    assert (again.status_code, again.json()["state"], again.json()["message_id"]) == (
        202,
        "pending",
        newest["message_id"],
    )
    given = {"since": oldest["changed_at"], "until": newest["changed_at"]}
    assert client.post(path(made, "/replay"), json=given).json() == {"replayed": 2}
    assert client.get(path(made)).json()["pending"] == 3
    assert client.post(path(made, "/replay"), json={}).status_code == 422


def test_what_is_not_there_is_404(client, subscribe, tell):
    mine, other = subscribe(), subscribe()
    tell(mine["id"])
    delivery = client.get(path(mine, "/deliveries")).json()["items"][0]["id"]
    assert client.get(path(other, f"/deliveries/{delivery}")).status_code == 404
    assert client.post(path(other, f"/deliveries/{delivery}/replay")).status_code == 404
    for ending in ("", "/deliveries"):
        assert client.get(f"/v1/subscriptions/4711{ending}").status_code == 404
    for ending, body in (("/pause", {}), ("/resume", None), ("/secret", None), ("/test", None)):
        assert client.post(f"/v1/subscriptions/4711{ending}", json=body).status_code == 404
    since = {"since": "2026-07-01"}
    assert client.post("/v1/subscriptions/4711/replay", json=since).status_code == 404
    assert client.request("PATCH", "/v1/subscriptions/4711", json={}).status_code == 404


def test_a_test_message_is_noted_and_the_bell_is_rung(client, subscribe, bells):
    made = subscribe()
    before = bells()
    answer = client.post(path(made, "/test"))
    assert (answer.status_code, answer.json()["kind"], answer.json()["state"]) == (202, "test", "pending")
    assert bells() == before + 1


def test_every_act_is_on_record(client, subscribe, tell, newsroom):
    made = subscribe()
    tell(made["id"])
    taken(newsroom, made["id"])
    delivery = client.get(path(made, "/deliveries")).json()["items"][0]["id"]
    client.request("PATCH", path(made), json={"min_articles": 2})
    client.post(path(made, "/pause"), json={})
    client.post(path(made, "/resume"))
    client.post(path(made, "/secret"))
    client.post(path(made, f"/deliveries/{delivery}/replay"))
    client.delete(path(made))
    entries = client.get(f"/v1/audit?subject=subscription/{made['id']}").json()["items"]
    assert [entry["action"].removeprefix("subscription.") for entry in reversed(entries)] == [
        "made",
        "changed",
        "paused",
        "resumed",
        "secret-rotated",
        "replayed",
        "removed",
    ]
    assert entries[-2]["detail"] == {"min_articles": 2}


def test_what_is_taken_down_stands_in_no_message(client, subscribe, newsroom):
    made = subscribe(cursor=None)
    first, second = newsroom.article(title="A name in the headline"), newsroom.article(title="Ferry line reopens")
    told, gone = newsroom.story([first], [second], title="A name in the headline"), newsroom.story()
    newsroom.merge(gone, into=told)
    newsroom.change(1, "grown", told)
    newsroom.change(2, "merged", gone, other=told)
    with newsroom.sessions.begin() as session:
        held = subscription_work.hold(session, int(made["id"]), Terms(now(), 60))
        deliveries.gather(session, held[0], now())

    def bodies() -> list[dict]:
        log = client.get(path(made, "/deliveries")).json()["items"]
        return [json.loads(client.get(path(made, f"/deliveries/{item['id']}")).json()["body"]) for item in log]

    assert "A name in the headline" in json.dumps(bodies())
    client.delete(f"/v1/articles/{first}")
    assert "A name in the headline" not in json.dumps(bodies())
    assert bodies()[0]["data"]["story"]["article_count"] == 1
    client.delete(f"/v1/articles/{second}")
    assert [body["data"]["story"] for body in bodies()] == [None, None]


def test_a_message_shows_a_story_as_the_lists_do(newsroom):
    story_id = newsroom.story([newsroom.article()], first_published=newsroom.tick(), last_published=newsroom.tick())
    newsroom.change(1, "created", story_id)
    with newsroom.sessions() as session:
        story = session.get_one(Story, story_id)
        body = change_message(session.get_one(Change, 1), story)
    assert json.loads(body)["data"]["story"] == json.loads(StoryItem.of_story(story).model_dump_json())
