"""Writing down what a fold decided. Every writer of clusters, stories and changes holds the one fold lock."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from storyfold.matching.canonical import Attribution
from storyfold.matching.event import Bond
from storyfold.matching.fingerprint import VERSION, Fingerprint
from storyfold.store.bonds import write_bonds
from storyfold.store.canonical import choose_canonical
from storyfold.store.kin import unsettle, write_kin
from storyfold.store.tables import (
    Article,
    ArticleTerm,
    Change,
    ChangeKind,
    Cluster,
    Evidence,
    FingerprintRow,
    Story,
)

_FOLD_LOCK = 7_305_010


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article goes. Cluster and story are made where they are marked as new."""

    article_id: int
    cluster_id: int
    story_id: int
    new_cluster: bool
    new_story: bool
    relation: str
    matched_id: int | None
    score: float
    evidence: dict[str, Any] | None
    fingerprint: Fingerprint
    index_terms: Sequence[int]
    event_days: Sequence[int]
    bonds: Sequence[tuple[int, Bond]]
    kin: Sequence[int]
    attributions: Sequence[Attribution]


def lock_folding(session: Session) -> None:
    """The first statement of a transaction that folds, repairs or edits: until its commit there is no other."""
    session.execute(select(func.pg_advisory_xact_lock(_FOLD_LOCK)))


def draw_ids(session: Session, table: type[Cluster | Story], count: int) -> list[int]:
    """Ids for rows still to be written; those that are not used are lost."""
    sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
    return list(session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))


def write_placements(
    session: Session, placed: Sequence[Placed], idf_snapshot: int, now: datetime, *, returned: Collection[int] = ()
) -> None:
    """Write a batch of placements, in a bounded number of statements.

    A story has not grown by articles that have `returned` to it with another text: it has changed.
    """
    if not placed:
        return
    write_stories(session, [p.story_id for p in placed if p.new_story], now)
    _write_clusters(session, [p for p in placed if p.new_cluster], now)
    _write_articles(session, placed, now)
    _write_fingerprints(session, placed, idf_snapshot)
    _write_evidence(session, placed, idf_snapshot, now)
    write_bonds(session, [(p.article_id, other, bond) for p in placed for other, bond in p.bonds])
    write_kin(session, [(p.article_id, other) for p in placed for other in p.kin])
    unsettle(session, {p.cluster_id for p in placed if not p.new_cluster})
    new = {p.story_id for p in placed if p.new_story}
    grown = list(dict.fromkeys(p.story_id for p in placed if p.story_id not in new))
    created = list(dict.fromkeys(p.story_id for p in placed if p.story_id in new))
    recount_stories(session, [*created, *grown], now)
    append_changes(session, [(ChangeKind.CREATED, id, None) for id in created], now)
    joined = {p.story_id for p in placed if p.article_id not in returned}
    kinds = [ChangeKind.GROWN if id in joined else ChangeKind.CHANGED for id in grown]
    append_changes(session, [(kind, id, None) for kind, id in zip(kinds, grown, strict=True)], now)


def append_changes(session: Session, changes: Sequence[tuple[ChangeKind, int, int | None]], now: datetime) -> None:
    """Add (kind, story, other story) to the log. The caller holds the fold lock: the cursor has no gaps."""
    if not changes:
        return
    last = session.scalar(select(func.coalesce(func.max(Change.cursor), 0))) or 0
    session.execute(
        insert(Change),
        [
            {"cursor": last + place, "kind": kind, "story_id": story, "other_story_id": other, "at": now}
            for place, (kind, story, other) in enumerate(changes, start=1)
        ],
    )


def new_heads(session: Session, article_ids: Collection[int]) -> None:
    """Clusters that these articles have headed and left are headed by the earliest that is left, if any."""
    earliest = select(func.min(Article.id)).where(Article.cluster_id == Cluster.id).scalar_subquery()
    stays = select(Article.id).where(Article.id == Cluster.head_article_id, Article.cluster_id == Cluster.id).exists()
    left = Cluster.head_article_id.in_(article_ids) & ~stays
    session.execute(
        update(Cluster).where(left).values(head_article_id=earliest), execution_options={"synchronize_session": False}
    )


def merge_stories(session: Session, older: int, younger: int, now: datetime) -> None:
    """Let the older of two stories take in the younger one."""
    session.execute(update(Cluster).where(Cluster.story_id == younger).values(story_id=older))
    gone = or_(Story.id == younger, Story.merged_into == younger)
    session.execute(update(Story).where(gone).values(merged_into=older, updated_at=now))
    recount_stories(session, [older], now)
    append_changes(session, [(ChangeKind.MERGED, younger, older)], now)


def recount_stories(session: Session, story_ids: Iterable[int], now: datetime) -> None:
    """Bring what a story says of its members up to date."""
    ids = list(story_ids)
    session.execute(_RECOUNT, {"stories": ids, "now": now})
    choose_canonical(session, ids)


_RECOUNT = text(
    """
    UPDATE stories SET
        article_count = counted.articles, source_count = counted.sources, cluster_count = counted.clusters,
        first_published = counted.first_published, last_published = counted.last_published,
        dated_at = coalesce(counted.last_published, counted.last_arrived), updated_at = :now
    FROM (
        SELECT clusters.story_id, count(*) AS articles, count(DISTINCT articles.source) AS sources,
            count(DISTINCT clusters.id) AS clusters, min(articles.published) AS first_published,
            max(articles.published) AS last_published, max(articles.arrived_at) AS last_arrived
        FROM clusters JOIN articles ON articles.cluster_id = clusters.id
        WHERE clusters.story_id = ANY(:stories) GROUP BY clusters.story_id
    ) AS counted
    WHERE stories.id = counted.story_id
    """
)


def write_stories(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Make stories with these ids, still without members."""
    if ids:
        blank = {"article_count": 0, "source_count": 0, "cluster_count": 0}
        times = {"dated_at": now, "created_at": now, "updated_at": now}
        session.execute(insert(Story).values([{"id": id, **blank, **times} for id in ids]))


def _write_clusters(session: Session, placed: Sequence[Placed], now: datetime) -> None:
    if placed:
        rows = [
            {"id": p.cluster_id, "story_id": p.story_id, "head_article_id": p.article_id, "created_at": now}
            for p in placed
        ]
        session.execute(insert(Cluster).values(rows))


def _write_articles(session: Session, placed: Sequence[Placed], now: datetime) -> None:
    columns = {
        "articles": [p.article_id for p in placed],
        "clusters": [p.cluster_id for p in placed],
        "relations": [str(p.relation) for p in placed],
        "matched": [p.matched_id for p in placed],
        "scores": [p.score for p in placed],
        "words": [p.fingerprint.words for p in placed],
        "attributions": [json.dumps([[int(a.kind), a.name] for a in p.attributions]) for p in placed],
    }
    session.execute(_PLACE, columns | {"now": now})


_PLACE = text(
    """
    UPDATE articles SET cluster_id = placed.cluster, relation = placed.relation, matched_id = placed.matched,
        score = placed.score, words = placed.words, attributions = CAST(placed.attributions AS jsonb), folded_at = :now
    FROM unnest(
        CAST(:articles AS bigint[]), CAST(:clusters AS bigint[]), CAST(:relations AS text[]),
        CAST(:matched AS bigint[]), CAST(:scores AS double precision[]), CAST(:words AS integer[]),
        CAST(:attributions AS text[])
    ) AS placed(article, cluster, relation, matched, score, words, attributions)
    WHERE articles.id = placed.article
    """
)


def _write_fingerprints(session: Session, placed: Sequence[Placed], idf_snapshot: int) -> None:
    last = session.scalar(select(func.coalesce(func.max(FingerprintRow.sequence), 0))) or 0
    rows = [
        {
            "article_id": p.article_id,
            "sequence": last + place,
            "version": VERSION,
            "idf_snapshot": idf_snapshot,
            "exact": p.fingerprint.exact,
            "bands": list(p.fingerprint.bands),
            "event_days": list(p.event_days),
            "data": p.fingerprint.to_bytes(),
        }
        for place, p in enumerate(placed, start=1)
    ]
    session.execute(insert(FingerprintRow).values(rows))
    _write_terms(session, placed)


def _write_terms(session: Session, placed: Sequence[Placed]) -> None:
    terms = [(term, p.article_id, p.fingerprint.day) for p in placed for term in p.index_terms]
    unnested = func.unnest(
        _bigints("terms", [term for term, _, _ in terms]),
        _bigints("articles", [article for _, article, _ in terms]),
        bindparam("days", [day for _, _, day in terms], ARRAY(Integer)),
    )
    names = ["term", "article_id", "day"]
    rows = unnested.table_valued(*names, name="postings").render_derived()
    session.execute(insert(ArticleTerm).from_select(names, select(*(rows.c[name] for name in names))))


def _bigints(name: str, values: list[int]) -> Any:
    return bindparam(name, values, ARRAY(BigInteger))


def _write_evidence(session: Session, placed: Sequence[Placed], idf_snapshot: int, now: datetime) -> None:
    rows = [
        {
            "article_id": p.article_id,
            "matched_id": p.matched_id,
            "relation": p.relation,
            "score": p.score,
            "version": VERSION,
            "idf_snapshot": idf_snapshot,
            "data": p.evidence,
            "created_at": now,
        }
        for p in placed
        if p.matched_id is not None and p.evidence is not None
    ]
    if rows:
        session.execute(insert(Evidence).values(rows))
