"""Where an incoming article belongs: the decision, from values alone.

Average link: a syndication cluster is as near as its representatives are on average, so that one accidental likeness
does not chain two clusters together. What stands verbatim needs no average: a copy or a reprint of any member belongs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import SYNDICATED, Judgement, Model, Relation, judge, shipped_model

REPRESENTATIVES = 12  # of a cluster or story are compared at most


class Candidate(NamedTuple):
    """A stored article that may be tied to the incoming one. Dozens are made for every article."""

    id: int
    cluster_id: int
    story_id: int
    fingerprint: Fingerprint
    published: datetime | None = None
    event_days: tuple[int, ...] = ()


class Tie(NamedTuple):
    """One comparison with a candidate."""

    id: int
    cluster_id: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Assignment:
    """`cluster_id` is None where the article opens a cluster of its own (`new` or `uncertain`).

    `matched_id` is the nearest article, verbatim ties first; for `new` it is None. `ties` are the comparisons, nearest
    first.
    """

    relation: Relation
    matched_id: int | None
    score: float
    cluster_id: int | None
    ties: tuple[Tie, ...]


def assign(
    article: Fingerprint,
    candidates: Sequence[Candidate],
    idf: Idf,
    model: Model | None = None,
    *,
    judged: Sequence[Judgement] | None = None,
) -> Assignment:
    """The syndication cluster of an incoming article. `candidates` hold the representatives of their clusters too.

    The outcome does not depend on the order of `candidates`. `judged` is what `judge` says of them, where it is known.
    """
    model = model or shipped_model()
    if judged is None:
        judged = judge(article, [c.fingerprint for c in candidates], idf, model)
    ties = [Tie(c.id, c.cluster_id, j) for c, j in zip(candidates, judged, strict=True)]
    ties.sort(key=lambda t: (-t.judgement.score, t.id))
    if not ties:
        return Assignment(Relation.NEW, None, 0.0, None, ())
    joined = _best_cluster(ties, model)
    if joined is not None:
        nearest = min((t for t in ties if t.cluster_id == joined), key=_distance)
        relation = nearest.judgement.relation
        relation = relation if relation in SYNDICATED else Relation.REWRITE
        return Assignment(relation, nearest.id, nearest.judgement.score, joined, tuple(ties))
    nearest = ties[0]
    if nearest.judgement.score >= model.doubt:
        return Assignment(Relation.UNCERTAIN, nearest.id, nearest.judgement.score, None, tuple(ties))
    return Assignment(Relation.NEW, None, nearest.judgement.score, None, tuple(ties))


def _distance(tie: Tie) -> tuple[int, float, int]:
    """What is quoted word for word is the source, however near a rewrite of it may stand."""
    verbatim = {Relation.COPY: -2, Relation.REPRINT: -1}
    return verbatim.get(tie.judgement.relation, 0), -tie.judgement.score, tie.id


def _best_cluster(ties: Sequence[Tie], model: Model) -> int | None:
    """`ties` stand nearest first; of equally near clusters the one with the nearest article wins.

    No cluster is nearer than its nearest article.
    """
    by_cluster: dict[int, list[Tie]] = {tie.cluster_id: [] for tie in ties if tie.judgement.score >= model.line}
    for tie in ties:
        if tie.cluster_id in by_cluster:
            by_cluster[tie.cluster_id].append(tie)
    best, best_link = None, model.line
    for cluster_id, tied in by_cluster.items():
        link = cluster_link(tied)
        if link > best_link or (best is None and link >= best_link):
            best, best_link = cluster_id, link
    return best


def cluster_link(ties: Sequence[Tie]) -> float:
    """How near a cluster is, 0 to 1: the best verbatim tie, else the mean over the nearer half of its representatives.

    The nearer half (two at least), as rewrites of one text may share little with each other and much with their source.
    Representatives are the newest of those compared, not the nearest: of a large cluster some member is always near.
    """
    verbatim = [t.judgement.score for t in ties if t.judgement.relation in (Relation.COPY, Relation.REPRINT)]
    if verbatim:
        return max(verbatim)
    newest = sorted(ties, key=lambda t: -t.id)[:REPRESENTATIVES]
    return nearer_half(sorted((t.judgement.score for t in newest), reverse=True))


def nearer_half(scores: Sequence[float]) -> float:
    """The mean of the greater half of `scores`, which stand greatest first; of one or two, of all."""
    half = scores[: max(2, (len(scores) + 1) // 2)]
    return sum(half) / len(half) if half else 0.0
