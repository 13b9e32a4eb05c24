from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from engine_runs import Run, sql

from storyfold.embedded import DataDirectoryLock, Engines, RunningUrls, running_urls
from storyfold.errors import DataDirectoryInUse, EngineError

Launch = Callable[..., Run]
URLS = RunningUrls("postgresql://a/b", "redis://c/0", "http://127.0.0.1:8000")


def dead_pid() -> int:
    return next(number for number in range(99_999, 1, -1) if not psutil.pid_exists(number))


def test_a_second_run_is_refused_with_the_first_ones_process_id_and_does_no_harm(
    data_dir: Path, launch: Launch
) -> None:
    first = launch(data_dir)
    with pytest.raises(DataDirectoryInUse, match=f"process {first.process.pid}"):
        Engines(data_dir).start()
    assert sql(first.told["database_url"], "SELECT 1") == [(1,)]
    assert running_urls(data_dir) is not None


def test_a_second_run_is_refused_by_whatever_path_it_comes(data_dir: Path, launch: Launch) -> None:
    launch(data_dir)
    (data_dir.parent / "alias").symlink_to(data_dir)
    with pytest.raises(DataDirectoryInUse):
        Engines(data_dir.parent / "alias").start()


def test_the_lock_is_free_after_release_and_leaves_no_file(tmp_path: Path) -> None:
    for _ in range(2):
        lock = DataDirectoryLock(tmp_path)
        lock.acquire()
        lock.publish(URLS)
        lock.release()
        lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_whose_holder_is_dead_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(str(dead_pid()))
    lock = DataDirectoryLock(tmp_path)
    lock.acquire()
    assert (tmp_path / "lock").read_text() == str(os.getpid())
    lock.release()


def test_what_is_left_of_a_killed_run_is_waited_for_and_then_named(tmp_path: Path) -> None:
    holder = DataDirectoryLock(tmp_path)
    holder.acquire()
    (tmp_path / "lock").write_text(str(dead_pid()))
    with pytest.raises(DataDirectoryInUse, match="what is left of a run that was killed"):
        DataDirectoryLock(tmp_path, patience=0.1).acquire()
    holder.release()


def test_a_look_at_the_lock_does_not_take_it(tmp_path: Path) -> None:
    lock = DataDirectoryLock(tmp_path)
    lock.acquire()
    assert running_urls(tmp_path) is None
    lock.publish(URLS)
    assert running_urls(tmp_path) == running_urls(tmp_path) == URLS
    lock.release()
    assert running_urls(tmp_path) is None


def test_a_state_file_without_the_lock_says_nothing(tmp_path: Path) -> None:
    lock = DataDirectoryLock(tmp_path)
    lock.acquire()
    lock.publish(URLS)
    left = (tmp_path / "running.json").read_text()
    lock.release()
    (tmp_path / "running.json").write_text(left)
    (tmp_path / "lock").write_text(str(os.getpid()))
    assert running_urls(tmp_path) is None


def test_a_new_holder_does_not_inherit_the_state_of_the_last(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text('{"database_url": "a", "redis_url": "b", "api_url": null}')
    lock = DataDirectoryLock(tmp_path)
    lock.acquire()
    assert running_urls(tmp_path) is None
    lock.release()


def test_other_commands_join_the_run_on_the_data_directory(data_dir: Path, launch: Launch) -> None:
    run = launch(data_dir)
    joined = running_urls(data_dir)
    assert joined == (run.told["database_url"], run.told["redis_url"], "http://127.0.0.1:1/")
    run.stop()
    assert running_urls(data_dir) is None


@pytest.mark.parametrize("place", ["nowhere", "file", "file/below"])
def test_where_no_run_can_be_there_is_none(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    assert running_urls(tmp_path / place) is None


def test_the_descriptor_of_a_lock_that_is_not_held_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        _ = DataDirectoryLock(tmp_path).fd


def test_a_lock_in_a_directory_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No such file"):
        DataDirectoryLock(tmp_path / "gone").acquire()
