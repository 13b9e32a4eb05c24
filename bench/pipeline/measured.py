"""What one way of doing it took, and the meter that reads it off the processes."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil

LONGEST = 3600.0
"""Seconds that one way may take."""
METER_EVERY = 2.0
"""Seconds between two looks at what processes there are, each of which takes the cores for some hundredths of one."""
OTHER = "supervisors"


@dataclass
class Ran:
    """What one way of doing it took: `cpu` is in seconds, by kind of process."""

    pages: int
    seconds: float
    cpu: dict[str, float]
    fates: Counter[str] = field(default_factory=Counter)
    clusters: dict[str, int | None] = field(default_factory=dict)

    @property
    def cpu_each(self) -> float:
        """CPU seconds of all processes for a page."""
        return sum(self.cpu.values()) / self.pages


class Meter:
    """CPU seconds of processes and all they start, by kind; those of processes that have ended stay counted."""

    def __init__(self, roots: Sequence[psutil.Process]) -> None:
        self._roots = roots
        self._read_at = float("-inf")
        self._seen: dict[tuple[int, float], tuple[str, float]] = {}

    def read_now_and_then(self) -> bool:
        """So that what a process took that ends in between is not lost. True, always."""
        if time.monotonic() > self._read_at + METER_EVERY:
            self.read()
        return True

    def read(self) -> dict[str, float]:
        self._read_at = time.monotonic()
        for root in self._roots:
            for process in [root, *root.children(recursive=True)]:
                try:
                    times, key, kind = process.cpu_times(), (process.pid, process.create_time()), _kind(process)
                    before = self._seen.get(key, (kind, 0.0))[0]
                    self._seen[key] = (before if kind == OTHER else kind, times.user + times.system)
                except psutil.NoSuchProcess:
                    continue
        sums: dict[str, float] = defaultdict(float)
        for kind, seconds in self._seen.values():
            sums[kind] += seconds
        return dict(sums)


def _kind(process: psutil.Process) -> str:
    words = process.cmdline()
    if process.name() in ("postgres", "redis-server"):
        return "PostgreSQL" if process.name() == "postgres" else "Redis"
    if "workers" in words:
        return {"cpu": "CPU worker", "network": "network worker", "beat": "beat"}.get(words[-1], "up")
    return OTHER
