"""Folding an article again whose text has changed: it leaves its place, is decided on anew, and may come back to it.

All under the fold lock. Ids stay where they can: an article that opens a cluster or a story of its own again, and was
alone in its old one, keeps that. A story that lost its only article is the one it went to, and the older id of the two
lives on, as in any merge.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.orm import Session

from storyfold.matching.event import Bond
from storyfold.matching.relation import Relation
from storyfold.store import edits, folding, postings
from storyfold.store.bonds import write_bonds
from storyfold.store.placements import Placed
from storyfold.store.tables import (
    Article,
    BondRow,
    ChangeKind,
    Cluster,
    Evidence,
    FingerprintRow,
    KinRow,
)


@dataclass(frozen=True, slots=True)
class Left:
    """The place that an article has left, and whether nobody stands there any more.

    `bonds` are those it had with articles that stay: (later article, other article, bond).
    """

    cluster_id: int
    story_id: int
    empty_cluster: bool
    empty_story: bool
    bonds: tuple[tuple[int, int, Bond], ...] = ()


def leave(session: Session, article_ids: Collection[int]) -> dict[int, Left]:
    """Take the articles that are folded out of their places, so that nothing finds them there. -> what they left."""
    stood = session.connection().execute(_STOOD, {"asked": sorted(article_ids)}).all() if article_ids else []
    if not stood:
        return {}
    ids = [row.id for row in stood]
    postings.remove(session, ids)
    for table in (FingerprintRow, Evidence):
        session.execute(delete(table).where(table.article_id.in_(ids)))
    bonds = _take_bonds(session, ids)
    session.execute(delete(KinRow).where(or_(KinRow.article_id.in_(ids), KinRow.other_id.in_(ids))))
    nowhere = {"cluster_id": None, "relation": None, "matched_id": None, "score": None, "folded_at": None}
    session.execute(update(Article).where(Article.id.in_(ids)).values(nowhere))
    clusters = _alive(session, Article.cluster_id.in_({row.cluster_id for row in stood}))
    stories = _alive(session, Cluster.story_id.in_({row.story_id for row in stood}))
    folding.new_heads(session, ids)
    alive = {cluster for cluster, _ in clusters}
    told = {story for _, story in stories}
    return {
        row.id: Left(
            row.cluster_id, row.story_id, row.cluster_id not in alive, row.story_id not in told, tuple(bonds[row.id])
        )
        for row in stood
    }


def _take_bonds(session: Session, ids: Collection[int]) -> dict[int, list[tuple[int, int, Bond]]]:
    """Delete every bond of these articles. -> for each those with articles that stay."""
    ends = or_(BondRow.article_id.in_(ids), BondRow.other_id.in_(ids))
    columns = (BondRow.article_id, BondRow.other_id, BondRow.cosine, BondRow.alone, BondRow.settled)
    kept: dict[int, list[tuple[int, int, Bond]]] = {id: [] for id in ids}
    for article, other, *bond in session.execute(delete(BondRow).where(ends).returning(*columns)):
        if (article in kept) != (other in kept):
            kept[article if article in kept else other].append((article, other, Bond(*bond)))
    return kept


_STOOD = text(
    """
    SELECT articles.id, articles.cluster_id, clusters.story_id
    FROM articles JOIN clusters ON clusters.id = articles.cluster_id WHERE articles.id = ANY(CAST(:asked AS bigint[]))
    """
)


def come_back(placed: Sequence[Placed], left: Mapping[int, Left]) -> list[Placed]:
    """The placements, with the ids that articles left behind where they can have them again."""
    kept: list[Placed] = []
    taken: set[int] = set()
    for place in placed:
        old = left.get(place.article_id)
        if old and old.empty_story and place.new_story and old.story_id not in taken:
            taken.add(old.story_id)
            kept.append(replace(place, story_id=old.story_id, new_story=False))
        else:
            kept.append(place)
    moved = {before.story_id: after.story_id for before, after in zip(placed, kept, strict=True) if before.new_story}
    return [replace(place, story_id=moved.get(place.story_id, place.story_id)) for place in kept]


def clear_up(session: Session, placed: Sequence[Placed], left: Mapping[int, Left], now: datetime) -> None:
    """After the placements were written: what nobody stands in any more goes, what lost a member is counted anew."""
    if not left:
        return
    # A text that stands verbatim in its old cluster has no bonds of its own: it tells of its event what it told before.
    verbatim = [p for p in placed if p.relation in (Relation.COPY, Relation.REPRINT)]
    back = [
        left[p.article_id] for p in verbatim if p.article_id in left and left[p.article_id].cluster_id == p.cluster_id
    ]
    write_bonds(session, [bond for old in back for bond in old.bonds])
    for place in placed:
        old = left.get(place.article_id)
        if old and old.cluster_id != place.cluster_id:
            edits.pass_marks_on(session, place.article_id, old.cluster_id)
    gone_to = {old.story_id: place.story_id for place in placed if (old := left.get(place.article_id))}
    session.execute(
        delete(Cluster).where(Cluster.id.in_([old.cluster_id for old in left.values() if old.empty_cluster]))
    )
    alive = {story for _, story in _alive(session, Cluster.story_id.in_(list(gone_to)))}
    stays = {place.story_id for place in placed}
    lost = sorted(story for story, to in gone_to.items() if story in alive and story != to and story not in stays)
    folding.recount_stories(session, lost, now)
    folding.append_changes(session, [(ChangeKind.CHANGED, story, None) for story in lost], now)
    for story, to in sorted(gone_to.items()):
        if story not in alive:
            folding.merge_stories(session, min(story, to), max(story, to), now)


def _alive(session: Session, condition: object) -> set[tuple[int, int]]:
    """(cluster, story) of those that have a member."""
    query = select(Cluster.id, Cluster.story_id).join(Article, Article.cluster_id == Cluster.id)
    return {(cluster, story) for cluster, story in session.execute(query.where(condition).distinct())}  # type: ignore[arg-type]
