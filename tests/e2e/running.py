"""`storyfold up` as a process, and how tests look at it: by HTTP, by its processes, by what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from storyfold.settings import Settings

READY_SECONDS = 60.0
STOP_SECONDS = 30.0
PAUSE = 0.05

T = TypeVar("T")

# Everything that waits is short: nothing here has to be polite to anybody.
SETTINGS = {
    "STORYFOLD_ALLOW_NETWORKS": "127.0.0.0/8",
    "STORYFOLD_HOST_PAUSE": "0",
    "STORYFOLD_HOST_CONCURRENCY": "8",
    "STORYFOLD_POLL_MIN": "1",
    "STORYFOLD_POLL_MAX": "2",
    "STORYFOLD_FETCH_SECONDS": "4",
    "STORYFOLD_FETCH_ATTEMPTS": "2",
    "STORYFOLD_RETRY_SECONDS": "0.5",
    "STORYFOLD_TASK_SECONDS": "10",
    "STORYFOLD_LEASE_SECONDS": "12",
}

_OF_THE_SITE = ("allow_networks", "host_pause")  # without these no page of the tests' site is fetched, or one a second
UNHURRIED = {
    name: Settings.model_fields[name].default
    for name in (variable.removeprefix("STORYFOLD_").lower() for variable in SETTINGS)
    if name not in _OF_THE_SITE
}
"""What `storyfold up` has by itself where the tests' run is more hurried: for what is measured."""


def storyfold(*arguments: str) -> list[str]:
    """The command line of the `storyfold` program of this installation."""
    return [sys.executable, "-m", "storyfold.cli.main", *arguments]


def environment(data_dir: Path, **settings: object) -> dict[str, str]:
    """The environment of a run or of a command: nothing of the caller's own settings gets in."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STORYFOLD_")}
    given = {f"STORYFOLD_{name.upper()}": str(value) for name, value in settings.items()}
    return inherited | SETTINGS | {"STORYFOLD_DATA_DIR": str(data_dir)} | given


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(look: Callable[[], T], seconds: float, otherwise: Callable[[], str] = str) -> T:
    """What `look` gives as soon as it is true; fails with `otherwise()` when it does not become true in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {otherwise()}"
        time.sleep(PAUSE)
    return found


class Service:
    """One run of `storyfold up` on `data_dir`. It may be started again after it ended."""

    def __init__(self, data_dir: Path, **settings: object) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._settings: Mapping[str, object] = {"port": self.port} | settings
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False)
        self.process: subprocess.Popen[bytes] | None = None

    # ---- the run

    def start(self) -> None:
        """Start, and wait until it says that it is ready."""
        with self.log.open("ab") as log:
            begins = log.tell()
            self.process = subprocess.Popen(
                storyfold("up"), env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_for(lambda: self._is_ready(begins), READY_SECONDS, self.said)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the run as a person does. -> its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """Kill the run and everything it started, engines too."""
        assert self.process is not None
        kill(self.processes())
        self.process.wait()

    def close(self) -> None:
        """End whatever still runs; for clearing up."""
        self.http.close()
        if self.process is not None and self.process.poll() is None:
            left = self.processes()
            self.stop()
            gone(left)

    def environment(self) -> dict[str, str]:
        return environment(self.data_dir, **self._settings)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `storyfold` command beside this run."""
        return subprocess.run(
            storyfold(*arguments), env=self.environment(), capture_output=True, text=True, timeout=60, check=False
        )

    def said(self) -> str:
        """The end of what the run printed."""
        return self.log.read_text(errors="replace")[-4000:]

    def _is_ready(self, begins: int) -> bool:
        said = self.log.read_bytes()[begins:]
        assert self.process is not None
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.said()}"
        return b"storyfold: ready at" in said

    # ---- its processes

    def processes(self) -> list[psutil.Process]:
        """The run and everything it started."""
        assert self.process is not None
        run = psutil.Process(self.process.pid)
        return [run, *run.children(recursive=True)]

    def workers(self) -> list[psutil.Process]:
        """The worker processes with their children; not beat, which does no work."""
        return [
            p for p in self.processes() if {"network", "cpu"} & set(_command_line(p)) and "workers" in _command_line(p)
        ]

    # ---- what it serves

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()

    def submit(self, *urls: str) -> list[str]:
        """Hand URLs in by the webhook. -> the ids of their links."""
        return [item["id"] for item in self.post("/v1/links", {"urls": list(urls)})["items"]]

    def link(self, link_id: str) -> Any:
        return self.get(f"/v1/links/{link_id}")

    def settled(self, link_ids: Iterable[str], seconds: float = 40.0) -> list[Any]:
        """The links, once each has a fate other than pending. A database that is away for a moment is waited for."""
        links: list[Any] = []
        for link_id in link_ids:
            deadline = time.monotonic() + seconds
            while (link := self._link_if_any(link_id)) is None or link["fate"] == "pending":
                assert time.monotonic() < deadline, f"not within {seconds:g} s: {link}\n{self.said()}"
                time.sleep(PAUSE)
            links.append(link)
        return links

    def _link_if_any(self, link_id: str) -> Any:
        answer = self.http.get(f"/v1/links/{link_id}")
        return None if answer.status_code == 503 else answer.json()

    def all_links(self) -> list[Any]:
        """Every link that is known."""
        return self.every("/v1/links")

    def every(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, page after page."""
        page = self.get(path, limit=200, **query)
        items = page["items"]
        while page["next_cursor"]:
            page = self.get(path, limit=200, cursor=page["next_cursor"], **query)
            items += page["items"]
        return items

    def story_of(self, link: Any) -> Any:
        """The story in which the article of a link stands, with its clusters."""
        return self.get(f"/v1/stories/{link['story_id']}")


def gone(processes: Iterable[psutil.Process], seconds: float = 15.0) -> list[psutil.Process]:
    """Wait for the processes to end. -> those that did not."""
    return psutil.wait_procs(list(processes), timeout=seconds)[1]


def kill(processes: Iterable[psutil.Process]) -> None:
    """End the processes at once, and wait until they are gone; some go with the others."""
    dying = list(processes)
    for process in dying:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    assert not gone(dying)


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []
