"""Writing down what the second look at syndication clusters decided. The caller holds the fold lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from storyfold.matching.fingerprint import VERSION
from storyfold.matching.relation import SYNDICATED, Relation
from storyfold.store import folding, kin
from storyfold.store.tables import Article, ChangeKind, Cluster, EditorMark, Evidence, Verdict


@dataclass(frozen=True, slots=True)
class NewTie:
    """Why an article stands in the cluster that it came to."""

    article_id: int
    matched_id: int
    relation: str
    score: float
    evidence: dict[str, Any]


def held_apart(session: Session, cluster_ids: Collection[int]) -> set[frozenset[int]]:
    """Pairs of these clusters that an editor took apart."""
    one, other = (select(Article.id, Article.cluster_id).subquery() for _ in range(2))
    query = (
        select(one.c.cluster_id, other.c.cluster_id)
        .select_from(EditorMark)
        .join(one, one.c.id == EditorMark.article_id)
        .join(other, other.c.id == EditorMark.other_id)
        .where(
            EditorMark.verdict == Verdict.APART,
            one.c.cluster_id.in_(cluster_ids),
            other.c.cluster_id.in_(cluster_ids),
        )
    )
    return {frozenset(pair) for pair in session.execute(query)}


def openers(session: Session, cluster_ids: Collection[int]) -> dict[int, list[int]]:
    """By cluster, the articles that no tie brought there: its first, as a rule."""
    query = select(Article.cluster_id, Article.id).where(
        Article.cluster_id.in_(cluster_ids), Article.relation.not_in([str(r) for r in SYNDICATED])
    )
    found: dict[int, list[int]] = {}
    for cluster, article in session.execute(query.order_by(Article.id)):
        if cluster is not None:
            found.setdefault(cluster, []).append(article)
    return found


def split_off(session: Session, left: Mapping[int, int], now: datetime) -> dict[int, int]:
    """Give each article of `left` a cluster of its own, in the story it is in. Its tie is in doubt from now on.

    -> the new clusters, by article. They are looked at next: kin of their articles may take them.
    """
    if not left:
        return {}
    story_of = _stories(session, left.values())
    fresh = dict(zip(sorted(left), folding.draw_ids(session, Cluster, len(left)), strict=True))
    rows = [{"id": fresh[id], "story_id": story_of[left[id]], "head_article_id": id, "created_at": now} for id in fresh]
    session.execute(insert(Cluster).values(rows))
    for article, cluster in fresh.items():
        session.execute(
            update(Article).where(Article.id == article).values(cluster_id=cluster, relation=Relation.UNCERTAIN)
        )
    folding.new_heads(session, list(fresh))
    _tell(session, set(story_of.values()), now)
    return fresh


def merge(
    session: Session, merged: Mapping[int, int], ties: Sequence[NewTie], idf_snapshot: int, now: datetime
) -> None:
    """Put each cluster of `merged` into the one that stays; a story that is left empty becomes one with the other's."""
    if not merged:
        return
    story_of = _stories(session, {*merged, *merged.values()})
    for goes, stays in merged.items():
        session.execute(update(Article).where(Article.cluster_id == goes).values(cluster_id=stays))
        heads = select(func.min(Cluster.head_article_id)).where(Cluster.id.in_([goes, stays])).scalar_subquery()
        session.execute(update(Cluster).where(Cluster.id == stays).values(head_article_id=heads))
    session.execute(delete(Cluster).where(Cluster.id.in_(list(merged))))
    _write_ties(session, ties, idf_snapshot, now)
    kin.unsettle(session, set(merged.values()))
    told = set(session.scalars(select(Cluster.story_id).where(Cluster.story_id.in_(story_of.values())).distinct()))
    gone: dict[int, int] = {}
    for goes, stays in sorted(merged.items()):
        emptied, into = story_of[goes], _now(gone, story_of[stays])
        if emptied not in told and emptied not in gone and emptied != into:
            older, younger = sorted((emptied, into))
            gone[younger] = older
            told.add(older)
            folding.merge_stories(session, older, younger, now)
    _tell(session, told - gone.keys() - set(gone.values()), now)


def _now(gone: Mapping[int, int], story: int) -> int:
    while story in gone:
        story = gone[story]
    return story


def _tell(session: Session, stories: Collection[int], now: datetime) -> None:
    folding.recount_stories(session, sorted(stories), now)
    folding.append_changes(session, [(ChangeKind.CHANGED, story, None) for story in sorted(stories)], now)


def _stories(session: Session, cluster_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(select(Cluster.id, Cluster.story_id).where(Cluster.id.in_(set(cluster_ids))))
    return {row.id: row.story_id for row in rows}


def _write_ties(session: Session, ties: Sequence[NewTie], idf_snapshot: int, now: datetime) -> None:
    for tie in ties:
        values = {"matched_id": tie.matched_id, "relation": tie.relation, "score": tie.score}
        session.execute(update(Article).where(Article.id == tie.article_id).values(values))
        said = {"version": VERSION, "idf_snapshot": idf_snapshot, "data": tie.evidence, "created_at": now}
        said |= {"relation": tie.relation, "score": tie.score}
        row = upsert(Evidence).values(article_id=tie.article_id, matched_id=tie.matched_id, **said)
        session.execute(row.on_conflict_do_update(index_elements=["article_id", "matched_id"], set_=said))
