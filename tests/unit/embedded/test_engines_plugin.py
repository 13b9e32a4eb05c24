"""The plugin that shares engines, seen from outside: a test run of its own, with and without worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from engine_runs import SECONDS, still_alive

TESTS = Path(__file__).parents[2]

INNER = """
import psycopg, pytest, redis
from storyfold.embedded import libpq_url

@pytest.mark.parametrize("n", range(4))
def test_alone(engines, database_url, redis_url, broker_url, n):
    with psycopg.connect(libpq_url(database_url)) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        connection.execute("CREATE TABLE mine (n int)")
    client = redis.Redis.from_url(redis_url)
    assert client.incr("mine") == 1
    client.close()
    assert broker_url.startswith("redis+socket:///")

    with open("engines.txt", "a") as seen:
        seen.write(engines.database_url + "\\n")
"""

FAILING = """
import engines_plugin
def fail(url):
    raise RuntimeError("no such migration")
engines_plugin.prepare_template = fail
"""


@pytest.fixture
def inner(tmp_path: Path) -> Path:
    (tmp_path / "test_inner.py").write_text(INNER)
    return tmp_path


def start_inner(folder: Path, *options: str) -> subprocess.Popen[str]:
    temporary = folder / "t"
    temporary.mkdir()
    own = {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}", "TMPDIR": str(temporary)}
    # without the many plugins that are installed it starts faster
    own |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "engines_plugin", "-W", "error", *options],
        cwd=folder,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_inner(folder: Path, *options: str) -> str:
    """What a test run in `folder` prints; nothing of it may be left afterwards."""
    said, _ = start_inner(folder, *options).communicate(timeout=100)
    assert not any((folder / "t").glob("storyfold-*"))
    return said


@pytest.mark.parametrize("options", [["-n0"], ["-n2"]], ids=["one process", "two workers"])
def test_each_test_has_a_fresh_database_and_nothing_is_left(inner: Path, options: list[str]) -> None:
    said = run_inner(inner, *options)
    assert "4 passed" in said, said
    assert len(set((inner / "engines.txt").read_text().split())) == 1


def test_a_run_without_need_of_engines_starts_none(inner: Path) -> None:
    (inner / "conftest.py").write_text(FAILING)
    (inner / "test_inner.py").write_text("def test_nothing(): pass")
    said = run_inner(inner, "-n1")
    assert "1 passed" in said, said


def test_a_template_that_cannot_be_prepared_fails_the_tests_with_its_message(inner: Path) -> None:
    (inner / "conftest.py").write_text(FAILING)
    said = run_inner(inner, "-n1")
    assert "RuntimeError: no such migration" in said, said


def test_a_killed_test_run_leaves_no_engine(inner: Path) -> None:
    (inner / "test_inner.py").write_text(
        "import os, psutil, signal\n"
        "def test_it(engines):\n"
        "    kin = psutil.Process().children(recursive=True)\n"
        "    open('kin.txt', 'w').write(' '.join(str(p.pid) for p in kin))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = start_inner(inner, "-n0")
    process.communicate(timeout=SECONDS)
    kin = [int(pid) for pid in (inner / "kin.txt").read_text().split()]
    assert len(kin) > 2
    assert not still_alive([process for process in psutil.process_iter() if process.pid in kin])
    assert not any((inner / "t").glob("storyfold-*"))
