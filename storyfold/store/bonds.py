"""Bonds: how near articles are as reports of an event, computed once when the later of two came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import REAL, BigInteger, bindparam, func, insert, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from storyfold.matching.event import Bond
from storyfold.store.tables import Article, BondRow

Neighbours = dict[int, list[tuple[int, float]]]


def neighbours_of(session: Session, article_ids: Collection[int]) -> Neighbours:
    """(cluster, cosine) of the articles that each of these has a bond with."""
    found: Neighbours = defaultdict(list)
    if not article_ids:
        return found
    ids = bindparam("ids", sorted(article_ids), ARRAY(BigInteger))
    later = select(BondRow.article_id.label("id"), BondRow.other_id.label("other"), BondRow.cosine).where(
        BondRow.article_id == func.any(ids)
    )
    earlier = select(BondRow.other_id.label("id"), BondRow.article_id.label("other"), BondRow.cosine).where(
        BondRow.other_id == func.any(ids)
    )
    both = union_all(later, earlier).subquery("both")
    query = select(both.c.id, Article.cluster_id, both.c.cosine).join(Article, Article.id == both.c.other)
    for id, cluster, cosine in session.execute(query):
        if cluster is not None:
            found[id].append((cluster, cosine))
    return found


def bonds_of(session: Session, article_ids: Collection[int]) -> list[tuple[int, int, Bond]]:
    """(article, article, bond) for every bond that one of these has, each pair once."""
    if not article_ids:
        return []
    ids = bindparam("ids", sorted(article_ids), ARRAY(BigInteger))
    query = select(BondRow).where((BondRow.article_id == func.any(ids)) | (BondRow.other_id == func.any(ids)))
    return [(row.article_id, row.other_id, Bond(row.cosine, row.alone, row.settled)) for row in session.scalars(query)]


def write_bonds(session: Session, bonds: Sequence[tuple[int, int, Bond]]) -> None:
    """Keep (later article, other article, bond)."""
    if not bonds:
        return
    columns = [
        _array("articles", [article for article, _, _ in bonds], BigInteger()),
        _array("others", [other for _, other, _ in bonds], BigInteger()),
        _array("cosines", [bond.cosine for _, _, bond in bonds], REAL()),
        _array("alones", [bond.alone for _, _, bond in bonds], REAL()),
        _array("settleds", [bond.settled for _, _, bond in bonds], REAL()),
    ]
    names = ["article_id", "other_id", "cosine", "alone", "settled"]
    rows = func.unnest(*columns).table_valued(*names, name="bonded").render_derived()
    session.execute(insert(BondRow).from_select(names, select(*(rows.c[name] for name in names))))


def _array(name: str, values: list[Any], kind: Any) -> Any:
    return bindparam(name, values, ARRAY(kind))
