"""`storyfold export`: stories, clusters and articles as JSON Lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy.orm import Session
from tqdm import tqdm

from storyfold.cli.join import join_migrated
from storyfold.errors import BadInput
from storyfold.settings import load_settings
from storyfold.store.engine import make_sessions
from storyfold.store.exports import Place, export_records, parse_place

# How far back in a file its last line is looked for, at a time.
_BLOCK = 1 << 20


@click.command()
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write there, not to the terminal."
)
@click.option("--after", metavar="TYPE:ID", help="Go on behind this record (story:12, cluster:7, article:4711).")
@click.option("--resume", is_flag=True, help="Go on where OUTPUT ends; what is half a line at its end is dropped.")
def export(output: Path | None, after: str | None, resume: bool) -> None:
    """Write stories, clusters and articles out, one JSON object a line, in one state of the store.

    The first line names the cursor by which GET /v1/changes goes on from that state. The lines after it have a `type`
    and an `id`, and the fields of the API.
    """
    place = parse_place(after) if after else None
    if resume:
        if output is None or after:
            raise BadInput("--resume goes on where a file ends: name it with -o, and leave --after out")
        place = _end_of(output) if output.exists() else None
    with _opened(output, append=place is not None) as file, _session() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        for record in tqdm(export_records(session, place), unit=" records", disable=None):
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


@contextmanager
def _session() -> Iterator[Session]:
    engine = join_migrated(load_settings())
    try:
        with make_sessions(engine)() as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def _opened(output: Path | None, *, append: bool) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        file = output.open("ab" if append else "wb")
    except OSError as error:
        raise BadInput(f"{output} cannot be written: {error.strerror}") from error
    with file:
        yield file


def _end_of(output: Path) -> Place | None:
    """The last whole record of the file, which ends there from now on; None where there is none yet."""
    with output.open("r+b") as file:
        end = _end_of_lines(file)
        file.truncate(end)
        if not end:
            return None
        try:
            record = json.loads(_last_line(file, end))
            return None if record["type"] == "export" else parse_place(f"{record['type']}:{record['id']}")
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{output} does not end as an export does: it cannot be gone on with") from error


def _end_of_lines(file: BinaryIO) -> int:
    """Behind the last line that is whole."""
    end = file.seek(0, 2)
    while end:
        start = max(0, end - _BLOCK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _last_line(file: BinaryIO, end: int) -> bytes:
    line = b""
    start = end
    while start and b"\n" not in line[:-1]:
        start = max(0, start - _BLOCK)
        file.seek(start)
        line = file.read(end - start)
    return line.rstrip(b"\n").rsplit(b"\n", 1)[-1]
