"""What stands before every route, over real connections: bodies that are too large, and the key."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import closing, contextmanager

import httpx
import pytest
import uvicorn
from asgi_client import KEY

from api.app import create_app
from storyfold.settings import Settings

LIMIT = 4_096


@contextmanager
def served(**settings):
    """An API on a real port."""
    app = create_app(Settings.model_validate(settings))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield _wait(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def _wait(port: int) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
    raise TimeoutError("the API does not listen")


@pytest.fixture
def port(database_url, redis_url):
    with served(database_url=database_url, redis_url=redis_url, request_bytes=LIMIT) as port:
        yield port


def chunks(size: int):
    yield b'{"text": "'
    for _ in range(size // 512):
        yield b"a" * 512
    yield b'"}'


def test_a_body_that_is_declared_too_large_is_413_before_it_is_sent(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST /v1/articles HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n")
        answer = connection.recv(65_536).decode().lower()
    assert answer.startswith("http/1.1 413")
    assert "content-type: application/problem+json" in answer
    assert "connection: close" in answer


def test_a_body_that_comes_in_pieces_is_413_once_it_is_too_large(port):
    answer = httpx.post(
        f"http://127.0.0.1:{port}/v1/articles", content=chunks(1_000_000), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert str(LIMIT) in answer.json()["detail"]


def test_a_body_that_comes_in_pieces_is_taken_while_it_is_small_enough(port):
    answer = httpx.post(
        f"http://127.0.0.1:{port}/v1/articles", content=chunks(2_048), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 202


@pytest.fixture
def guarded(serve):
    return serve(api_key=KEY)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {KEY}x"},
        {"Authorization": f"Bearer {KEY.upper()}"},
        {"Authorization": b"Bearer \xff\xfe"},
        [("Authorization", f"Bearer {KEY}"), ("Authorization", "Bearer wrong")],
    ],
)
@pytest.mark.parametrize("path", ["/v1/stories", "/v1/nothing", "/metrics", "/openapi.json", "/docs", "/healthz/"])
def test_without_the_key_nothing_is_told(locked_client, path, headers):
    answer = locked_client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="storyfold"')


def test_without_the_key_nothing_is_done(guarded):
    assert guarded.post("/v1/links", json={"urls": ["https://a.example/"]}).status_code == 401
    assert guarded.get("/v1/links", headers={"Authorization": f"bearer {KEY}"}).json()["items"] == []


def test_alive_and_ready_ask_for_no_key(guarded):
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/readyz").status_code == 503


def test_no_key_stands_in_any_log(guarded, caplog):
    caplog.set_level(logging.DEBUG)
    guarded.get("/v1/stories", headers={"Authorization": f"Bearer {KEY}"})
    guarded.get("/v1/stories", headers={"Authorization": "Bearer another-key"})
    told = [record.getMessage() for record in caplog.records if record.name.startswith(("api", "storyfold", "uvicorn"))]
    assert not any(KEY in line or "another-key" in line for line in told)
