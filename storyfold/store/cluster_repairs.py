"""Writing down what the second look at syndication clusters decided. The caller holds the fold lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from storyfold.store import folding, kin
from storyfold.store.tables import Article, ChangeKind, Cluster, EditorMark, Verdict


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


def split_off(session: Session, parts: Sequence[tuple[int, Sequence[int]]], now: datetime) -> list[int]:
    """Give what left a cluster together (that cluster, the articles) a cluster of its own, in the story it is in.

    -> the new clusters. These and what they left are looked at next: kin may take them, and more may follow.
    """
    if not parts:
        return []
    story_of = _stories(session, [cluster for cluster, _ in parts])
    fresh = folding.draw_ids(session, Cluster, len(parts))
    rows = [
        {"id": id, "story_id": story_of[cluster], "head_article_id": min(part), "created_at": now}
        for id, (cluster, part) in zip(fresh, parts, strict=True)
    ]
    session.execute(insert(Cluster).values(rows))
    for id, (_, part) in zip(fresh, parts, strict=True):
        _put(session, part, id)
    kin.unsettle(session, story_of.keys())
    _tell(session, set(story_of.values()), now)
    return fresh


def move(session: Session, moved: Mapping[int, int], left: Mapping[int, int], now: datetime) -> None:
    """Put each article of `moved` into the cluster that drew it. `left`: the cluster that each was in."""
    for article, cluster in moved.items():
        _put(session, [article], cluster)
        earlier = update(Cluster).where(Cluster.id == cluster, Cluster.head_article_id > article)
        session.execute(earlier.values(head_article_id=article))
    changed = {*moved.values(), *(left[article] for article in moved)}
    kin.unsettle(session, changed)
    if changed:
        _tell(session, set(_stories(session, changed).values()), now)


def _put(session: Session, article_ids: Collection[int], cluster: int) -> None:
    session.execute(update(Article).where(Article.id.in_(article_ids)).values(cluster_id=cluster))
    folding.new_heads(session, article_ids)


def merge(session: Session, merged: Mapping[int, int], now: datetime) -> None:
    """Put each cluster of `merged` into the one that stays; a story that is left empty becomes one with the other's."""
    if not merged:
        return
    story_of = _stories(session, {*merged, *merged.values()})
    for goes, stays in merged.items():
        session.execute(update(Article).where(Article.cluster_id == goes).values(cluster_id=stays))
        heads = select(func.min(Cluster.head_article_id)).where(Cluster.id.in_([goes, stays])).scalar_subquery()
        session.execute(update(Cluster).where(Cluster.id == stays).values(head_article_id=heads))
    session.execute(delete(Cluster).where(Cluster.id.in_(list(merged))))
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
