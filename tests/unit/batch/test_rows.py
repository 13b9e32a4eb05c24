"""A line of a batch: what is taken of it, and what is wrong with it."""

from __future__ import annotations

import json
import lzma
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storyfold.batch.rows import Row, read_rows
from storyfold.errors import BadInput

NOW = datetime(2031, 3, 4, tzinfo=UTC)


def read(folder: Path, **said: Any) -> Row:
    source = folder / "in.jsonl"
    source.write_text(json.dumps({"id": "harbour", "text": "The harbour reopened."} | said))
    [row] = read_rows(source, NOW)
    return row


@pytest.mark.parametrize(
    ("said", "taken"), [("en", "en"), ("EN-gb", "en"), (" pt-BR ", "pt"), ("", None), (None, None)]
)
def test_of_a_tag_of_a_language_the_language_is_taken(tmp_path: Path, said: str | None, taken: str | None) -> None:
    row = read(tmp_path, language=said)
    assert (row.error, row.language) == (None, taken)


@pytest.mark.parametrize("said", ["klingon", "english", "e", "xx" * 3000, "en_GB", "??"])
def test_what_names_no_language_is_an_error_of_its_row(tmp_path: Path, said: str) -> None:
    assert "no tag of a language" in (read(tmp_path, language=said).error or "")


@pytest.mark.parametrize("said", ["0001-01-01", "1604-12-31", "2031-03-05", "9999-12-31T23:59:59Z"])
def test_a_day_before_the_first_newspaper_or_after_today_counts_as_unknown(tmp_path: Path, said: str) -> None:
    row = read(tmp_path, published=said)
    assert (row.error, row.published) == (None, None)


def test_a_day_that_can_be_is_kept(tmp_path: Path) -> None:
    row = read(tmp_path, published="2031-03-04")
    assert row.published
    assert row.published.at == NOW


@pytest.mark.parametrize(
    "body", [lzma.compress(b'{"id": 1, "text": "x"}\n' * 50)[:-20], b"{}\n"], ids=["breaks off", "is none"]
)
def test_an_xz_that_cannot_be_read_to_its_end_is_bad_input(tmp_path: Path, body: bytes) -> None:
    source = tmp_path / "in.jsonl.xz"
    source.write_bytes(body)
    with pytest.raises(BadInput, match=r"in\.jsonl\.xz is no whole \.xz file"):
        list(read_rows(source, NOW))
