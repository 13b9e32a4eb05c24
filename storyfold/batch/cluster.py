"""The batch run: load, fold, repair, write out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text

from storyfold.batch.load import load_rows
from storyfold.batch.rows import Row, read_rows
from storyfold.batch.workers import folding, repair_all
from storyfold.embedded import TemporaryEngines
from storyfold.matching.idf import Idf
from storyfold.stages.showing import show_all
from storyfold.store.candidates import Loader
from storyfold.store.engine import make_engine, make_sessions
from storyfold.store.migrate import migrate
from storyfold.store.tables import Article, Cluster, Fate, Link

# Rows that are loaded together, and characters of text at which no more are added: all go over in one statement.
CHUNK, CHUNK_CHARACTERS = 500, 8_000_000


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows were written, and how many of them carry an error."""

    rows: int
    errors: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What is remembered of a row while it is folded: its id, and its article or its error."""

    line: int
    id: str | int | None
    article_id: int | None
    error: str | None


def cluster_file(
    source: Path, target: Path, *, workers: int, repair: bool, progress: Callable[[int], object]
) -> Summary:
    """Fold the rows of `source` into `target`, in a fresh temporary database. `progress` is told of rows loaded.

    A run that fails before everything is folded leaves what stood in `target`; where nothing did, nothing is left.

    Raises `OSError` for files that cannot be read or written, `BadInput` for an ``.xz`` that is none or breaks off,
    `EngineError` where the engine cannot run.
    """
    with (
        _there(target),
        TemporaryEngines(redis=False) as engines,
        _connected(engines.database_url) as engine,
    ):
        migrate(engine)
        _leave_unread(engine)
        with folding(engines.database_url, workers, repair=repair) as loaded:
            outlines = _load(engine, read_rows(source, datetime.now(UTC)), progress)
            loaded.set()
        if repair:
            repair_all(make_sessions(engine))
        show_all(make_sessions(engine), Idf(0), Loader())
        with target.open("w", encoding="utf-8", errors="backslashreplace") as out:  # JSON's escape of half a surrogate
            errors = _write(engine, outlines, out.write)
    return Summary(len(outlines), errors)


@contextmanager
def _there(target: Path) -> Iterator[None]:
    """What cannot be written is said at once, not after an hour of folding. A file that is made for it goes again."""
    is_new = not target.exists()
    target.open("a").close()
    try:
        yield
    except BaseException:
        if is_new:
            target.unlink(missing_ok=True)
        raise


@contextmanager
def _connected(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _leave_unread(engine: Engine) -> None:
    """Nobody searches or lists what is in a database that goes away. What a search needs, and its index, cost as much
    as a fold; the orders of lists are written with each change of a story or link."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE revisions DROP COLUMN search, DROP COLUMN search_lead"))
        connection.execute(text(f"DROP INDEX {', '.join(_LISTING)}"))


_LISTING = (
    "ix_stories_updated_at_id",
    "ix_stories_dated_at_id",
    "ix_stories_first_published_id",
    "ix_stories_article_count_id",
    "ix_changes_story_id",
    "ix_articles_source",
    "ix_articles_canonical_url",
    "ix_links_fate_id",
    "ix_links_feed_id",
    "ix_links_host_id",
)


def _load(engine: Engine, rows: Iterable[Row], progress: Callable[[int], object]) -> list[Outline]:
    sessions, outlines = make_sessions(engine), []
    for chunk in _chunks(rows):
        usable = [row for row in chunk if row.error is None]
        with sessions.begin() as session:
            ids = iter(load_rows(session, usable, datetime.now(UTC)) if usable else [])
        outlines += [Outline(r.line, r.id, next(ids) if r.error is None else None, r.error) for r in chunk]
        progress(len(chunk))
    return outlines


def _write(engine: Engine, outlines: list[Outline], write: Callable[[str], object]) -> int:
    """Write the rows in their order. -> how many carry an error."""
    row_ids = {outline.article_id: outline.id for outline in outlines if outline.article_id is not None}
    with engine.connect() as connection:
        query = select(
            Article.id, Cluster.story_id, Article.cluster_id, Article.relation, Article.matched_id, Article.score
        ).join(Cluster, Cluster.id == Article.cluster_id)
        places = {row.id: row for row in connection.execute(query)}
        failed = select(Article.id, Link.detail).join(Link).where(Link.fate == Fate.FAILED)
        failures = {row.id: row.detail for row in connection.execute(failed)}
    errors = 0
    for outline in outlines:
        place = places.get(outline.article_id)
        error = outline.error or (None if place is not None else failures.get(outline.article_id, "it was not folded"))
        errors += error is not None
        write(json.dumps(_out(outline, place, error, row_ids), ensure_ascii=False) + "\n")
    return errors


def _out(outline: Outline, place: Any, error: str | None, row_ids: dict[int, str | int | None]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": outline.id,
        "story": str(place.story_id) if place else None,
        "syndication": str(place.cluster_id) if place else None,
        "relation": place.relation if place else None,
        "matched": row_ids.get(place.matched_id) if place else None,
        "score": round(place.score, 4) if place and place.score is not None else None,
        "error": error,
    }
    return row | ({"line": outline.line} if outline.id is None else {})


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += len(row.text or "")
        if len(chunk) == CHUNK or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk
