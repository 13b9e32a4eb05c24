"""The inverted table: under each term the articles that are found by it, in blocks of postings, oldest first.

All writers hold the fold lock, so that whoever reads a block and writes it anew loses nothing that came in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy.orm import Session

from storyfold.matching.postings import POSTING, by_term, without
from storyfold.store.bulk import Part, array, blob, blobs, numbers
from storyfold.store.direct import Statement

BLOCK = 128
"""Postings at which a block is full, and a new one is begun: a kilobyte, which still stands in the row. A term is read
in a handful of blocks then instead of hundreds of rows, and a new posting writes a few hundred bytes anew, not five
thousand."""


def appended(articles: Iterable[tuple[int, int | None, Mapping[int, int]]]) -> Part:
    """Postings put at the end of their terms' lists, to be written along with others.

    `articles`: (id, day of publication, share by term), in the order in which they were folded.
    """
    found = list(articles)
    lists = by_term(found)
    ids, data = [id for id, _, _ in found], blobs(lists.values())
    values = {
        "posting_terms": numbers("bigint", lists).sent,
        "posting_places": data.sent,
        "posting_data": data.joined,
        "posting_first": min(ids, default=0),
        "posting_last": max(ids, default=0),
    }
    return Part("postings", _APPEND, values)


_APPEND = f"""
    INSERT INTO posting_blocks (term, number, first_article_id, last_article_id, data)
    SELECT sent.term,
        CASE WHEN length(newest.data) < {BLOCK * POSTING} THEN newest.number ELSE coalesce(newest.number + 1, 0) END,
        CAST(:posting_first AS bigint), CAST(:posting_last AS bigint), {blob(":posting_data", "sent.place")}
    FROM unnest(CAST(:posting_terms AS bigint[]), CAST(:posting_places AS bigint[])) AS sent(term, place)
    LEFT JOIN LATERAL (
        SELECT number, data FROM posting_blocks WHERE posting_blocks.term = sent.term ORDER BY number DESC LIMIT 1
    ) AS newest ON true
    ON CONFLICT (term, number) DO UPDATE SET data = posting_blocks.data || excluded.data,
        first_article_id = least(posting_blocks.first_article_id, excluded.first_article_id),
        last_article_id = greatest(posting_blocks.last_article_id, excluded.last_article_id)
"""  # noqa: S608 - numbers of ours


def remove(session: Session, article_ids: Collection[int]) -> None:
    """Take these articles out of the lists that they stand in. The caller holds the fold lock."""
    if not article_ids:
        return
    blocks = _BLOCKS_OF.rows(session, {"asked": array(article_ids)})
    gone = set(article_ids)
    left = [(term, number, without(data, gone)) for term, number, data in blocks]
    data = blobs(data for _, _, data in left)
    written = {
        "terms": array(term for term, _, _ in left),
        "numbers": array(number for _, number, _ in left),
        "places": data.sent,
        "data": data.joined,
    }
    if left:
        _REWRITE.rows(session, written)


_BLOCKS_OF = Statement(
    """
    SELECT DISTINCT ON (block.term, block.number) block.term, block.number, block.data
    FROM fingerprints, unnest(fingerprints.index_terms) AS held(term), posting_blocks AS block
    WHERE fingerprints.article_id = ANY(CAST(:asked AS bigint[])) AND block.term = held.term
        AND fingerprints.article_id BETWEEN block.first_article_id AND block.last_article_id
    """,
    binary=True,
)

_REWRITE = Statement(
    f"""
    WITH sent AS (
        SELECT term, number, {blob(":data", "place")} AS data FROM unnest(
            CAST(:terms AS bigint[]), CAST(:numbers AS integer[]), CAST(:places AS bigint[])
        ) AS sent(term, number, place)
    ), gone AS (
        DELETE FROM posting_blocks AS block USING sent
        WHERE block.term = sent.term AND block.number = sent.number AND sent.data = ''
    )
    UPDATE posting_blocks AS block SET data = sent.data FROM sent
    WHERE block.term = sent.term AND block.number = sent.number AND sent.data <> ''
    """  # noqa: S608 - an expression of ours
)
