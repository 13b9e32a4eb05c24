"""Batch extraction: JSON Lines in, JSON Lines out, in the same order.

Each row is digested once, in a child process; its article waits in a temporary file until all rows have been read,
then goes through the template learned from the other rows of its site. So IN is read once, and memory is bounded: a
window of rows, and the packed lines of each site's newest rows.
"""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

from storyfold.articles.article import Article
from storyfold.articles.cleaning import without_template
from storyfold.articles.rows import DigestedRow, RawRow, digest_row, load_libraries, parse_row
from storyfold.articles.sandbox import Failure, Limits, in_children
from storyfold.articles.sites import SiteBook
from storyfold.articles.template import SiteTemplate
from storyfold.errors import BadInput

MAX_ROW_BYTES = 100_000_000
"""A longer line of IN is that row's error."""

_FAILURES = {
    "time-out": "the row took longer than the time limit",
    "memory": "the row needs more than the memory limit",
    "crashed": "the row crashed the process that worked on it",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows were written, and how many of them carry an error."""

    rows: int
    errors: int


def extract_file(
    source: Path, target: Path, *, now: datetime, limits: Limits, progress: Callable[[int], object] = lambda _: None
) -> Summary:
    """Writes one row of `target` for each row of `source`; `progress` is told the bytes of `source` that were used.

    Raises `OSError` when a file cannot be read or written, and what :func:`.sandbox.in_children` raises.
    """
    book = SiteBook()
    with (
        source.open("rb") as rows,
        target.open("w", encoding="utf-8", errors="backslashreplace") as out,  # JSON's escape for a lone surrogate
        tempfile.TemporaryFile() as spool,
    ):
        for raw, result in in_children(
            digest_row, _raw_rows(rows, source.parent, now), limits=limits, prepare=load_libraries
        ):
            row = _failed(raw, result.reason) if isinstance(result, Failure) else result
            if row.site and row.article:
                book.add(row.site, row.number, _day(row.article), row.lines)
            pickle.dump(replace(row, lines=()), spool)
            progress(len(raw.line))
        spool.seek(0)
        return _write(_spooled(spool), book, out, now)


def _raw_rows(rows: BinaryIO, folder: Path, now: datetime) -> Iterator[RawRow]:
    """The lines that are not blank; of a line that is too long, only that it was there."""
    number = 0
    while line := rows.readline(MAX_ROW_BYTES + 1):
        number += 1
        if len(line) > MAX_ROW_BYTES:
            while line and not line.endswith(b"\n"):
                line = rows.readline(MAX_ROW_BYTES)
            line = b"too long"
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield RawRow(number, line, folder, now)


def _failed(raw: RawRow, reason: str) -> DigestedRow:
    try:
        row_id = parse_row(raw.line)["id"]
    except BadInput:
        row_id = None
    return DigestedRow(raw.number, row_id, error=_FAILURES[reason])


def _spooled(spool: IO[bytes]) -> Iterator[DigestedRow]:
    while True:
        try:
            yield pickle.load(spool)  # noqa: S301  written by this very run into a file without a name
        except EOFError:
            return


def _write(rows: Iterator[DigestedRow], book: SiteBook, out: IO[str], now: datetime) -> Summary:
    by_row, by_site = book.templates(today=now.date())
    seen: set[str | int] = set()
    count = errors = 0
    for row in rows:
        written = _checked(row, seen)
        if written.article:
            template = by_row.get(row.number) or by_site.get(row.site or "") or SiteTemplate()
            written = replace(written, article=without_template(written.article, template))
        out.write(json.dumps(_as_json(written), ensure_ascii=False) + "\n")
        count += 1
        errors += written.error is not None
    return Summary(count, errors)


def _checked(row: DigestedRow, seen: set[str | int]) -> DigestedRow:
    if row.id is None:
        return row
    if row.id in seen:
        return replace(row, article=None, error=row.error or "a row above has this id")
    seen.add(row.id)
    return row


def _as_json(row: DigestedRow) -> dict[str, Any]:
    article = row.article or Article("")
    fields: dict[str, Any] = {
        "id": row.id,
        "text": article.text if row.article else None,
        "title": article.title,
        "authors": list(article.authors),
        "published": _published(article),
        "published_precision": article.published_precision,
        "language": article.language,
        "canonical_url": article.canonical_url,
        "site": article.site,
        "image": article.image,
        "removed": [{"line": removed.line, "reason": removed.reason} for removed in article.removed],
        "rejected": article.rejected,
        "error": row.error,
    }
    return fields if row.error is None else {**fields, "line": row.number}


def _day(article: Article) -> Any:
    return article.published.date() if article.published else None


def _published(article: Article) -> str | None:
    if article.published is None:
        return None
    if article.published_precision == "day":
        return article.published.strftime("%Y-%m-%d")
    return article.published.isoformat(timespec="seconds").replace("+00:00", "Z")
