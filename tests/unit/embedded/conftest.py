"""Real engines in data directories of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_runs import RUN, SECONDS, Run

from storyfold.embedded import Engines
from storyfold.embedded.identity import _enter_namespace, _works


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which engines have run once; to be copied."""
    directory = tmp_path_factory.mktemp("engines") / "initialised"
    with Engines(directory):
        pass
    return directory


@pytest.fixture
def data_dir(initialised: Path, tmp_path: Path) -> Path:
    """An initialised data directory of the test's own."""
    return Path(shutil.copytree(initialised, tmp_path / "var"))


@pytest.fixture
def launch() -> Iterator[Callable[..., Run]]:
    """Start a run in a process of its own: `launch(data_dir, **options of Popen)`."""
    runs: list[Run] = []

    def start(data_dir: Path, **options: Any) -> Run:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )
        runs.append(Run(process, {}))
        runs[-1].told = json.loads(process.stdout.readline())
        return runs[-1]

    yield start
    for run in runs:
        with contextlib.suppress(ValueError, BrokenPipeError):  # its pipes are closed, or it was killed
            run.stop()
        run.process.wait(SECONDS)
        run.process.stdin.close()
        run.process.stdout.close()


@pytest.fixture
def ordinary_user() -> dict[str, Any]:
    """Options of `Popen` that make the child a user who is not root, also when the tests run as root."""
    if os.geteuid() != 0:
        return {}
    if not _works(_enter_namespace):
        pytest.skip("no user namespaces: the tests must run as an ordinary user to show this")
    return {"preexec_fn": _enter_namespace}
