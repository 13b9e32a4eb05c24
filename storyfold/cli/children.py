"""The processes of a run: started, watched, started again when they die, and all gone in the end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storyfold.embedded import linux
from storyfold.errors import EngineError

# A process that dies this often within the window is not worth starting again.
DEATHS_ALLOWED = 10
DEATHS_WINDOW = 60.0

# After SIGTERM work in hand may end; then it is let go (its leases bring it back), then killed.
GRACE_SECONDS = 4.0


@dataclass
class Child:
    """One process of the run: `name` for people, `arguments` for ``python -m``."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, "-m", *self.arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the run, which then stops its children in order
            preexec_fn=_end_with_parent if linux.AVAILABLE else None,  # noqa: PLW1509 - one thread only
        )

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """End the process and whatever it started: its session is its own."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Children:
    """All processes of a run. `environment` is what they are told of it."""

    def __init__(self, children: Sequence[Child], environment: Mapping[str, str]) -> None:
        self._children = children
        self._environment = environment

    def start(self) -> None:
        for child in self._children:
            child.start(self._environment)

    def check(self) -> None:
        """Start again what died. Raises `EngineError` for what keeps dying."""
        for child in self._children:
            status = child.process.poll() if child.process else None
            if status is not None:
                self._restart(child, status)

    def stop(self) -> None:
        """End all of them: asked first, then told, then killed with all they started."""
        for number in (signal.SIGTERM, signal.SIGQUIT):
            for child in self._children:
                child.signal(number)
            if self._wait(GRACE_SECONDS):
                break
        for child in self._children:
            child.kill_group()

    def _restart(self, child: Child, status: int) -> None:
        now = time.monotonic()
        child.deaths = [death for death in child.deaths if now - death < DEATHS_WINDOW] + [now]
        if len(child.deaths) > DEATHS_ALLOWED:
            raise EngineError(f"the {child.name} process keeps ending (status {status}): see what it printed above")
        print(f"storyfold: the {child.name} process ended (status {status}), starting it again", file=sys.stderr)
        child.kill_group()
        child.start(self._environment)

    def _wait(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if all(child.process is None or child.process.poll() is not None for child in self._children):
                return True
            time.sleep(0.05)
        return False


def _end_with_parent() -> None:
    linux.die_with_parent(signal.SIGTERM)
