"""Batch folding from file to file, in a database that goes with the run."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import psutil
import pytest

from storyfold.batch.cluster import Summary, cluster_file
from storyfold.batch.workers import folding
from storyfold.errors import BadInput, EngineError

PRESS = Path(__file__).parent.parent / "e2e" / "press"


def test_rows_come_out_in_their_order_with_place_tie_and_error(tmp_path: Path) -> None:
    names = ["original", "unrelated", "rewrite", "reprint"]
    rows: list[dict[str, Any]] = [{"id": name, "text": (PRESS / f"{name}.txt").read_text()} for name in names]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in [*rows, {"id": "empty"}]))
    loaded: list[int] = []
    summary = cluster_file(source, target, workers=2, repair=True, progress=loaded.append)
    out = {row["id"]: row for row in map(json.loads, target.read_text().splitlines())}
    assert (summary, sum(loaded)) == (Summary(rows=5, errors=1), 5)
    assert list(out) == [*names, "empty"]
    assert out["original"]["syndication"] == out["rewrite"]["syndication"] == out["reprint"]["syndication"]
    assert out["unrelated"]["story"] != out["original"]["story"]
    assert out["rewrite"]["matched"] in {"original", "reprint"}
    assert out["empty"]["error"]


def test_long_texts_are_loaded_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storyfold.batch.cluster.CHUNK_CHARACTERS", 300)
    texts = ["The harbour of Norholm reopened.", "The ferry to Eastwick sails again. " * 10, "Rain."]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps({"id": n, "text": text}) for n, text in enumerate(texts)))
    loaded: list[int] = []
    assert cluster_file(source, target, workers=1, repair=False, progress=loaded.append) == Summary(rows=3, errors=0)
    assert loaded == [2, 1]


def test_an_id_that_is_half_a_surrogate_pair_is_written_as_it_came(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "\\ud83d", "text": "The harbour of Norholm reopened."}\n')
    summary = cluster_file(source, target, workers=1, repair=False, progress=lambda _: None)
    assert (summary.errors, json.loads(target.read_text())["id"]) == (0, "\ud83d")


def test_a_run_that_fails_leaves_what_stood_in_its_target_or_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl.xz", tmp_path / "out.jsonl"
    source.write_bytes(lzma.compress(b'{"id": 1, "text": "The harbour of Norholm reopened."}\n' * 50)[:-20])
    target.write_text("yesterday's\n")
    fresh = tmp_path / "fresh.jsonl"
    for out in (target, fresh):
        with pytest.raises(BadInput, match=r"no whole \.xz file"):
            cluster_file(source, out, workers=1, repair=True, progress=lambda _: None)
    assert target.read_text() == "yesterday's\n"
    assert not fresh.exists()


def test_a_process_that_dies_ends_the_run_at_once(database_url: str) -> None:
    before = psutil.Process().children()

    def fold_until_one_is_killed() -> None:
        with folding(database_url, 2, repair=False):  # nothing says that all is loaded: the other would wait for ever
            mine = [process for process in psutil.Process().children() if process not in before]
            next(process for process in mine if "spawn_main" in str(process.cmdline())).kill()

    with pytest.raises(EngineError, match="a folding process died"):
        fold_until_one_is_killed()
