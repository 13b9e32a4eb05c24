"""Keys: who gets in, to what, for how long; and that no key can be read anywhere."""

from __future__ import annotations

import logging
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from anyio import to_thread
from click.testing import CliRunner
from sqlalchemy import text, update

from api import key_book
from api.app import create_app
from api.gate import GateKeeper
from api.key_book import KeyBook
from api.scopes import scopes_for
from storyfold.cli.main import group
from storyfold.errors import BadInput, Conflict, NotFound
from storyfold.settings import Settings
from storyfold.store import audit, keys
from storyfold.store.keys import KeyTerms
from storyfold.store.tables import ApiKey, KeyScope

READ, SUBMIT, ADMIN = KeyScope.READ, KeyScope.SUBMIT, KeyScope.ADMIN
LINKS = {"urls": ["https://harbour-post.example/ferry"]}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def make(newsroom):
    """Make a key. -> (its id, the key)."""

    def make(*scopes: KeyScope, **terms: object) -> tuple[int, str]:
        with newsroom.sessions.begin() as session:
            key, key_text = keys.make_key(session, KeyTerms("desk", scopes, **terms), "command line ada", now())
            return key.id, key_text

    return make


@pytest.fixture
def revoke(newsroom):
    def revoke(key_id: int) -> None:
        with newsroom.sessions.begin() as session:
            keys.revoke_key(session, key_id, "command line ada", now())

    return revoke


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def tampered(key: str) -> str:
    return key[:-1] + ("A" if key[-1] != "A" else "B")


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
def test_a_key_is_good_for_its_scopes_and_for_nothing_else(client, make, scopes, asked, status):
    _, key = make(*scopes)
    method, path, body = asked
    answer = client.request(method, path, json=body, headers=bearer(key))
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["content-type"] == "application/problem+json"
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_out_of_scope_nothing_is_done(client, make):
    _, reading = make(READ)
    client.post("/v1/links", json=LINKS, headers=bearer(reading))
    assert client.get("/v1/links", headers=bearer(reading)).json()["items"] == []


def test_without_any_key_nothing_is_asked_for_and_with_the_first_everything_is(client, make, monkeypatch):
    monkeypatch.setattr(key_book, "BELIEVED_FOR", -1.0)
    assert client.get("/v1/stories").status_code == 200
    make(READ)
    for path in ("/v1/stories", "/v1/nothing", "/metrics", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 401
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


@pytest.fixture
def outlive(newsroom):
    def outlive(key_id: int) -> None:
        with newsroom.sessions.begin() as session:
            session.execute(update(ApiKey).where(ApiKey.id == key_id).values(expires_at=now() - timedelta(seconds=1)))

    return outlive


@pytest.mark.parametrize(
    "wrong", ["none", "no key", "of another form", "tampered with", "unknown", "revoked", "expired"]
)
def test_who_has_no_good_key_is_401_and_nothing_is_done(client, make, revoke, outlive, wrong):
    key_id, key = make(ADMIN)
    _, good = make(ADMIN)
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
        revoke(key_id)
    if wrong == "expired":
        outlive(key_id)
    answer = client.post("/v1/links", json=LINKS, headers={} if given is None else bearer(given))
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="storyfold"')
    assert client.get("/v1/links", headers=bearer(good)).json()["items"] == []


def test_a_revoked_key_is_told_so_and_a_guess_at_it_is_not(client, make, revoke):
    key_id, key = make(ADMIN)
    revoke(key_id)
    assert "revoked" in client.get("/v1/stories", headers=bearer(key)).json()["detail"]
    assert "revoked" not in client.get("/v1/stories", headers=bearer(tampered(key))).json()["detail"]


class Clock:
    """Seconds, as the test says."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_key_that_is_revoked_opens_nothing_a_second_later(newsroom, make, revoke):
    clock = Clock()
    book = KeyBook(newsroom.sessions, None, clock)
    key_id, key = make(READ)
    assert book.holder(key.encode(), now()).name == f"key {key_id} desk"
    revoke(key_id)
    clock.seconds += key_book.BELIEVED_FOR + 0.01
    with pytest.raises(key_book.NoEntry, match="revoked"):
        book.holder(key.encode(), now())
    assert key_book.BELIEVED_FOR <= 2


def test_an_expired_key_opens_nothing_from_that_moment_on(newsroom, make):
    book = KeyBook(newsroom.sessions, None)
    until = now() + timedelta(hours=1)
    _, key = make(READ, expires_at=until)
    assert book.holder(key.encode(), until - timedelta(seconds=1))
    with pytest.raises(key_book.NoEntry, match="expired"):
        book.holder(key.encode(), until)


def test_keys_are_still_asked_for_when_all_of_them_are_revoked(client, make, revoke):
    key_id, _ = make(ADMIN)
    revoke(key_id)
    assert client.get("/v1/stories").status_code == 401


def test_the_key_of_the_settings_is_good_beside_those_that_were_made(serve, make):
    client = serve(api_key="correct-horse")
    _, key = make(READ)
    assert client.get("/v1/audit", headers=bearer("correct-horse")).status_code == 200
    assert client.get("/v1/stories", headers=bearer(key)).status_code == 200


def test_a_key_is_compared_as_a_whole_also_where_nobody_has_it(monkeypatch, newsroom, make):
    compared = []
    original = keys.hmac.compare_digest
    monkeypatch.setattr(keys.hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or original(a, b))
    _, key = make(READ)
    book = KeyBook(newsroom.sessions, None)
    book.holder(key.encode(), now())
    for wrong in (tampered(key), "sf_0123456789ab_" + "a" * 43):
        with pytest.raises(key_book.NoEntry):
            book.holder(wrong.encode(), now())
    assert compared == [(32, 32)] * 3


def test_only_a_digest_of_a_key_is_kept(newsroom, make):
    _, key = make(READ)
    with newsroom.sessions() as session:
        row = str(session.execute(text("SELECT keys::text FROM keys")).scalar_one())
        trail = str([entry.detail for entry in audit.list_entries(session)])
    assert key.split("_", 2)[2] not in row + trail


def test_no_key_stands_in_any_log(client, make, caplog):
    caplog.set_level(logging.DEBUG)
    _, key = make(READ)
    for given in (key, tampered(key), "another-key"):
        client.get("/v1/stories", headers=bearer(given))
        client.post("/v1/links", json=LINKS, headers=bearer(given))
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours)
    assert key.split("_", 2)[2][:-1] not in told
    assert "another-key" not in told


def test_no_key_stands_in_the_log_when_the_database_is_away(serve, caplog):
    caplog.set_level(logging.DEBUG)
    client = serve(database_url="postgresql://nobody@127.0.0.1:1/none")
    key = "sf_0123456789ab_" + "k" * 43
    answer = client.get("/v1/stories", headers=bearer(key))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert client.get("/healthz").status_code == 200
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert "k" * 43 not in "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours)


def test_the_use_of_a_key_is_noted_once_an_hour(newsroom, make):
    _, key = make(READ)
    book = KeyBook(newsroom.sessions, None)

    def last_used() -> datetime | None:
        with newsroom.sessions() as session:
            return keys.list_keys(session)[0].last_used_at

    assert last_used() is None
    first = now()
    book.holder(key.encode(), first)
    book.holder(key.encode(), first + timedelta(minutes=59))
    assert last_used() == first
    book.holder(key.encode(), first + timedelta(minutes=61))
    assert last_used() == first + timedelta(minutes=61)


def test_making_and_revoking_is_on_record(newsroom, make, revoke):
    key_id, _ = make(READ, SUBMIT)
    revoke(key_id)
    with newsroom.sessions() as session:
        entries = audit.list_entries(session)
    assert [(entry.action, entry.subject, entry.actor) for entry in entries] == [
        ("key.revoked", f"key/{key_id}", "command line ada"),
        ("key.made", f"key/{key_id}", "command line ada"),
    ]
    assert entries[1].detail == {"name": "desk", "scopes": ["read", "submit"], "expires_at": None}


def test_what_is_no_key_cannot_be_made(newsroom):
    nameless = [KeyTerms(name, [READ]) for name in ("", " ", "a" * 101, "two\nlines", "a\tb", "\x00")]
    for terms in (*nameless, KeyTerms("desk", []), KeyTerms("desk", [READ], now() - timedelta(1))):
        with newsroom.sessions.begin() as session, pytest.raises(BadInput):
            keys.make_key(session, terms, "ada", now())


def test_what_is_not_there_or_revoked_already_cannot_be_revoked(newsroom, make, revoke):
    key_id, _ = make(READ)
    revoke(key_id)
    with pytest.raises(Conflict):
        revoke(key_id)
    with pytest.raises(NotFound):
        revoke(4711)


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


def test_a_stream_ends_once_its_key_is_revoked(serve, newsroom, make, revoke, portal, monkeypatch):
    monkeypatch.setattr("api.gate.JUDGED_AGAIN_AFTER", -1.0)
    monkeypatch.setattr(key_book, "BELIEVED_FOR", -1.0)
    gate = serve().app.state.services.gate
    key_id, key = make(READ)
    heard = []

    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for event in (b"first", b"second", b"third"):
            await send({"type": "http.response.body", "body": event, "more_body": True})
            if event == b"first":
                await to_thread.run_sync(revoke, key_id)

    async def send(message):
        heard.append(message)

    headers = [(b"authorization", f"Bearer {key}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/v1/stream", "headers": headers, "client": ("127.0.0.1", 1)}
    portal.call(GateKeeper(stream, gate), scope, None, send)
    assert [message.get("body") for message in heard[1:]] == [b"first", b""]
    assert heard[-1]["more_body"] is False


def test_the_log_of_the_server_holds_no_key(newsroom, make, caplog, database_url, redis_url):
    """Requests that are taken, refused and broken, over a real connection and with every log at its most talkative."""
    caplog.set_level(logging.DEBUG)
    _, key = make(READ)
    app = create_app(Settings.model_validate({"database_url": database_url, "redis_url": redis_url}))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="trace", access_log=True))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            for given in (key, tampered(key)):
                for line in ("GET /v1/stories HTTP/1.1", "POST /v1/links HTTP/1.1", "BROKEN\x00 HTTP/1.1"):
                    ask(listener.getsockname(), f"{line}\r\nHost: a\r\nAuthorization: Bearer {given}\r\n\r\n")
        finally:
            server.should_exit = True
            thread.join()
    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "/v1/stories" in told
    assert key.split("_", 2)[2][:-1] not in told


def ask(address: tuple[str, int], request: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(request.encode())
                assert connection.recv(65_536).startswith(b"HTTP/1.1 ")
                return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


# ---- the command


@pytest.fixture
def command(newsroom, monkeypatch):
    monkeypatch.setattr("storyfold.cli.keys.join", lambda _settings: newsroom.sessions)
    return lambda *arguments: CliRunner().invoke(group, ["keys", *arguments])


def test_a_key_made_at_the_command_line_is_printed_once_and_opens(command, client):
    made = command("make", "night desk", "--scope", "read", "--expires", "90d", "--per-minute", "5")
    key = made.stdout.strip()
    answer = client.get("/v1/stories", headers=bearer(key))
    assert (answer.status_code, answer.headers["ratelimit-policy"]) == (200, '"minute";q=5;w=60')
    listed = command("list").stdout
    assert key.split("_", 2)[2] not in listed + made.stderr
    for told in ("night desk", "read", "good until", "5 a minute", keys.handle_of(key)):
        assert str(told) in listed


def test_a_key_revoked_at_the_command_line_opens_nothing(command, client, newsroom):
    key = command("make", "desk", "--scope", "admin").stdout.strip()
    assert "revoked" in command("revoke", "1").stdout
    assert client.get("/v1/stories", headers=bearer(key)).status_code == 401
    assert command("revoke", "1").exit_code == 1
    assert "revoked" in command("list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("make", "desk"),
        ("make", "desk", "--scope", "all"),
        ("make", "desk", "--scope", "read", "--expires", "tomorrow"),
        ("make", "desk", "--scope", "read", "--expires", "0d"),
        ("make", "desk", "--scope", "read", "--per-minute", "0"),
    ],
)
def test_what_cannot_be_made_is_said_so(command, newsroom, arguments):
    assert command(*arguments).exit_code == 2
    with newsroom.sessions() as session:
        assert keys.list_keys(session) == []


def test_an_expired_key_is_listed_as_such(command, make, outlive):
    outlive(make(READ)[0])
    assert "expired" in command("list").stdout
