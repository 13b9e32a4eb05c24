"""Ties within clusters that were put together or taken apart: each article is tied to one that stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from storyfold.matching.assign import Candidate
from storyfold.matching.idf import Idf
from storyfold.matching.relation import SYNDICATED, Judgement, Relation, judge_all
from storyfold.matching.rooting import rooted
from storyfold.store import candidates, ties
from storyfold.store.candidates import Loader
from storyfold.store.ties import Tie


def root_clusters(session: Session, cluster_ids: Collection[int], idf: Idf, loader: Loader, now: datetime) -> None:
    """Tie anew what lost the article it was tied to, or opened a cluster that went into another.

    Each goes to the nearest of the newest of its cluster; what is left without one is in doubt. Of what is tied in a
    circle the first that came in opens the cluster.
    """
    trees = {cluster: rooted(tied) for cluster, tied in ties.trees(session, cluster_ids).items()}
    torn = {cluster: tree for cluster, tree in trees.items() if tree.loose}
    shown = {*candidates.cluster_members(session, torn), *(tree.root for tree in torn.values())}
    loose = [end for tree in torn.values() for end in tree.loose]
    loaded = {c.id: c for c in loader.load(session, shown | {article for article, _ in loose})}
    beside = [
        (loaded[article], near)
        for article, others in loose
        if article in loaded and (near := [loaded[id] for id in sorted(others & loaded.keys())])
    ]
    made = [Tie(one.id, _kind(judged), other.id, judged.score) for one, other, judged in _nearest(beside, idf)]
    opening = [Tie(tree.root, Relation.NEW, None, None) for tree in trees.values() if tree.circular]
    ties.write_ties(session, [*made, *opening], idf.version, now)
    untied = {article for article, _ in loose} - {tie.article_id for tie in made}
    ties.doubt(session, untied | {tree.root for tree in trees.values()})


def _nearest(
    beside: Sequence[tuple[Candidate, Sequence[Candidate]]], idf: Idf
) -> list[tuple[Candidate, Candidate, Judgement]]:
    """Each article with the nearest of those beside it. All are judged in one go."""
    judged = iter(judge_all([(one.fingerprint, [o.fingerprint for o in others]) for one, others in beside], idf))
    pairs = [(one, list(zip(others, islice(judged, len(others)), strict=True))) for one, others in beside]
    return [(one, *max(near, key=lambda pair: (pair[1].score, -pair[0].id))) for one, near in pairs]


def _kind(judged: Judgement) -> Relation:
    return judged.relation if judged.relation in SYNDICATED else Relation.REWRITE
