"""Bonds: how near articles are as reports of an event, computed once when the later of two came in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storyfold.matching.event import I64, NEIGHBOURS, Bond, BondTable
from storyfold.matching.story_links import places
from storyfold.store.bulk import Column, Part, array, insert_columns, insertion, numbers
from storyfold.store.columns import among, integers, reals
from storyfold.store.direct import Statement
from storyfold.store.engine import IN_BINARY
from storyfold.store.tables import BondRow

Neighbours = dict[int, list[float]]

# Those nearest of all are among the nearest of the later and the nearest of the earlier ones.
NEAREST = NEIGHBOURS


def neighbours_of(session: Session, article_ids: Collection[int]) -> Neighbours:
    """The cosines of the nearest that each of these has a bond with, `NEAREST` on either side at most.

    Articles without a bond are there, with none.
    """
    found: Neighbours = {id: [] for id in article_ids}
    if not article_ids:
        return found
    asked = {"asked": array(article_ids), "nearest": NEAREST}
    for id, cosines in _NEIGHBOURS.rows(session, asked):
        found[id] = np.frombuffer(cosines, ">f4").tolist()
    return found


_NEIGHBOURS = Statement(
    """
    SELECT near.id, string_agg(float4send(near.cosine), '')
    FROM (
        SELECT asked.id, later.cosine
        FROM unnest(CAST(:asked AS bigint[])) AS asked(id), LATERAL (
            SELECT cosine FROM bonds WHERE article_id = asked.id ORDER BY cosine DESC LIMIT :nearest
        ) AS later
        UNION ALL
        SELECT asked.id, earlier.cosine
        FROM unnest(CAST(:asked AS bigint[])) AS asked(id), LATERAL (
            SELECT cosine FROM bonds WHERE other_id = asked.id ORDER BY cosine DESC LIMIT :nearest
        ) AS earlier
    ) AS near
    GROUP BY near.id
    """,
    binary=True,
)


def bound_by(session: Session, article_ids: Collection[int]) -> set[int]:
    """The earlier articles that one of these has a bond with."""
    query = select(BondRow.other_id).where(BondRow.article_id.in_(article_ids)).distinct()
    return set(session.scalars(query)) if article_ids else set()


def bonds_of(session: Session, article_ids: I64, *, without: I64 | None = None) -> BondTable:
    """Every bond that one of these articles has, each pair once, but for those that one of `without` has.

    `article_ids` and `without` are sorted, each id once.
    """
    later, earlier = (_found(session, column, article_ids) for column in (BondRow.article_id, BondRow.other_id))
    found = later.with_rows(earlier.rows(~places(article_ids, earlier.one)[1]))
    if without is None:
        return found
    return found.rows(~(places(without, found.one)[1] | places(without, found.other)[1]))


def _found(session: Session, end: InstrumentedAttribute[int], article_ids: I64) -> BondTable:
    """The bonds that have one of these articles at this end."""
    sent = [
        *(func.int8send(column) for column in (BondRow.article_id, BondRow.other_id)),
        *(func.float4send(column) for column in (BondRow.cosine, BondRow.alone, BondRow.settled)),
    ]
    query = select(*(func.string_agg(column, b"") for column in sent)).where(among(end, article_ids.tolist()))
    one, other, cosine, alone, settled = session.execute(query, execution_options=IN_BINARY).one()
    return BondTable(integers(one), integers(other), reals(cosine), reals(alone), reals(settled))


def write_bonds(session: Session, bonds: Sequence[tuple[int, int, Bond]]) -> None:
    """Keep (later article, other article, bond), where none is kept of the pair yet."""
    insert_columns(session, "bonds", _columns(bonds), keep=True)


def bonds_kept(bonds: Sequence[tuple[int, int, Bond]]) -> Part:
    """What `write_bonds` does."""
    return insertion("bonds", _columns(bonds), keep=True)


def _columns(bonds: Sequence[tuple[int, int, Bond]]) -> dict[str, Column]:
    return {
        "article_id": numbers("bigint", (article for article, _, _ in bonds)),
        "other_id": numbers("bigint", (other for _, other, _ in bonds)),
        "cosine": numbers("real", (bond.cosine for _, _, bond in bonds)),
        "alone": numbers("real", (bond.alone for _, _, bond in bonds)),
        "settled": numbers("real", (bond.settled for _, _, bond in bonds)),
    }
