"""What one article is to those around it: a copy, reprint or rewrite, another report of a known event, or new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from storyfold.matching.assign import Assignment, Candidate, Tie, assign
from storyfold.matching.event import Bond, within_window
from storyfold.matching.neighbourhood import Neighbourhood
from storyfold.matching.relation import Judgement, Relation
from storyfold.matching.story import Told, place
from storyfold.stages.incoming import Incoming
from storyfold.store import bonds

# Stories whose representatives are compared beside the candidates: an event is rarely told in more.
COMPARED_STORIES = 3

VERBATIM = frozenset((Relation.COPY, Relation.REPRINT))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is to what is known. `cluster_id` and `story_id` are None where it opens its own."""

    relation: Relation
    matched_id: int | None
    score: float
    cluster_id: int | None
    story_id: int | None
    judgement: Judgement | None
    kin: tuple[int, ...]
    bonds: tuple[tuple[int, Bond], ...] = ()


def judge_one(session: Session, incoming: Incoming, around: Neighbourhood) -> Verdict:
    """Syndication first: what no cluster takes may still tell an event that is known."""
    assignment = _assigned(incoming, around)
    joined = assignment.cluster_id is not None and assignment.matched_id is not None
    if joined and assignment.relation in VERBATIM:
        return _joining(assignment, around)  # what stands verbatim elsewhere tells nothing new of its surroundings
    near = may_tell(incoming, around)
    whole = around.first_stories(incoming.timely, COMPARED_STORIES)
    told, day = _told(session, around, near), incoming.fingerprint.day
    placement = place(day, told, incoming.compared.bonds(near), whole=whole)
    if joined:
        return replace(_joining(assignment, around), bonds=placement.bonds)
    alone = _verdict(assignment, None, None)
    if placement.story_id is None or placement.matched_id is None:
        return replace(alone, bonds=placement.bonds)
    judgement = incoming.compared.judgements([around.by_id[placement.matched_id]])[0]
    return Verdict(
        Relation.SAME_EVENT,
        placement.matched_id,
        placement.score,
        None,
        placement.story_id,
        judgement._replace(relation=Relation.SAME_EVENT, score=placement.score),
        alone.kin,
        placement.bonds,
    )


def _joining(assignment: Assignment, around: Neighbourhood) -> Verdict:
    story = around.by_id[assignment.matched_id].story_id if assignment.matched_id is not None else None
    return _verdict(assignment, assignment.cluster_id, story)


def _assigned(incoming: Incoming, around: Neighbourhood) -> Assignment:
    near = around.around(incoming.alike)
    judged = incoming.compared.judgements(near)
    return assign(incoming.fingerprint, near, incoming.compared.idf, judged=judged)


def _verdict(assignment: Assignment, cluster_id: int | None, story_id: int | None) -> Verdict:
    matched = assignment.matched_id
    judgement = next((tie.judgement for tie in assignment.ties if tie.id == matched), None)
    kin = _kin(assignment.ties, cluster_id)
    return Verdict(assignment.relation, matched, assignment.score, cluster_id, story_id, judgement, kin)


def _kin(ties: Sequence[Tie], cluster_id: int | None) -> tuple[int, ...]:
    """Of each cluster that it did not join, the nearest article that is no stranger to it."""
    nearest: dict[int, int] = {}
    for tie in ties:
        if tie.cluster_id != cluster_id and tie.judgement.relation is not Relation.NEW:
            nearest.setdefault(tie.cluster_id, tie.id)
    return tuple(nearest.values())


def may_tell(incoming: Incoming, around: Neighbourhood) -> list[Candidate]:
    """What may tell the same event: candidates of the same days, and what stands for their stories."""
    day = incoming.fingerprint.day
    found = around.telling(incoming.timely, stories=COMPARED_STORIES)
    return [candidate for candidate in found if within_window(day, candidate.fingerprint.day)]


def _told(session: Session, around: Neighbourhood, near: Sequence[Candidate]) -> list[Told]:
    unknown = around.unknown(candidate.id for candidate in near)
    if unknown:
        around.know(bonds.neighbours_of(session, unknown))
    return [Told(c.id, c.cluster_id, c.story_id, c.fingerprint.day, around.bonded(c.id)) for c in near]
