from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_runs import Run, redis_client, sql

from storyfold.embedded import Engines
from storyfold.embedded.directory import DataDirectory
from storyfold.errors import EngineError

Launch = Callable[..., Run]


def test_a_directory_that_holds_other_things_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(EngineError, match=r"holds other things \(thesis.odt\).*STORYFOLD_DATA_DIR"):
        Engines(tmp_path).start()
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.odt"]


def test_a_fresh_volume_with_hidden_files_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".gitignore").touch()
    with Engines(tmp_path, postgres=False) as engines, redis_client(engines.redis_url) as client:
        assert client.ping()


def test_a_directory_of_a_later_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "storyfold-data").write_text("2\n")
    with pytest.raises(EngineError, match="has layout 2"):
        Engines(tmp_path).start()


def test_a_file_in_the_place_of_the_directory_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(EngineError, match=r"File exists.*STORYFOLD_DATA_DIR"):
        Engines(tmp_path / "var").start()


def test_a_database_of_another_major_version_is_refused_and_left_as_it_was(data_dir: Path) -> None:
    (data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EngineError, match=r"PostgreSQL 16, this is 18.*pg_upgrade"):
        Engines(data_dir).start()
    assert (data_dir / "postgres" / "PG_VERSION").read_text() == "16\n"


@pytest.mark.parametrize("engine", ["postgres", "redis"])
def test_what_an_engine_did_not_make_is_not_touched(data_dir: Path, engine: str) -> None:
    shutil.rmtree(data_dir / engine)
    (data_dir / engine).mkdir()
    (data_dir / engine / "letter.txt").write_text("dear")
    with pytest.raises(EngineError, match="move it away"):
        Engines(data_dir).start()
    assert (data_dir / engine / "letter.txt").read_text() == "dear"
    assert not (data_dir / "lock").exists()


def test_a_first_start_that_was_killed_is_begun_again(data_dir: Path) -> None:
    (data_dir / "postgres").rename(data_dir / "postgres.new")
    (data_dir / "postgres.new" / "PG_VERSION").unlink()
    with Engines(data_dir, redis=False) as engines:
        assert sql(engines.database_url, "SELECT 1") == [(1,)]
    assert not (data_dir / "postgres.new").exists()


def test_a_directory_that_may_not_be_written_to_says_what_to_do(
    tmp_path: Path, launch: Launch, ordinary_user: dict[str, Any]
) -> None:
    tmp_path.chmod(0o500)
    told = launch(tmp_path / "var", **ordinary_user).told
    tmp_path.chmod(0o700)
    assert told["error"] == "EngineError"
    assert "Permission denied" in told["message"]
    assert "STORYFOLD_DATA_DIR" in told["message"]


@pytest.mark.parametrize("engine", ["postgres", "redis"])
def test_an_engines_folder_that_may_not_be_read_says_what_to_do(
    data_dir: Path, launch: Launch, ordinary_user: dict[str, Any], engine: str
) -> None:
    (data_dir / engine).chmod(0)
    told = launch(data_dir, **ordinary_user).told
    (data_dir / engine).chmod(0o700)
    assert told["error"] == "EngineError"
    assert "Permission denied" in told["message"]


def deep(tmp_path: Path) -> Path:
    return tmp_path.joinpath(*["a-rather-deep-folder"] * 8)


def test_sockets_lie_elsewhere_where_the_path_is_too_long(initialised: Path, tmp_path: Path) -> None:
    data_dir = Path(shutil.copytree(initialised, deep(tmp_path)))
    with Engines(data_dir) as engines, redis_client(engines.redis_url) as client:
        assert sql(engines.database_url, "SELECT 1") == [(1,)]
        assert client.ping()
        sockets = Path((data_dir / "sockets-elsewhere").read_text())
        assert sockets.stat().st_mode & 0o077 == 0
        assert sockets.stat().st_uid == data_dir.stat().st_uid
    assert not sockets.exists()


def test_sockets_that_lie_elsewhere_go_with_a_killed_run(initialised: Path, tmp_path: Path, launch: Launch) -> None:
    data_dir = Path(shutil.copytree(initialised, deep(tmp_path)))
    run = launch(data_dir)
    sockets = Path((data_dir / "sockets-elsewhere").read_text())
    run.process.kill()
    with Engines(data_dir, postgres=False):
        assert not sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user's")
def test_a_folder_of_another_user_named_as_the_sockets_place_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "storyfold-other"
    other.mkdir()
    os.chown(other, 12345, 12345)
    directory = DataDirectory(tmp_path / "var")
    directory.open()
    (directory.root / "sockets-elsewhere").write_text(str(other))
    directory.remove_socket_dir()
    assert other.is_dir()


def test_a_folder_of_another_name_is_not_removed_as_the_sockets_place(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    directory = DataDirectory(tmp_path / "var")
    directory.open()
    (directory.root / "sockets-elsewhere").write_text(str(tmp_path / "letters"))
    directory.remove_socket_dir()
    assert (tmp_path / "letters").is_dir()
