"""Keys: who gets in, to what, for how long; and that no key can be read anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from anyio import to_thread
from keysmith import bearer, now, tampered

from api import key_book
from api.gate import GateKeeper
from api.key_book import KeyBook
from api.scopes import scopes_for
from storyfold.store import keys
from storyfold.store.tables import KeyScope

READ, SUBMIT, ADMIN = KeyScope.READ, KeyScope.SUBMIT, KeyScope.ADMIN
LINKS = {"urls": ["https://harbour-post.example/ferry"]}


@pytest.mark.parametrize(
    ("scopes", "asked", "status"),
    [
        ([READ], ("GET", "/v1/stories", None), 200),
        ([READ], ("GET", "/v1/changes", None), 200),
        ([READ], ("GET", "/v1/feeds", None), 200),
        ([READ], ("GET", "/metrics", None), 200),
        ([READ], ("GET", "/openapi.json", None), 200),
        ([READ], ("GET", "/v1/links", None), 200),
        ([READ], ("POST", "/v1/links", LINKS), 403),
        ([READ], ("POST", "/v1/articles", {"text": "The ferry sails again."}), 403),
        ([READ], ("POST", "/v1/feeds", {"url": "https://harbour-post.example/feed"}), 403),
        ([READ], ("DELETE", "/v1/feeds/1", None), 403),
        ([READ], ("GET", "/v1/audit", None), 403),
        ([READ], ("GET", "/v1/subscriptions", None), 403),
        ([SUBMIT], ("POST", "/v1/links", LINKS), 202),
        ([SUBMIT], ("POST", "/v1/articles", {"text": "The ferry sails again."}), 202),
        ([SUBMIT], ("GET", "/v1/links", None), 200),
        ([SUBMIT], ("GET", "/v1/stories", None), 403),
        ([SUBMIT], ("GET", "/v1/feeds", None), 403),
        ([SUBMIT], ("DELETE", "/v1/articles/1", None), 403),
        ([SUBMIT], ("PUT", "/v1/what-is-to-come", None), 403),
        ([READ, SUBMIT], ("GET", "/v1/stories", None), 200),
        ([READ, SUBMIT], ("POST", "/v1/links", LINKS), 202),
        ([ADMIN], ("GET", "/v1/stories", None), 200),
        ([ADMIN], ("POST", "/v1/links", LINKS), 202),
        ([ADMIN], ("POST", "/v1/feeds", {"url": "https://harbour-post.example/feed"}), 201),
        ([ADMIN], ("GET", "/v1/audit", None), 200),
    ],
)
def test_a_key_is_good_for_its_scopes_and_for_nothing_else(client, make_key, scopes, asked, status):
    _, key = make_key(*scopes)
    method, path, body = asked
    answer = client.request(method, path, json=body, headers=bearer(key))
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["content-type"] == "application/problem+json"
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_out_of_scope_nothing_is_done(client, make_key):
    _, reading = make_key(READ)
    client.post("/v1/links", json=LINKS, headers=bearer(reading))
    assert client.get("/v1/links", headers=bearer(reading)).json()["items"] == []


def test_without_any_key_nothing_is_asked_for_and_with_the_first_everything_is(client, make_key, monkeypatch):
    monkeypatch.setattr(key_book, "BELIEVED_FOR", -1.0)
    assert client.get("/v1/stories").status_code == 200
    make_key(READ)
    for path in ("/v1/stories", "/v1/nothing", "/metrics", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 401
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize(
    "wrong", ["none", "no key", "of another form", "tampered with", "unknown", "revoked", "expired"]
)
def test_who_has_no_good_key_is_401_and_nothing_is_done(client, make_key, revoke_key, outlive_key, wrong):
    key_id, key = make_key(ADMIN)
    _, good = make_key(ADMIN)
    given = {
        "none": None,
        "no key": "",
        "of another form": "correct-horse",
        "tampered with": tampered(key),
        "unknown": "sf_0123456789ab_" + "a" * 43,
        "revoked": key,
        "expired": key,
    }[wrong]
    if wrong == "revoked":
        revoke_key(key_id)
    if wrong == "expired":
        outlive_key(key_id)
    answer = client.post("/v1/links", json=LINKS, headers={} if given is None else bearer(given))
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="storyfold"')
    assert client.get("/v1/links", headers=bearer(good)).json()["items"] == []


def test_a_revoked_key_is_told_so_and_a_guess_at_it_is_not(client, make_key, revoke_key):
    key_id, key = make_key(ADMIN)
    revoke_key(key_id)
    assert "revoked" in client.get("/v1/stories", headers=bearer(key)).json()["detail"]
    assert "revoked" not in client.get("/v1/stories", headers=bearer(tampered(key))).json()["detail"]


class Clock:
    """Seconds, as the test says."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_key_that_is_revoked_opens_nothing_a_second_later(newsroom, make_key, revoke_key):
    clock = Clock()
    book = KeyBook(newsroom.sessions, None, clock)
    key_id, key = make_key(READ)
    assert book.holder(key.encode(), now()).name == f"key {key_id} desk"
    revoke_key(key_id)
    clock.seconds += key_book.BELIEVED_FOR + 0.01
    with pytest.raises(key_book.NoEntry, match="revoked"):
        book.holder(key.encode(), now())
    assert key_book.BELIEVED_FOR <= 2


def test_an_expired_key_opens_nothing_from_that_moment_on(newsroom, make_key):
    book = KeyBook(newsroom.sessions, None)
    until = now() + timedelta(hours=1)
    _, key = make_key(READ, expires_at=until)
    assert book.holder(key.encode(), until - timedelta(seconds=1))
    with pytest.raises(key_book.NoEntry, match="expired"):
        book.holder(key.encode(), until)


def test_keys_are_still_asked_for_when_all_of_them_are_revoked(client, make_key, revoke_key):
    key_id, _ = make_key(ADMIN)
    revoke_key(key_id)
    assert client.get("/v1/stories").status_code == 401


def test_the_key_of_the_settings_is_good_beside_those_that_were_made(serve, make_key):
    client = serve(api_key="correct-horse")
    _, key = make_key(READ)
    assert client.get("/v1/audit", headers=bearer("correct-horse")).status_code == 200
    assert client.get("/v1/stories", headers=bearer(key)).status_code == 200


def test_a_key_is_compared_as_a_whole_also_where_nobody_has_it(monkeypatch, newsroom, make_key):
    compared = []
    original = keys.hmac.compare_digest
    monkeypatch.setattr(keys.hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or original(a, b))
    _, key = make_key(READ)
    book = KeyBook(newsroom.sessions, None)
    book.holder(key.encode(), now())
    for wrong in (tampered(key), "sf_0123456789ab_" + "a" * 43):
        with pytest.raises(key_book.NoEntry):
            book.holder(wrong.encode(), now())
    assert compared == [(32, 32)] * 3


def test_what_nobody_has_thought_of_needs_an_administrator():
    assert scopes_for("POST", "/v1/what-is-to-come") == {ADMIN}
    assert scopes_for("DELETE", "/v1/links/1") == {ADMIN}
    assert scopes_for("POST", "/v1/linksmith") == {ADMIN}


def test_what_only_looks_is_open_to_readers_whatever_its_method():
    assert scopes_for("POST", "/v1/match") == scopes_for("POST", "/v1/feeds/discover") == {READ}
    assert scopes_for("POST", "/v1/feeds") == {ADMIN}


def test_every_operation_says_which_scope_opens_it(client):
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path in ("/healthz", "/readyz"):
                assert operation["security"] == []
                continue
            scopes = {scope for way in operation["security"] for names in way.values() for scope in names}
            assert scopes == {scope.value for scope in scopes_for(method.upper(), path)}
            assert {"401", "403", "429"} <= set(operation["responses"])


def test_a_stream_ends_once_its_key_is_revoked(serve, newsroom, make_key, revoke_key, portal, monkeypatch):
    monkeypatch.setattr("api.gate.JUDGED_AGAIN_AFTER", -1.0)
    monkeypatch.setattr(key_book, "BELIEVED_FOR", -1.0)
    gate = serve().app.state.services.gate
    key_id, key = make_key(READ)
    heard = []

    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for event in (b"first", b"second", b"third"):
            await send({"type": "http.response.body", "body": event, "more_body": True})
            if event == b"first":
                await to_thread.run_sync(revoke_key, key_id)

    async def send(message):
        heard.append(message)

    headers = [(b"authorization", f"Bearer {key}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/v1/stream", "headers": headers, "client": ("127.0.0.1", 1)}
    portal.call(GateKeeper(stream, gate), scope, None, send)
    assert [message.get("body") for message in heard[1:]] == [b"first", b""]
    assert heard[-1]["more_body"] is False
