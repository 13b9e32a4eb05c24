"""Keys: what is kept, noted and told of them; and that none can be read anywhere."""

from __future__ import annotations

import logging
import socket
import threading
import time
from datetime import datetime, timedelta

import pytest
import uvicorn
from keysmith import bearer, now, tampered
from sqlalchemy import text

from api.app import create_app
from api.key_book import KeyBook
from storyfold.errors import BadInput, Conflict, NotFound
from storyfold.settings import Settings
from storyfold.store import audit, keys
from storyfold.store.keys import KeyTerms
from storyfold.store.tables import KeyScope

READ, SUBMIT = KeyScope.READ, KeyScope.SUBMIT
LINKS = {"urls": ["https://harbour-post.example/ferry"]}


def test_only_a_digest_of_a_key_is_kept(newsroom, make_key):
    _, key = make_key(READ)
    with newsroom.sessions() as session:
        row = str(session.execute(text("SELECT keys::text FROM keys")).scalar_one())
        trail = str([entry.detail for entry in audit.list_entries(session)])
    assert key.split("_", 2)[2] not in row + trail


def test_no_key_stands_in_any_log(client, make_key, caplog):
    caplog.set_level(logging.DEBUG)
    _, key = make_key(READ)
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


def test_the_use_of_a_key_is_noted_once_an_hour(newsroom, make_key):
    _, key = make_key(READ)
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


def test_making_and_revoking_is_on_record(newsroom, make_key, revoke_key):
    key_id, _ = make_key(READ, SUBMIT)
    revoke_key(key_id)
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


def test_what_is_not_there_or_revoked_already_cannot_be_revoked(newsroom, make_key, revoke_key):
    key_id, _ = make_key(READ)
    revoke_key(key_id)
    with pytest.raises(Conflict):
        revoke_key(key_id)
    with pytest.raises(NotFound):
        revoke_key(4711)


def test_the_log_of_the_server_holds_no_key(newsroom, make_key, caplog, database_url, redis_url):
    """Requests that are taken, refused and broken, over a real connection and with every log at its most talkative."""
    caplog.set_level(logging.DEBUG)
    _, key = make_key(READ)
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
