"""Requests that may be sent again, and requests that have to be signed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from asgi_client import KEY
from sqlalchemy import func, select, update
from standardwebhooks import Webhook

from storyfold.stages import submit
from storyfold.store import receipts
from storyfold.store.tables import Link, Receipt

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
LINKS = {"urls": ["https://harbour-post.example/ferry"]}
TEXT = {"text": "The ferry sails again."}


@pytest.fixture
def known(newsroom):
    """How many links there are."""

    def count() -> int:
        with newsroom.sessions() as session:
            return session.scalar(select(func.count()).select_from(Link))

    return count


def named(name: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": name} | more


# ---- Idempotency-Key


def test_a_request_sent_again_is_done_once_and_answered_the_same(client, known):
    first = client.post("/v1/articles", json=TEXT, headers=named("push-1"))
    again = client.post("/v1/articles", json=TEXT, headers=named('"push-1"'))
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert known() == 1


def test_the_answer_is_that_of_then_and_not_of_now(client, newsroom):
    first = client.post("/v1/links", json=LINKS, headers=named("links-1")).json()
    assert first["items"][0]["created"] is True
    assert client.post("/v1/links", json=LINKS, headers=named("links-1")).json() == first
    assert client.post("/v1/links", json=LINKS).json()["items"][0]["created"] is False


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/articles", {"text": "The ferry is late."}), ("/v1/links", LINKS), ("/v1/articles", None)]
)
def test_the_same_key_for_another_request_is_422_and_nothing_is_done(client, known, path, body):
    client.post("/v1/articles", json=TEXT, headers=named("push-1"))
    assert client.post(path, json=body or {}, headers=named("push-1")).status_code == 422
    assert known() == 1


def test_without_a_key_each_request_is_another(client, known):
    for _ in range(2):
        client.post("/v1/articles", json=TEXT)
    assert known() == 2


def test_a_request_that_is_being_worked_on_is_409(client, newsroom, known, monkeypatch):
    statuses = []
    push = submit.push_article

    def slow(session, given, now):
        statuses.append(client.post("/v1/articles", json=TEXT, headers=named("push-1")).status_code)
        return push(session, given, now)

    monkeypatch.setattr("api.routers.articles.push_article", slow)
    assert client.post("/v1/articles", json=TEXT, headers=named("push-1")).status_code == 202
    assert statuses == [409]
    assert known() == 1


def test_many_at_once_are_done_once(client, known):
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: client.post("/v1/articles", json=TEXT, headers=named("push-1")), range(8))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert known() == 1


def test_what_was_not_done_leaves_no_receipt(client, newsroom, known, monkeypatch):
    def fail(*_):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("api.routers.articles.push_article", fail)
        assert client.post("/v1/articles", json=TEXT, headers=named("push-1")).status_code == 500
    assert client.post("/v1/articles", json={"text": ""}, headers=named("push-1")).status_code == 422
    assert client.post("/v1/articles", json=TEXT, headers=named("push-1")).status_code == 202
    assert known() == 1


def test_a_receipt_is_good_for_a_day(client, newsroom, known):
    client.post("/v1/articles", json=TEXT, headers=named("push-1"))
    with newsroom.sessions.begin() as session:
        session.execute(update(Receipt).values(taken_at=datetime.now(UTC) - timedelta(hours=23)))
    client.post("/v1/articles", json=TEXT, headers=named("push-1"))
    assert known() == 1
    with newsroom.sessions.begin() as session:
        session.execute(update(Receipt).values(taken_at=datetime.now(UTC) - timedelta(hours=25)))
    client.post("/v1/articles", json=TEXT, headers=named("push-1"))
    assert known() == 2


def test_old_receipts_are_forgotten(client, newsroom):
    client.post("/v1/articles", json=TEXT, headers=named("push-1"))
    for hours, left in ((23, 1), (25, 0)):
        with newsroom.sessions.begin() as session:
            receipts.forget_old(session, datetime.now(UTC) + timedelta(hours=hours))
            assert session.scalar(select(func.count()).select_from(Receipt)) == left


def test_two_callers_may_use_the_same_name(serve, newsroom, known):
    client = serve(api_key=KEY)
    from storyfold.store import keys
    from storyfold.store.tables import KeyScope

    with newsroom.sessions.begin() as session:
        _, other = keys.make_key(session, keys.KeyTerms("desk", [KeyScope.SUBMIT]), "ada", datetime.now(UTC))
    for key in (KEY, other):
        client.post("/v1/articles", json=TEXT, headers=named("push-1", Authorization=f"Bearer {key}"))
    assert known() == 2


@pytest.mark.parametrize("name", ["", " ", '""', "a" * 256, "two words"])
def test_what_is_no_name_is_422(client, known, name):
    assert client.post("/v1/articles", json=TEXT, headers=named(name)).status_code == 422
    assert known() == 0


# ---- signatures


@pytest.fixture
def signed_client(serve):
    return serve(webhook_secret=SECRET)


def signed(body: bytes, secret: str = SECRET, name: str = "msg_1", seconds: float = 0) -> dict[str, str]:
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    signature = Webhook(secret).sign(name, at, body.decode())
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
        "content-type": "application/json",
    }


def hand_in(client, body: bytes = json.dumps(LINKS).encode(), path: str = "/v1/links", **headers: str):
    return client.post(path, content=body, headers=headers)


LINKS_BODY = json.dumps(LINKS).encode()
TEXT_BODY = json.dumps(TEXT).encode()


@pytest.mark.parametrize(("path", "body"), [("/v1/links", LINKS_BODY), ("/v1/articles", TEXT_BODY)])
def test_a_signed_request_is_taken_and_another_is_401(signed_client, known, path, body):
    assert hand_in(signed_client, body, path, **signed(body)).status_code == 202
    unsigned = hand_in(signed_client, body, path, **{"content-type": "application/json"})
    assert (unsigned.status_code, unsigned.headers["content-type"]) == (401, "application/problem+json")
    assert "www-authenticate" in unsigned.headers
    assert known() == 1


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda: signed(LINKS_BODY, OTHER_SECRET),
        lambda: signed(TEXT_BODY),
        lambda: signed(LINKS_BODY, seconds=-301),
        lambda: signed(LINKS_BODY, seconds=600),
        lambda: signed(LINKS_BODY) | {"webhook-id": "msg_2"},
        lambda: signed(LINKS_BODY) | {"webhook-timestamp": "soon"},
        lambda: signed(LINKS_BODY) | {"webhook-timestamp": "nan"},
        lambda: signed(LINKS_BODY) | {"webhook-signature": ""},
        lambda: signed(LINKS_BODY) | {"webhook-signature": "v1"},
        lambda: signed(LINKS_BODY) | {"webhook-signature": "v1,not base64"},
        lambda: signed(LINKS_BODY) | {"webhook-signature": "v1,a,b"},
        lambda: {name: value for name, value in signed(LINKS_BODY).items() if name != "webhook-id"},
    ],
)
def test_a_signature_that_is_not_of_this_body_id_time_and_secret_is_401(signed_client, known, spoiled):
    assert hand_in(signed_client, **spoiled()).status_code == 401
    assert known() == 0


def test_a_body_that_is_no_text_is_401(signed_client, known):
    assert hand_in(signed_client, b'"\xff"', **signed(LINKS_BODY)).status_code in (401, 422)
    assert known() == 0


def test_a_message_sent_again_is_409_and_not_done_again(signed_client, known):
    headers = signed(TEXT_BODY)
    assert hand_in(signed_client, TEXT_BODY, "/v1/articles", **headers).status_code == 202
    assert hand_in(signed_client, TEXT_BODY, "/v1/articles", **headers).status_code == 409
    later = signed(TEXT_BODY, seconds=60)
    assert hand_in(signed_client, TEXT_BODY, "/v1/articles", **later).status_code == 409
    assert known() == 1


def test_a_message_that_could_not_be_used_may_come_again(signed_client, known):
    body = b'{"urls": "none"}'
    assert hand_in(signed_client, body, **signed(body)).status_code == 422
    assert hand_in(signed_client, LINKS_BODY, **signed(LINKS_BODY)).status_code == 202


def test_a_sender_that_heard_no_answer_gets_it_by_its_idempotency_key(signed_client, known):
    headers = signed(TEXT_BODY) | named("push-1")
    first = hand_in(signed_client, TEXT_BODY, "/v1/articles", **headers)
    assert hand_in(signed_client, TEXT_BODY, "/v1/articles", **headers).json() == first.json()
    assert known() == 1


def test_while_a_secret_is_changed_both_are_good(serve, known):
    client = serve(webhook_secret=f"{SECRET}, {OTHER_SECRET}")
    for secret, name in ((SECRET, "msg_1"), (OTHER_SECRET, "msg_2")):
        assert hand_in(client, **signed(LINKS_BODY, secret, name)).status_code == 202


def test_a_signature_is_asked_for_beside_the_key_and_not_in_its_place(serve, known):
    client = serve(webhook_secret=SECRET, api_key=KEY)
    key = {"Authorization": f"Bearer {KEY}"}
    assert hand_in(client, **signed(LINKS_BODY)).status_code == 401
    assert client.post("/v1/links", json=LINKS, headers=key).status_code == 401
    assert hand_in(client, **signed(LINKS_BODY) | key).status_code == 202


def test_only_what_hands_in_has_to_be_signed(signed_client):
    assert signed_client.get("/v1/links").status_code == 200
    assert signed_client.post("/v1/feeds", json={"url": "https://a.example/feed"}).status_code == 201


def test_without_a_secret_signatures_are_nobodys_business(client):
    assert hand_in(client, **signed(LINKS_BODY, OTHER_SECRET)).status_code == 202
    assert hand_in(client, **signed(LINKS_BODY, OTHER_SECRET)).status_code == 202
