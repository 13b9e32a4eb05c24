"""The second look at syndication clusters that changed: load, decide, make out the evidence of what is tied anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.matching.assign import Candidate
from storyfold.matching.event import Bond, bonds_of
from storyfold.matching.event_features import Report
from storyfold.matching.idf import Idf
from storyfold.matching.regroup import Regrouped, groups, regroup
from storyfold.matching.repair import Member, Scores
from storyfold.stages.retying import tie_again
from storyfold.stages.rooting import root_clusters
from storyfold.store import candidates, cluster_repairs, kin
from storyfold.store.bonds import write_bonds
from storyfold.store.bulk import write_together
from storyfold.store.candidates import Loader


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
    if not made.left and not made.merged:
        return len(changed)
    write_bonds(session, _new_bonds(made.left, members, idf))
    write_together(session, [kin.kin_kept(_parted_kin(made, members))])
    fresh = cluster_repairs.split_off(session, made.parted, now)
    cluster_repairs.move(session, made.moved, made.left, now)
    cluster_repairs.merge(session, made.merged, now)
    joined = {*made.moved.values(), *made.merged.values()}
    touched = {*fresh, *joined, *made.left.values()} - made.merged.keys()
    root_clusters(session, touched, idf, loader, now)
    tie_again(session, joined - made.merged.keys(), idf, loader, now)
    return len(changed)


def _members(session: Session, clusters: set[int], loader: Loader) -> dict[int, list[Candidate]]:
    members: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in loader.load(session, candidates.cluster_members(session, clusters)):
        members[candidate.cluster_id].append(candidate)
    return members


def _parted_kin(made: Regrouped, members: Mapping[int, Sequence[Candidate]]) -> list[tuple[int, int]]:
    """What left a cluster together, with what stays there: more of that may belong with it than was shown."""
    stays = {cluster: [m.id for m in members[cluster] if m.id not in made.left] for cluster, _ in made.parted}
    pairs = [(part[0], stays[cluster][0]) for cluster, part in made.parted if stays[cluster]]
    return [(max(pair), min(pair)) for pair in pairs]


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
