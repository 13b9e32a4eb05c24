"""What an installation uses that has nothing to do: CPU of one core, and memory, process by process.

    .venv/bin/python bench/idle/run.py [--seconds 60]

A run of `storyfold up` with its own settings in a fresh folder, looked at for `--seconds` once its seed corpus is
folded and repaired. Memory is the proportional set size: what processes share is counted once. Exits 1 above 3 % of
one core or 700 MB.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]  # the run that the tests use

import psutil  # noqa: E402
from running import UNHURRIED, Service  # noqa: E402

MOST_CPU, MOST_MEMORY = 0.03, 700e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storyfold-idle-") as folder:
        service = Service(Path(folder) / "var", **UNHURRIED, host_pause=1)
        try:
            service.start()
            time.sleep(40)  # repair comes round every half minute
            cpu, memory = look(service, asked.seconds)
        finally:
            service.close()
    print(f"{'process':<24}{'MB':>8}{'% of a core':>14}")
    for kind in sorted(memory, key=memory.__getitem__, reverse=True):
        print(f"{kind:<24}{memory[kind] / 1e6:8.1f}{cpu[kind] * 100:14.2f}")
    total_memory, total_cpu = sum(memory.values()), sum(cpu.values())
    print(f"{'all':<24}{total_memory / 1e6:8.1f}{total_cpu * 100:14.2f}   load average {os.getloadavg()[0]:.1f}")
    sys.exit(0 if total_cpu <= MOST_CPU and total_memory <= MOST_MEMORY else 1)


def look(service: Service, seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    """(share of one core, bytes) by kind of process."""
    processes = service.processes()
    before = {process.pid: _cpu(process) for process in processes}
    time.sleep(seconds)
    cpu: dict[str, float] = defaultdict(float)
    memory: dict[str, float] = defaultdict(float)
    for process in service.processes():
        kind = _kind(process)
        cpu[kind] += (_cpu(process) - before.get(process.pid, 0.0)) / seconds
        memory[kind] += process.memory_full_info().pss
    return cpu, memory


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _kind(process: psutil.Process) -> str:
    words = process.cmdline()
    if process.name() in ("postgres", "redis-server"):
        return "PostgreSQL" if process.name() == "postgres" else "Redis"
    known = {"cpu": "CPU worker", "network": "network worker", "beat": "beat", "api": "API", "up": "up"}
    return known.get(words[-1], "engines' supervisor")


if __name__ == "__main__":
    main()
