"""``python -m api`` as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest


def start(**settings: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STORYFOLD_")}
    environment = clean | {f"STORYFOLD_{name.upper()}": value for name, value in settings.items()}
    return subprocess.Popen([sys.executable, "-m", "api"], env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_it_serves_and_ends_in_peace_when_told_to(database_url, redis_url, port):
    process = start(database_url=database_url, redis_url=redis_url, port=port)
    try:
        assert _ask(f"http://127.0.0.1:{port}/healthz") == 200
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in told


def test_a_port_in_use_is_said_so(database_url, redis_url):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(database_url=database_url, redis_url=redis_url, port=str(taken.getsockname()[1]))
        _, told = process.communicate(timeout=20)
    assert process.returncode > 0
    assert "address already in use" in told


def test_without_a_database_it_says_what_to_set(port):
    _, told = start(port=port).communicate(timeout=20)
    assert told.startswith("storyfold: STORYFOLD_DATABASE_URL is not set")


def test_it_binds_to_other_than_loopback_only_with_a_key(database_url, redis_url, port):
    process = start(database_url=database_url, redis_url=redis_url, port=port, host="0.0.0.0")
    _, told = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "STORYFOLD_API_KEY" in told


def _ask(url: str) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.URLError:
            time.sleep(0.05)
    raise TimeoutError(url)
