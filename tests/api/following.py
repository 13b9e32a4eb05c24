"""Who writes changes, who follows them, and an API that can be killed and started again meanwhile."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from storyfold.store.engine import Sessions
from storyfold.store.folding import append_changes, lock_folding
from storyfold.store.tables import ChangeKind

PATIENCE = 60.0


class Api:
    """``python -m api`` as a process of its own, always on the same port."""

    def __init__(self, **settings: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STORYFOLD_")}
        named = {f"STORYFOLD_{name.upper()}": value for name, value in settings.items()}
        self._environment = clean | named | {"STORYFOLD_PORT": str(self.port)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "api"], env=self._environment)
        wait_until(self._answers)

    def kill(self) -> None:
        """As the machine would: nothing is said goodbye to."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def terminate(self) -> int:
        """Tell it to stop. -> its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.kill()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running_api(**settings: str) -> Iterator[Api]:
    with closing(Api(**settings)) as api:
        api.start()
        yield api


def wait_until(happens: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError(happens)
        time.sleep(0.05)


class Writers:
    """Threads that add changes as folding does, each holding its transaction open for a moment after it wrote."""

    def __init__(self, sessions: Sessions, count: int = 8, seed: int = 1) -> None:
        self._sessions = sessions
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(random.Random(seed + n),)) for n in range(count)]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, rng: random.Random) -> None:
        while not self._stop.is_set():
            with self._sessions.begin() as session:
                lock_folding(session)
                changes = [(ChangeKind.GROWN, rng.randint(1, 1000), None) for _ in range(rng.randint(1, 4))]
                append_changes(session, changes, datetime.now(UTC))
                time.sleep(rng.random() * 0.01)
                if rng.random() < 0.1:
                    session.rollback()


class PageReader:
    """Follows ``/v1/changes`` page by page, however often the API goes away."""

    def __init__(self, api: Api, cursor: str = "") -> None:
        self._api = api
        self._cursor = cursor
        self.seen: list[str] = []

    def read(self) -> bool:
        """Ask once. -> whether there was an answer with nothing new."""
        try:
            page = httpx.get(f"{self._api.url}/v1/changes", params={"cursor": self._cursor, "limit": 200}, timeout=10)
            page.raise_for_status()
        except httpx.TransportError:
            return False
        self.seen += [item["cursor"] for item in page.json()["items"]]
        self._cursor = page.json()["next_cursor"]
        return not page.json()["items"]


class StreamReader:
    """Follows ``/v1/stream`` in a thread, and comes back with the last id whenever the connection is lost."""

    def __init__(self, api: Api, **query: Any) -> None:
        self._api = api
        self._query = query
        self._drop = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self.seen: list[str] = []
        self.last_id = ""
        self.connections = 0

    def __enter__(self) -> StreamReader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def drop(self) -> None:
        """Hang up in the middle; the reader comes back."""
        self._drop.set()

    def _follow(self) -> None:
        while not self._stop.is_set():
            headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
            try:
                timeout = httpx.Timeout(10, read=1)
                with httpx.stream(
                    "GET", f"{self._api.url}/v1/stream", params=self._query, headers=headers, timeout=timeout
                ) as answer:
                    answer.raise_for_status()
                    self.connections += 1
                    self._take(answer)
            except httpx.TransportError:
                time.sleep(0.05)

    def _take(self, answer: httpx.Response) -> None:
        data = ""
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "data":
                data = value
            elif name == "id":
                self.last_id = value
            elif not line and data:
                self.seen.append(self.last_id)
                data = ""
            if self._stop.is_set() or self._drop.is_set():
                self._drop.clear()
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
