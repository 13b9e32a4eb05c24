"""Writing down where a fold has placed its articles: in few statements, however many articles there are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from storyfold.matching.canonical import Attribution
from storyfold.matching.event import Bond
from storyfold.matching.fingerprint import VERSION, Fingerprint
from storyfold.store.bonds import bonds_kept
from storyfold.store.bulk import Part, blobs, insertion, lists, numbers, strings, write_together
from storyfold.store.folding import changes_appended, recount_stories, stories_of_one, stories_opened
from storyfold.store.kin import kin_kept, unsettled
from storyfold.store.postings import appended
from storyfold.store.tables import ChangeKind
from storyfold.store.ties import Tie, evidence_kept


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
    session: Session,
    placed: Sequence[Placed],
    idf_snapshot: int,
    now: datetime,
    *,
    returned: Collection[int] = (),
    also: Sequence[Part] = (),
) -> dict[int, int]:
    """Write a batch of placements, and with them what is `also` to be written, in a bounded number of statements: one
    for what is known, then what stories of more than one article say of them. -> the sequence of each article's
    fingerprint.

    A story has not grown by articles that have `returned` to it with another text: it has changed.
    """
    new = {p.story_id for p in placed if p.new_story}
    grown = list(dict.fromkeys(p.story_id for p in placed if p.story_id not in new))
    created = list(dict.fromkeys(p.story_id for p in placed if p.story_id in new))
    otherwise = {p.story_id for p in placed if p.bonds or p.new_cluster or p.article_id in returned}
    joined = {p.story_id for p in placed if p.article_id not in returned}
    kinds = [ChangeKind.GROWN if id in joined else ChangeKind.CHANGED for id in grown]
    members = Counter(p.story_id for p in placed)
    alone = [(p.story_id, p.article_id) for p in placed if p.new_story and members[p.story_id] == 1]
    several = [id for id in created if members[id] > 1]
    told = [*((ChangeKind.CREATED, id) for id in created), *zip(kinds, grown, strict=True)]
    parts = [
        stories_opened(several, now),
        stories_of_one(alone, now),
        _clusters([p for p in placed if p.new_cluster], now),
        _articles(placed, now),
        _fingerprints(placed, idf_snapshot),
        appended((p.article_id, p.fingerprint.day, p.index_terms) for p in placed),
        evidence_kept(
            [Tie(p.article_id, p.relation, p.matched_id, p.score, p.evidence) for p in placed], idf_snapshot, now
        ),
        bonds_kept([(p.article_id, other, bond) for p in placed for other, bond in p.bonds]),
        kin_kept([(p.article_id, other) for p in placed for other in p.kin]),
        unsettled({p.cluster_id for p in placed if not p.new_cluster}),
        changes_appended([(kind, id, None) for kind, id in told], now),
    ]
    sequences = sorted(write_together(session, [*parts, *also], "SELECT sequence FROM fingerprints_written"))
    if several or grown:
        recount_stories(session, [*several, *grown], now, by_copies=set(grown) - otherwise)
    return dict(zip((p.article_id for p in placed), sequences, strict=True))


def _clusters(placed: Sequence[Placed], now: datetime) -> Part:
    columns = {
        "id": numbers("bigint", (p.cluster_id for p in placed)),
        "story_id": numbers("bigint", (p.story_id for p in placed)),
        "head_article_id": numbers("bigint", (p.article_id for p in placed)),
    }
    return insertion("clusters", columns, {"created_at": now})


def _articles(placed: Sequence[Placed], now: datetime) -> Part:
    columns = {
        "placed": numbers("bigint", (p.article_id for p in placed)),
        "clusters": numbers("bigint", (p.cluster_id for p in placed)),
        "relations": strings(str(p.relation) for p in placed),
        "matched": numbers("bigint", (p.matched_id for p in placed)),
        "scores": numbers("double precision", (p.score for p in placed)),
        "words": numbers("integer", (p.fingerprint.words for p in placed)),
        "attributions": strings(json.dumps([[int(a.kind), a.name] for a in p.attributions]) for p in placed),
    }
    return Part("articles", _PLACE, {name: column.sent for name, column in columns.items()} | {"placed_at": now})


_PLACE = """
    UPDATE articles SET cluster_id = placed.cluster, relation = placed.relation, matched_id = placed.matched,
        score = placed.score, words = placed.words, attributions = CAST(placed.attributions AS jsonb),
        folded_at = :placed_at
    FROM unnest(
        CAST(:placed AS bigint[]), CAST(:clusters AS bigint[]), CAST(:relations AS text[]),
        CAST(:matched AS bigint[]), CAST(:scores AS double precision[]), CAST(:words AS integer[]),
        CAST(:attributions AS text[])
    ) AS placed(article, cluster, relation, matched, score, words, attributions)
    WHERE articles.id = placed.article
"""


def _fingerprints(placed: Sequence[Placed], idf_snapshot: int) -> Part:
    columns = {
        "article_id": numbers("bigint", (p.article_id for p in placed)),
        "exact": numbers("bigint", (p.fingerprint.exact for p in placed)),
        "bands": lists("bigint", (p.fingerprint.bands for p in placed)),
        "index_terms": lists("bigint", (p.index_terms for p in placed)),
        "event_days": lists("integer", (p.event_days for p in placed)),
        "data": blobs(p.fingerprint.to_bytes() for p in placed),
    }
    return insertion("fingerprints", columns, {"version": VERSION, "idf_snapshot": idf_snapshot}, number="sequence")
