"""Putting a batch into the store: links that wait for their fold, with articles made already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.articles.article import VERSION
from storyfold.batch.rows import Row
from storyfold.store.bulk import strings
from storyfold.store.direct import Statement
from storyfold.store.tables import Stage


def load_rows(session: Session, rows: Sequence[Row], now: datetime) -> list[int]:
    """Store usable rows in their order. -> their article ids. Should they be searched after all, it is word by word."""
    dates = [(row.published.at.isoformat(), row.published.precision) if row.published else (None, None) for row in rows]
    columns = {
        "texts": strings(row.text for row in rows),
        "titles": strings(row.title for row in rows),
        "published": strings(at for at, _ in dates),
        "precisions": strings(precision for _, precision in dates),
        "sources": strings(row.source for row in rows),
        "urls": strings(row.url for row in rows),
        "languages": strings(row.language for row in rows),
    }
    values = {name: column.sent for name, column in columns.items()}
    return [id for (id,) in _LOAD.rows(session, values | {"version": VERSION, "now": now})]


# Ids are drawn in the order of the rows. All columns go over as text: one statement serves whatever is missing in them.
_LOAD = Statement(
    f"""
    WITH sent AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('links', 'id')) AS link, given.*
        FROM unnest(
            CAST(:texts AS text[]), CAST(:titles AS text[]), CAST(:published AS text[]), CAST(:precisions AS text[]),
            CAST(:sources AS text[]), CAST(:urls AS text[]), CAST(:languages AS text[])
        ) WITH ORDINALITY AS given(text, title, published, precision, source, url, language, place)
    ), linked AS (
        INSERT INTO links (id, stage, next_attempt_at, created_at, updated_at)
        SELECT link, '{Stage.FOLD}', :now, :now, :now FROM sent
    ), made AS (
        INSERT INTO articles (link_id, url, source, title, published, published_precision, language, arrived_at)
        SELECT link, url, source, title, CAST(published AS timestamptz), precision, language, :now
        FROM sent ORDER BY place RETURNING id, link_id
    ), revised AS (
        INSERT INTO revisions (article_id, revision, title, text, authors, removed, extraction_version, created_at,
            search_config)
        SELECT made.id, 1, sent.title, sent.text, '{{}}', '[]', :version, :now, 'simple'
        FROM made JOIN sent ON sent.link = made.link_id
    )
    SELECT id FROM made ORDER BY id
    """  # noqa: S608 - a name of ours
)
