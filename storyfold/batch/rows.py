"""One line of a batch to an article ready to be folded, or what is wrong with it."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from storyfold.articles.plaintext import storable
from storyfold.errors import BadInput
from storyfold.stages.submit import Published, believable, parse_language, parse_published

_STRINGS = ("title", "published", "source", "url", "language")


@dataclass(frozen=True, slots=True)
class Row:
    """Line `line` of IN (from 1). Exactly one of `text` and `error` is set."""

    line: int
    id: str | int | None
    text: str | None = None
    title: str | None = None
    published: Published | None = None
    source: str | None = None
    url: str | None = None
    language: str | None = None
    error: str | None = None


def read_rows(source: Path, now: datetime) -> Iterator[Row]:
    """The rows of a JSON Lines file (``.xz`` allowed) in order. A row that cannot be used has its error set.

    Raises `OSError` for a file that cannot be read, `BadInput` for an ``.xz`` that is none or breaks off.
    """
    seen: set[str | int] = set()
    try:
        with _open(source) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _row(number, line, seen, now)
    except (EOFError, lzma.LZMAError) as error:
        raise BadInput(f"{source} is no whole .xz file: {error}") from error


def _open(source: Path) -> IO[bytes]:
    return cast("IO[bytes]", lzma.open(source)) if source.suffix == ".xz" else source.open("rb")


def _row(number: int, line: bytes, seen: set[str | int], now: datetime) -> Row:
    row_id: str | int | None = None
    try:
        values = _values(line)
        row_id = values["id"]
        if row_id in seen:
            raise BadInput("a row with this id stands above")
        seen.add(row_id)
        return _usable(number, values, now)
    except BadInput as error:
        return Row(number, row_id, error=str(error))


def _values(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"this line is no JSON ({type(error).__name__})") from error
    if not isinstance(values, dict):
        raise BadInput("this line is no JSON object")
    if isinstance(values.get("id"), bool) or not isinstance(values.get("id"), (str, int)):
        raise BadInput("the row has no id (a string or a whole number)")
    return values


def _usable(number: int, values: dict[str, Any], now: datetime) -> Row:
    text = values.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadInput("the row has no text")
    for name in _STRINGS:
        if not isinstance(values.get(name), str | None):
            raise BadInput(f"{name} is no string")
    said = {name: storable(values[name]).strip() or None if values.get(name) else None for name in _STRINGS}
    published = parse_published(said["published"]) if said["published"] else None
    return Row(
        number,
        values["id"],
        text=storable(text),
        title=said["title"],
        published=believable(published, now),
        source=said["source"],
        url=said["url"],
        language=parse_language(said["language"]) if said["language"] else None,
    )
