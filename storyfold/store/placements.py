"""Writing down where a fold has placed its articles: a statement for each table, however many articles there are."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from storyfold.matching.canonical import Attribution
from storyfold.matching.event import Bond
from storyfold.matching.fingerprint import VERSION, Fingerprint
from storyfold.store.bonds import write_bonds
from storyfold.store.bulk import append_columns, blobs, insert_columns, lists, numbers
from storyfold.store.folding import append_changes, recount_stories, write_stories
from storyfold.store.kin import unsettle, write_kin
from storyfold.store.tables import ChangeKind
from storyfold.store.ties import Tie, write_evidence


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
    index_terms: Mapping[int, int]
    event_days: Sequence[int]
    bonds: Sequence[tuple[int, Bond]]
    kin: Sequence[int]
    attributions: Sequence[Attribution]


def write_placements(
    session: Session, placed: Sequence[Placed], idf_snapshot: int, now: datetime, *, returned: Collection[int] = ()
) -> dict[int, int]:
    """Write a batch of placements, in a bounded number of statements. -> the sequence of each article's fingerprint.

    A story has not grown by articles that have `returned` to it with another text: it has changed.
    """
    if not placed:
        return {}
    write_stories(session, [p.story_id for p in placed if p.new_story], now)
    _write_clusters(session, [p for p in placed if p.new_cluster], now)
    _write_articles(session, placed, now)
    sequences = _write_fingerprints(session, placed, idf_snapshot)
    _write_evidence(session, placed, idf_snapshot, now)
    write_bonds(session, [(p.article_id, other, bond) for p in placed for other, bond in p.bonds])
    write_kin(session, [(p.article_id, other) for p in placed for other in p.kin])
    unsettle(session, {p.cluster_id for p in placed if not p.new_cluster})
    new = {p.story_id for p in placed if p.new_story}
    grown = list(dict.fromkeys(p.story_id for p in placed if p.story_id not in new))
    created = list(dict.fromkeys(p.story_id for p in placed if p.story_id in new))
    otherwise = {p.story_id for p in placed if p.bonds or p.new_cluster or p.article_id in returned}
    recount_stories(session, [*created, *grown], now, by_copies=set(grown) - otherwise)
    joined = {p.story_id for p in placed if p.article_id not in returned}
    kinds = [ChangeKind.GROWN if id in joined else ChangeKind.CHANGED for id in grown]
    told = [*((ChangeKind.CREATED, id) for id in created), *zip(kinds, grown, strict=True)]
    append_changes(session, [(kind, id, None) for kind, id in told], now)
    return sequences


def _write_clusters(session: Session, placed: Sequence[Placed], now: datetime) -> None:
    columns = {
        "id": numbers("bigint", (p.cluster_id for p in placed)),
        "story_id": numbers("bigint", (p.story_id for p in placed)),
        "head_article_id": numbers("bigint", (p.article_id for p in placed)),
    }
    insert_columns(session, "clusters", columns, {"created_at": now})


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
    session.connection().execute(_PLACE, columns | {"now": now})


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


def _write_fingerprints(session: Session, placed: Sequence[Placed], idf_snapshot: int) -> dict[int, int]:
    columns = {
        "article_id": numbers("bigint", (p.article_id for p in placed)),
        "exact": numbers("bigint", (p.fingerprint.exact for p in placed)),
        "bands": lists("bigint", (p.fingerprint.bands for p in placed)),
        "event_days": lists("integer", (p.event_days for p in placed)),
        "data": blobs(p.fingerprint.to_bytes() for p in placed),
    }
    same = {"version": VERSION, "idf_snapshot": idf_snapshot}
    sequences = append_columns(session, "fingerprints", "sequence", columns, same)
    _write_terms(session, placed)
    return dict(zip((p.article_id for p in placed), sequences, strict=True))


def _write_terms(session: Session, placed: Sequence[Placed]) -> None:
    columns = {
        "term": numbers("bigint", (term for p in placed for term in p.index_terms)),
        "article_id": numbers("bigint", (p.article_id for p in placed for _ in p.index_terms)),
        "day": numbers("integer", (p.fingerprint.day for p in placed for _ in p.index_terms)),
        "share": numbers("smallint", (share for p in placed for share in p.index_terms.values())),
    }
    insert_columns(session, "article_terms", columns)


def _write_evidence(session: Session, placed: Sequence[Placed], idf_snapshot: int, now: datetime) -> None:
    ties = [Tie(p.article_id, p.relation, p.matched_id, p.score, p.evidence) for p in placed]
    write_evidence(session, ties, idf_snapshot, now)
