"""`storyfold cluster` told to stop: one line, the exit code shells know, nothing left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from parish import report
from running import gone, storyfold, wait_for


def to_the_run(run: subprocess.Popen[str], number: signal.Signals) -> None:
    run.send_signal(number)


def to_all_of_its_group(run: subprocess.Popen[str], number: signal.Signals) -> None:
    """As a terminal does with Ctrl-C, and a service manager with all of a service."""
    os.killpg(run.pid, number)


@pytest.mark.parametrize(
    ("number", "send"),
    [(signal.SIGTERM, to_the_run), (signal.SIGTERM, to_all_of_its_group), (signal.SIGINT, to_all_of_its_group)],
)
def test_a_batch_that_is_told_to_stop_says_so_in_a_line_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals, send: Callable[[subprocess.Popen[str], signal.Signals], None]
) -> None:
    source, target, temporary = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "temporary"
    temporary.mkdir()
    source.write_text("\n".join(json.dumps({"id": n, "text": report(n)}) for n in range(400)))
    target.write_text("kept")
    run = subprocess.Popen(
        storyfold("cluster", str(source), "-o", str(target)),
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process = psutil.Process(run.pid)
    wait_for(lambda: any("spawn_main" in " ".join(child.cmdline()) for child in process.children()), 60)
    started = process.children(recursive=True)
    send(run, number)
    said = run.communicate(timeout=30)
    assert (run.returncode, *said) == (128 + number, "", f"storyfold: {number.name}, stopping\n")
    assert not gone(started, 2)
    assert list(temporary.iterdir()) == []
    assert target.read_text() == "kept"
