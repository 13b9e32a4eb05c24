"""A corpus of any size: texts put together from sentences of several unrelated articles, stored in bulk."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import Connection, sql

from storyfold.matching.candidates import index_terms
from storyfold.matching.fingerprint import VERSION, Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.stages.fold import BATCH
from storyfold.store.postings import appended

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?\s*")
SOURCES = 5  # articles that one text is put together from
CHUNK = 1000
DAYS = 1000  # over which the corpus is spread
BONDS = 12  # of each stored article with others, drawn at random


@dataclass(frozen=True)
class Made:
    """One text of the corpus."""

    id: int
    text: str
    published: datetime


class Mixer:
    """Draws texts: each from sentences of `SOURCES` unrelated articles. The same ids give the same texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._parts = [found for text in texts if len(found := _SENTENCE.findall(text)) >= 5]

    def made(self, ids: range, until: datetime) -> Iterator[Made]:
        draw = random.Random(ids.start)
        for id in ids:
            yield Made(id, self._text(draw), until - timedelta(minutes=draw.randrange(DAYS * 1440)))

    def _text(self, draw: random.Random) -> str:
        """Some 15 to 30 sentences."""
        picked = draw.sample(self._parts, SOURCES)
        sentences = [s for part in picked for s in draw.sample(part, min(len(part), draw.randint(3, 6)))]
        draw.shuffle(sentences)
        return "".join(s.strip() + " " for s in sentences)


def grow(
    connection: Connection, mixer: Mixer, size: int, idf: Idf, until: datetime, deadline: float = float("inf")
) -> int:
    """Store texts until there are `size` articles, each in a cluster and a story of its own, or the `deadline` of
    `time.monotonic` has come. -> how many there are. Called again it goes on."""
    have = _count(connection)
    if have >= size:
        return have
    for start in range(have + 1, size + 1, CHUNK):
        if time.monotonic() > deadline:
            return start - 1
        ids = range(start, min(start + CHUNK, size + 1))
        _store(connection, list(mixer.made(ids, until)), idf)
        connection.commit()
    for table in ("links", "articles", "clusters", "stories"):
        name = sql.Literal(table)
        top = sql.SQL("(SELECT max(id) FROM {})").format(sql.Identifier(table))
        connection.execute(sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), {})").format(name, top))
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
    connection.autocommit = False
    return size


def _count(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    return int(row[0]) if row else 0


def _store(connection: Connection, made: Sequence[Made], idf: Idf) -> None:
    now = datetime.now(UTC)
    prints = [fingerprint(m.text, title=None, language="en", published=m.published) for m in made]
    ids = [m.id for m in made]
    _copy(connection, "links", "id fate created_at updated_at", [(i, "folded", now, now) for i in ids])
    counts = (1, 1, 1)
    stories = [(i, *counts, m.published, now, now, now + timedelta(1)) for i, m in zip(ids, made, strict=True)]
    columns = "id article_count source_count cluster_count dated_at created_at updated_at repaired_at"
    _copy(connection, "stories", columns, stories)
    _copy(connection, "clusters", "id story_id created_at unrepaired", [(i, i, now, False) for i in ids])
    articles = [(m.id, m.id, m.published, "en", now, m.id, "new", 0.0, now) for m in made]
    columns = "id link_id published language arrived_at cluster_id relation score folded_at"
    _copy(connection, "articles", columns, articles)
    revisions = [(m.id, 1, m.text, [], "[]", 1, now, "simple") for m in made]
    columns = "article_id revision text authors removed extraction_version created_at search_config"
    _copy(connection, "revisions", columns, revisions)
    connection.execute("UPDATE clusters SET head_article_id = id WHERE id BETWEEN %s AND %s", (ids[0], ids[-1]))
    connection.execute("UPDATE stories SET canonical_article_id = id WHERE id BETWEEN %s AND %s", (ids[0], ids[-1]))
    _store_prints(connection, list(zip(ids, prints, strict=True)), idf)


def _store_prints(connection: Connection, prints: Sequence[tuple[int, Fingerprint]], idf: Idf) -> None:
    terms = {i: index_terms(p, idf) for i, p in prints}
    rows = [(i, i, VERSION, idf.version, p.exact, list(p.bands), list(terms[i]), [], p.to_bytes()) for i, p in prints]
    columns = "article_id sequence version idf_snapshot exact bands index_terms event_days data"
    _copy(connection, "fingerprints", columns, rows)
    for start in range(0, len(prints), BATCH):  # as the service writes them, so that they lie as they would
        part = appended((i, p.day, terms[i]) for i, p in prints[start : start + BATCH])
        connection.execute(_NAMED.sub(r"%(\1)s", part.sql), part.values)
    connection.execute(_BONDS, (prints[0][0], prints[-1][0], BONDS))


_NAMED = re.compile(r"(?<!:):(\w+)")

_BONDS = """
    INSERT INTO bonds SELECT id, other, 0.05 + random() * 0.2, -4, -6
    FROM generate_series(%s::bigint, %s::bigint) AS id, LATERAL (
        SELECT DISTINCT 1 + floor(random() * (id - 1))::bigint AS other FROM generate_series(1, %s::int) WHERE id > 1
    ) AS drawn
"""


def _copy(connection: Connection, table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
