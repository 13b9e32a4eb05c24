"""Ties: what an article is to the one it was matched with. The caller holds the fold lock."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, delete, select, text
from sqlalchemy.orm import Session, aliased

from storyfold.matching.fingerprint import VERSION
from storyfold.matching.relation import SYNDICATED
from storyfold.matching.rooting import Tied
from storyfold.store.bulk import Column, Part, array, insert_columns, insertion, numbers, strings
from storyfold.store.direct import Statement
from storyfold.store.tables import Article, Cluster, Evidence


@dataclass(frozen=True, slots=True)
class Tie:
    """`evidence` is None where it is still to be made out."""

    article_id: int
    relation: str
    matched_id: int | None
    score: float | None
    evidence: dict[str, Any] | None = None


class Unshown(NamedTuple):
    """A tie whose evidence is still to be made out, `since` when (as PostgreSQL writes it)."""

    article_id: int
    matched_id: int
    score: float
    since: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An article that stands somewhere, and how it came there."""

    id: int
    cluster_id: int
    story_id: int
    relation: str
    score: float | None


def standings(session: Session, article_ids: Sequence[int]) -> list[Standing]:
    """Of those that are folded, in order of id."""
    columns = (Article.id, Article.cluster_id, Cluster.story_id, Article.relation, Article.score)
    query = select(*columns).join(Cluster, Cluster.id == Article.cluster_id).where(Article.id.in_(article_ids))
    return [Standing(*row) for row in session.execute(query.order_by(Article.id))]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class TiedTo:
    """An article and what it is tied to, each with the syndication cluster that it stands in."""

    article_id: int
    cluster_id: int
    relation: str
    score: float | None
    matched_id: int
    matched_cluster_id: int | None


def tied_to(session: Session, article_ids: Collection[int]) -> list[TiedTo]:
    """What is tied to one of these, in order of id."""
    matched = aliased(Article)
    columns = (Article.id, Article.cluster_id, Article.relation, Article.score, matched.id, matched.cluster_id)
    query = select(*columns).join(matched, matched.id == Article.matched_id).where(matched.id.in_(article_ids))
    folded = query.where(Article.cluster_id.is_not(None))
    return [TiedTo(*row) for row in session.execute(folded.order_by(Article.id))]  # type: ignore[arg-type]


def trees(session: Session, cluster_ids: Collection[int]) -> dict[int, list[Tied]]:
    """The articles of each of these clusters with what they copy, reprint or rewrite."""
    source = case((Article.relation.in_([str(r) for r in SYNDICATED]), Article.matched_id))
    query = select(Article.cluster_id, Article.id, source).where(Article.cluster_id.in_(cluster_ids))
    found: dict[int, list[Tied]] = {}
    for cluster, article, source_id in session.execute(query):
        if cluster is not None:
            found.setdefault(cluster, []).append(Tied(article, source_id))
    return found


def doubt(session: Session, article_ids: Collection[int]) -> None:
    """Of these, what is tied to an article of another syndication cluster as if it were of its own is in doubt."""
    session.connection().execute(_DOUBT, {"articles": array(article_ids)})


_DOUBT = text(
    """
    WITH doubted AS (
        UPDATE articles AS mine SET relation = 'uncertain' FROM articles AS theirs
        WHERE mine.id = ANY(CAST(:articles AS bigint[])) AND mine.relation IN ('copy', 'reprint', 'rewrite')
            AND theirs.id = mine.matched_id AND theirs.cluster_id IS DISTINCT FROM mine.cluster_id
        RETURNING mine.id, mine.matched_id
    )
    UPDATE evidence SET relation = 'uncertain' FROM doubted
    WHERE evidence.article_id = doubted.id AND evidence.matched_id = doubted.matched_id
    """
)


def other_heads(session: Session, article: Standing, limit: int) -> list[int]:
    """The articles that head the story's other clusters and came in before this one, the first first."""
    query = (
        select(Cluster.head_article_id)
        .where(Cluster.story_id == article.story_id, Cluster.id != article.cluster_id)
        .where(Cluster.head_article_id < article.id)
        .order_by(Cluster.head_article_id)
        .limit(limit)
    )
    return [head for head in session.scalars(query) if head is not None]


@dataclass(frozen=True, slots=True)
class Astray:
    """A report of an event (`same_event`) whose match stands in another story now, or one that opened a story (`new`).

    `before`: the articles of other clusters of its own story that came in before it, as far as it has bonds with them,
    the nearest first, each with its cluster.
    """

    article_id: int
    cluster_id: int
    relation: str
    score: float | None
    before: Sequence[tuple[int, int]]


def astray(session: Session, parted: Collection[int], joined: Collection[int]) -> list[Astray]:
    """Reports that went astray, of those that stand in the clusters `parted` or are tied to what stands there; and of
    those that stand in `joined` and opened a story, those that came in after another article of it."""
    if not parted and not joined:
        return []
    asked = {"parted": sorted(parted), "joined": sorted(joined)}
    return [
        Astray(id, cluster, relation, score, tuple(zip(near or (), clusters or (), strict=True)))
        for id, cluster, relation, score, near, clusters in session.connection().execute(_ASTRAY, asked)
    ]


_ASTRAY = text(
    """
    SELECT astray.id, astray.cluster_id, astray.relation, astray.score, before.ids, before.clusters
    FROM (
        SELECT mine.id, mine.relation, mine.score, mine.matched_id, mine.cluster_id, stood.story_id
        FROM articles AS mine JOIN clusters AS stood ON stood.id = mine.cluster_id
        WHERE mine.relation = 'same_event' AND mine.cluster_id = ANY(CAST(:parted AS bigint[]))
            OR mine.relation = 'new' AND mine.cluster_id = ANY(CAST(:joined AS bigint[]))
        UNION
        SELECT mine.id, mine.relation, mine.score, mine.matched_id, mine.cluster_id, stood.story_id
        FROM articles AS there JOIN articles AS mine ON mine.matched_id = there.id
        JOIN clusters AS stood ON stood.id = mine.cluster_id
        WHERE mine.relation = 'same_event' AND there.cluster_id = ANY(CAST(:parted AS bigint[]))
    ) AS astray
    LEFT JOIN articles AS matched ON matched.id = astray.matched_id
    LEFT JOIN clusters AS others ON others.id = matched.cluster_id,
    LATERAL (
        SELECT array_agg(near.id ORDER BY bond.cosine DESC, near.id) AS ids,
            array_agg(near.cluster_id ORDER BY bond.cosine DESC, near.id) AS clusters
        FROM (
            SELECT other_id AS id, cosine FROM bonds WHERE bonds.article_id = astray.id
            UNION ALL
            SELECT article_id, cosine FROM bonds WHERE bonds.other_id = astray.id
        ) AS bond
        JOIN articles AS near ON near.id = bond.id JOIN clusters AS beside ON beside.id = near.cluster_id
        WHERE beside.story_id = astray.story_id AND near.cluster_id <> astray.cluster_id AND near.id < astray.id
    ) AS before
    WHERE others.story_id IS DISTINCT FROM astray.story_id AND (astray.relation <> 'new' OR before.ids IS NOT NULL)
    ORDER BY astray.id
    """
)


def write_tie(session: Session, tie: Tie, idf_snapshot: int, now: datetime) -> None:
    """Tie an article anew: the evidence of what it was tied by before goes."""
    write_ties(session, [tie], idf_snapshot, now)


def write_ties(session: Session, ties: Sequence[Tie], idf_snapshot: int, now: datetime) -> None:
    """Tie articles anew, in a bounded number of statements: the evidence of what they were tied by before goes.

    Ties that come without their evidence get it later (`unshown`)."""
    if not ties:
        return
    ids = [tie.article_id for tie in ties]
    session.execute(delete(Evidence).where(Evidence.article_id.in_(ids)))
    columns = {
        "articles": ids,
        "relations": [str(tie.relation) for tie in ties],
        "matched": [tie.matched_id for tie in ties],
        "scores": [tie.score for tie in ties],
    }
    session.connection().execute(_TIE, columns)
    insert_columns(session, "evidence", *_rows(ties, idf_snapshot, now))


def evidence_kept(ties: Sequence[Tie], idf_snapshot: int, now: datetime) -> Part:
    """The evidence of these ties, to be written along with others."""
    return insertion("evidence", *_rows(ties, idf_snapshot, now))


def _rows(ties: Sequence[Tie], idf_snapshot: int, now: datetime) -> tuple[dict[str, Column], dict[str, Any]]:
    tied = [tie for tie in ties if tie.matched_id is not None]
    made = {
        "article_id": numbers("bigint", (tie.article_id for tie in tied)),
        "matched_id": numbers("bigint", (tie.matched_id for tie in tied)),
        "relation": strings(str(tie.relation) for tie in tied),
        "score": numbers("double precision", (tie.score for tie in tied)),
        "data": _json(tie.evidence for tie in tied),
    }
    same = {"version": VERSION, "idf_snapshot": idf_snapshot, "created_at": now}
    return made, same


def _json(values: Iterable[Mapping[str, Any] | None]) -> Column:
    return strings((None if v is None else json.dumps(v, ensure_ascii=False) for v in values), "jsonb")


def unshown(session: Session, limit: int, after: Unshown | None = None) -> list[Unshown]:
    """Ties whose evidence is still to be made out, the longest waiting first, from the one `after` this on. Until the
    commit nobody else gets them, and whoever ties these articles anew waits."""
    begin = {"since": after.since, "article": after.article_id} if after else {"since": "-infinity", "article": 0}
    return [Unshown(*row) for row in _UNSHOWN.rows(session, begin | {"most": limit})]


_UNSHOWN = Statement(
    """
    SELECT article_id, matched_id, score, created_at::text FROM evidence
    WHERE data IS NULL AND (created_at, article_id) > (CAST(:since AS timestamptz), CAST(:article AS bigint))
    ORDER BY created_at, article_id LIMIT :most FOR UPDATE SKIP LOCKED
    """
)


def show(session: Session, shown: Mapping[Unshown, Mapping[str, Any]], idf_snapshot: int, now: datetime) -> None:
    """Write down the evidence of ties that were held by `unshown`."""
    columns = {
        "articles": array(tie.article_id for tie in shown),
        "matched": array(tie.matched_id for tie in shown),
        "data": _json(shown.values()).sent,
    }
    _SHOW.rows(session, columns | {"version": VERSION, "idf_snapshot": idf_snapshot, "at": now})


_SHOW = Statement(
    """
    UPDATE evidence SET data = CAST(made.data AS jsonb), version = :version, idf_snapshot = :idf_snapshot,
        created_at = :at
    FROM unnest(CAST(:articles AS bigint[]), CAST(:matched AS bigint[]), CAST(:data AS text[]))
        AS made(article, matched, data)
    WHERE evidence.article_id = made.article AND evidence.matched_id = made.matched
    """
)


_TIE = text(
    """
    UPDATE articles SET relation = tied.relation, matched_id = tied.matched, score = tied.score
    FROM unnest(
        CAST(:articles AS bigint[]), CAST(:relations AS text[]), CAST(:matched AS bigint[]),
        CAST(:scores AS double precision[])
    ) AS tied(article, relation, matched, score)
    WHERE articles.id = tied.article
    """
)
