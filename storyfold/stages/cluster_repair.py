"""The second look at syndication clusters that changed: load, decide, make out the evidence of what is tied anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from storyfold.matching.assign import Candidate
from storyfold.matching.event import Bond, bonds_of
from storyfold.matching.event_features import Report
from storyfold.matching.evidence import evidence
from storyfold.matching.idf import Idf
from storyfold.matching.regroup import groups, regroup
from storyfold.matching.relation import SYNDICATED, Judgement, Relation, judge_all
from storyfold.matching.repair import Member, Scores
from storyfold.store import candidates, cluster_repairs, kin, texts
from storyfold.store.bonds import write_bonds
from storyfold.store.candidates import Loader
from storyfold.store.cluster_repairs import NewTie


def repair_clusters(
    session: Session, idf: Idf, loader: Loader, limit: int, now: datetime, *, scores: Scores | None = None
) -> int:
    """Look at the changed clusters, `limit` at most, and at their kin. -> how many; 0 where all is well."""
    changed = kin.changed_clusters(session, limit)
    if not changed:
        return 0
    near = kin.kin_of(session, changed)
    clusters = {*changed, *(other for others in near.values() for other in others)}
    members = _members(session, clusters, loader)
    looked_at = groups(changed, near, {cluster: len(list_) for cluster, list_ in members.items()})
    shown = {c: [Member(m.id, m.fingerprint) for m in list_] for c, list_ in members.items()}
    apart = cluster_repairs.held_apart(session, clusters)
    made = regroup(shown, looked_at, idf, changed=changed, apart=apart, scores=scores)
    kin.looked_at(session, changed)
    alone = cluster_repairs.split_off(session, made.left, now)
    write_bonds(session, _new_bonds(made.left, members, idf))
    merged = made.merged | {alone[article]: to for article, to in made.moved.items()}
    ties = _new_ties(session, merged, made.left, members, idf, loader)
    cluster_repairs.merge(session, merged, ties, idf.version, now)
    return len(changed)


def _members(session: Session, clusters: set[int], loader: Loader) -> dict[int, list[Candidate]]:
    members: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in loader.load(session, candidates.cluster_members(session, clusters)):
        members[candidate.cluster_id].append(candidate)
    return members


def _new_ties(
    session: Session,
    merged: Mapping[int, int],
    left: Collection[int],
    members: Mapping[int, Sequence[Candidate]],
    idf: Idf,
    loader: Loader,
) -> list[NewTie]:
    """A tie to a cluster that stays for each article that opened one that goes."""
    opened = cluster_repairs.openers(session, merged)
    loaded = {c.id: c for c in loader.load(session, [id for ids in opened.values() for id in ids])}
    beside = [
        (loaded[article], [m for m in members[merged[cluster]] if m.id not in left])
        for cluster, articles in opened.items()
        for article in articles
        if article in loaded
    ]
    pairs = _nearest([(article, others) for article, others in beside if others], idf)
    both = {id for article, (other, _) in pairs.items() for id in (article, other.id)}
    known = texts.texts_of_articles(session, both)
    return [
        NewTie(
            article,
            other.id,
            str(judged.relation if judged.relation in SYNDICATED else Relation.REWRITE),
            judged.score,
            evidence(known[article].text, known[other.id].text, judged, idf, loaded[article].fingerprint.language),
        )
        for article, (other, judged) in pairs.items()
    ]


def _new_bonds(
    left: Mapping[int, int], members: Mapping[int, Sequence[Candidate]], idf: Idf
) -> list[tuple[int, int, Bond]]:
    """What left a cluster may still tell the same event: the bonds with those it stood beside."""
    by_id = {m.id: m for list_ in members.values() for m in list_}  # it may have come from a cluster merged just now
    pairs = [(by_id[article], [m for m in members[cluster] if m.id not in left]) for article, cluster in left.items()]
    made = bonds_of([(_report(own), [_report(other) for other in others]) for own, others in pairs], idf)
    ends = [(own.id, other.id) for own, others in pairs for other in others]
    return [(max(pair), min(pair), bond) for pair, bond in zip(ends, made, strict=True)]


def _report(article: Candidate) -> Report:
    return Report(article.fingerprint, article.event_days)


def _nearest(
    beside: Sequence[tuple[Candidate, Sequence[Candidate]]], idf: Idf
) -> dict[int, tuple[Candidate, Judgement]]:
    """Of those beside each article, the nearest, by the article's id."""
    judged = iter(judge_all([(one.fingerprint, [o.fingerprint for o in others]) for one, others in beside], idf))
    near = {one.id: list(zip(others, islice(judged, len(others)), strict=True)) for one, others in beside}
    return {id: max(pairs, key=lambda pair: (pair[1].score, -pair[0].id)) for id, pairs in near.items()}
