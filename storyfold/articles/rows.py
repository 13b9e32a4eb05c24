"""One line of a batch to an article: what a row may hold, and what is said about one that cannot be used."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storyfold.articles.article import Article, Declared
from storyfold.articles.decoding import MAX_PAGE_BYTES
from storyfold.articles.digest import digest_page, digest_text
from storyfold.articles.plaintext import storable
from storyfold.articles.sites import site_of
from storyfold.articles.template import Sighting, sightings
from storyfold.errors import BadInput


@dataclass(frozen=True, slots=True)
class RawRow:
    """A line of IN as it was read; `number` counts from 1; `folder` is what its files are relative to."""

    number: int
    line: bytes
    folder: Path
    now: datetime


@dataclass(frozen=True, slots=True)
class DigestedRow:
    """A row with its article or its error, and what is to be remembered of it for its site's template."""

    number: int
    id: str | int | None
    article: Article | None = None
    error: str | None = None
    site: str | None = None
    lines: tuple[Sighting, ...] = ()


def digest_row(raw: RawRow) -> DigestedRow:
    """The article of one row; a row that cannot be used has its `error` set."""
    row_id = None
    try:
        row = parse_row(raw.line)
        row_id = row["id"]
        article = _article_of(row, raw)
    except BadInput as error:
        return DigestedRow(raw.number, row_id, error=str(error))
    site = site_of(row.get("url"), article.canonical_url, row.get("source"))
    return DigestedRow(raw.number, row_id, article=article, site=site, lines=sightings(article))


def parse_row(line: bytes) -> dict[str, Any]:
    """The row as a mapping with a usable `id`; raises `BadInput`."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"this line is no JSON: {type(error).__name__}") from error
    if not isinstance(row, dict):
        raise BadInput("this line is no JSON object")
    if isinstance(row.get("id"), bool) or not isinstance(row.get("id"), (str, int)):
        raise BadInput("the row has no id")
    return row


def _article_of(row: dict[str, Any], raw: RawRow) -> Article:
    for field in ("html", "html_file", "text", "url", "source"):
        if not isinstance(row.get(field), (str, type(None))):
            raise BadInput(f"{field} is no string")
    declared = Declared(url=row.get("url"), source=row.get("source"))
    if row.get("html") is not None:
        body, content_type = storable(row["html"]).encode(), "text/html; charset=utf-8"
    elif row.get("html_file") is not None:
        body, content_type = _read(raw.folder / row["html_file"]), None
    elif row.get("text") is not None:
        return digest_text(row["text"], declared=declared, now=raw.now)
    else:
        raise BadInput("the row has neither html nor html_file nor text")
    return digest_page(body, content_type=content_type, url=row.get("url"), declared=declared, now=raw.now)


def _read(path: Path) -> bytes:
    """One byte more than a page may have, at most; `.gz` is unpacked. Raises `BadInput`."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(MAX_PAGE_BYTES + 1)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise BadInput(f"html_file cannot be read: {error}") from error


def load_libraries() -> None:
    """What every row needs, loaded once in a child; their warnings about single pages would drown the run's output."""
    for name in ("trafilatura", "htmldate", "readability", "storyfold.articles"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    page = b"<html><body><article><p>A page, so that what is loaded late is loaded now.</p></article></body></html>"
    digest_page(page, content_type=None, url=None, declared=Declared(), now=datetime.fromtimestamp(0, UTC))
