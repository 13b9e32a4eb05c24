from __future__ import annotations

import os
from pathlib import Path

from storyfold.embedded.logs import bound_log, log_tail, open_log


def test_a_log_keeps_two_pieces_and_its_writers_go_on(tmp_path: Path) -> None:
    fd = open_log(tmp_path, "engine")
    for piece in (b"first", b"second", b"third"):
        os.write(fd, piece * 10)
        bound_log(tmp_path, "engine", limit=20)
    os.write(fd, b"last")
    os.close(fd)
    assert (tmp_path / "engine.log").read_bytes() == b"last"
    assert (tmp_path / "engine.log.1").read_bytes() == b"third" * 10


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "engine.log").write_bytes(b"x" * 20)
    bound_log(tmp_path, "engine", limit=20)
    bound_log(tmp_path, "no-such-engine")
    assert [p.name for p in tmp_path.iterdir()] == ["engine.log"]


def test_the_tail_is_the_last_lines(tmp_path: Path) -> None:
    (tmp_path / "engine.log").write_text("\n".join(f"line {n}" for n in range(2000)))
    assert log_tail(tmp_path, "engine", lines=2) == "line 1998\nline 1999"
    assert log_tail(tmp_path, "no-such-engine") == ""


def test_only_the_owner_reads_a_log(tmp_path: Path) -> None:
    os.close(open_log(tmp_path, "engine"))
    assert (tmp_path / "engine.log").stat().st_mode & 0o077 == 0
