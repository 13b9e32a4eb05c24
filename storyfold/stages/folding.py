"""The folding of a batch, step by step: shared by the fold stage and the dry run of `match`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from storyfold.matching.assign import Assignment, Candidate, assign
from storyfold.matching.candidates import index_terms, query_terms, ranked
from storyfold.matching.canonical import attributions
from storyfold.matching.dates import event_days
from storyfold.matching.event import NEIGHBOURS, Bond, within_window
from storyfold.matching.event_features import Report
from storyfold.matching.evidence import evidence
from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.neighbourhood import Neighbourhood
from storyfold.matching.relation import Judgement, Relation, judge
from storyfold.matching.story import Told, place
from storyfold.store import bonds, candidates, folding, texts
from storyfold.store.candidates import Hit
from storyfold.store.folding import Placed
from storyfold.store.tables import Cluster, Story
from storyfold.store.texts import FoldText

BONDS_KEPT = NEIGHBOURS

# Stories whose representatives are compared beside the candidates: an event is rarely told in more.
COMPARED_STORIES = 3


@dataclass(frozen=True, slots=True)
class Incoming:
    """An article to be folded, with what the indexes found for it: by rare terms, and by bands."""

    text: FoldText
    fingerprint: Fingerprint
    event_days: tuple[int, ...]
    asked: dict[int, float]
    found: tuple[Hit, ...]
    banded: tuple[int, ...]

    @property
    def report(self) -> Report:
        return Report(self.fingerprint, self.event_days)

    def as_candidate(self, cluster_id: int, story_id: int) -> Candidate:
        """The article as those after it see it, once it stands there."""
        text = self.text
        return Candidate(text.article_id, cluster_id, story_id, self.fingerprint, text.published, self.event_days)

    def meeting(self, newcomers: Sequence[Candidate]) -> Incoming:
        """The same, with those of `newcomers` (in since the indexes were asked) that share what they hold."""
        terms, bands = np.fromiter(self.asked, dtype=np.uint32), set(self.fingerprint.bands)
        shared = [
            Hit(c.id, term, c.fingerprint.day)
            for c in newcomers
            for term in terms[np.isin(terms, c.fingerprint.terms)].tolist()
        ]
        banded = [c.id for c in newcomers if not bands.isdisjoint(c.fingerprint.bands)]
        return replace(self, found=(*self.found, *shared), banded=(*banded, *self.banded))

    @property
    def alike(self) -> list[int]:
        """Candidates of whatever age, best first: old text is lifted too."""
        return ranked(((hit.article_id, hit.term) for hit in self.found), self.asked, self.banded)

    @property
    def timely(self) -> list[int]:
        """Candidates of the same days, best first: what may tell the same event."""
        day = self.fingerprint.day
        near = ((hit.article_id, hit.term) for hit in self.found if within_window(day, hit.day))
        return ranked(near, self.asked, ())


def prepare(session: Session, text: FoldText, idf: Idf) -> Incoming:
    """Fingerprint an article and ask the indexes for its candidates."""
    made = fingerprint(text.text, title=text.title, language=text.language, published=text.published)
    asked = query_terms(made, idf)
    found = candidates.term_hits(session, asked)
    titled = f"{text.title}\n{text.text}" if text.title else text.text
    days = event_days(titled, language=made.language, published=text.published)
    return Incoming(text, made, days, asked, tuple(found), tuple(candidates.band_hits(session, made.bands)))


def look_around(session: Session, batch: Sequence[Incoming], late: Sequence[Candidate]) -> Neighbourhood:
    """Load what stands around the batch: its candidates and their representatives. `late` came in meanwhile."""
    around = Neighbourhood()
    around.add(late)
    met = [incoming.meeting(late) for incoming in batch]
    near = {id for incoming in met for id in (*incoming.alike, *incoming.timely)}
    places = candidates.placements(session, near)
    members = candidates.cluster_members(session, {cluster for cluster, _ in places.values()})
    told = candidates.story_members(session, {story for _, story in places.values()})
    around.add(candidates.candidates(session, {*near, *members, *told} - around.by_id.keys()))
    return around


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is to what is known. `cluster_id` and `story_id` are None where it opens its own."""

    relation: Relation
    matched_id: int | None
    score: float
    cluster_id: int | None
    story_id: int | None
    judgement: Judgement | None
    bonds: tuple[tuple[int, Bond], ...] = ()


def judge_one(
    session: Session, incoming: Incoming, around: Neighbourhood, newcomers: Sequence[Candidate], idf: Idf
) -> Verdict:
    """Syndication first: what no cluster takes may still tell an event that is known."""
    incoming = incoming.meeting(newcomers)
    assignment = assign(incoming.fingerprint, around.around(incoming.alike), idf)
    if assignment.cluster_id is not None and assignment.matched_id is not None:
        return _verdict(assignment, assignment.cluster_id, around.by_id[assignment.matched_id].story_id)
    told = around.telling(incoming.timely, stories=COMPARED_STORIES)
    placement = place(incoming.report, _told(session, around, told), idf)
    if placement.story_id is None or placement.matched_id is None:
        return replace(_verdict(assignment, None, None), bonds=placement.bonds)
    judgement = judge(incoming.fingerprint, [around.by_id[placement.matched_id].fingerprint], idf)[0]
    return Verdict(
        Relation.SAME_EVENT,
        placement.matched_id,
        placement.score,
        None,
        placement.story_id,
        replace(judgement, relation=Relation.SAME_EVENT, score=placement.score),
        placement.bonds,
    )


def _verdict(assignment: Assignment, cluster_id: int | None, story_id: int | None) -> Verdict:
    matched = assignment.matched_id
    judgement = next((tie.judgement for tie in assignment.ties if tie.id == matched), None)
    return Verdict(assignment.relation, matched, assignment.score, cluster_id, story_id, judgement)


def _told(session: Session, around: Neighbourhood, near: Sequence[Candidate]) -> list[Told]:
    stored = bonds.neighbours_of(session, [candidate.id for candidate in near])
    return [
        Told(c.id, c.cluster_id, c.story_id, Report(c.fingerprint, c.event_days), [*stored[c.id], *around.bonded(c.id)])
        for c in near
    ]


def decide(session: Session, batch: Sequence[Incoming], late: Sequence[Candidate], idf: Idf) -> list[Placed]:
    """Place the articles one after the other; each is a candidate of those after it at once."""
    around = look_around(session, batch, late)
    clusters = iter(folding.draw_ids(session, Cluster, len(batch)))
    stories = iter(folding.draw_ids(session, Story, len(batch)))
    newcomers, decided = list(late), []
    for incoming in batch:
        verdict = judge_one(session, incoming, around, newcomers, idf)
        cluster_id = next(clusters) if verdict.cluster_id is None else verdict.cluster_id
        story_id = next(stories) if verdict.story_id is None else verdict.story_id
        stands = incoming.as_candidate(cluster_id, story_id)
        around.add([stands])
        around.bond(stands, verdict.bonds)
        newcomers.append(stands)
        decided.append((incoming, verdict, stands))
    return _with_evidence(session, decided, idf)


def _with_evidence(session: Session, decided: Sequence[tuple[Incoming, Verdict, Candidate]], idf: Idf) -> list[Placed]:
    """Make out the evidence of each tie: it takes the texts of both articles."""
    known = {incoming.text.article_id: incoming.text for incoming, _, _ in decided}
    matched = {verdict.matched_id for _, verdict, _ in decided if verdict.matched_id is not None}
    known |= texts.texts_of_articles(session, matched - known.keys())
    return [_placed(incoming, verdict, stands, known, idf) for incoming, verdict, stands in decided]


def _placed(incoming: Incoming, verdict: Verdict, stands: Candidate, known: Mapping[int, FoldText], idf: Idf) -> Placed:
    other = known.get(verdict.matched_id) if verdict.matched_id is not None else None
    return Placed(
        article_id=stands.id,
        cluster_id=stands.cluster_id,
        story_id=stands.story_id,
        new_cluster=verdict.cluster_id is None,
        new_story=verdict.story_id is None,
        relation=verdict.relation,
        matched_id=verdict.matched_id,
        score=verdict.score,
        evidence=_evidence(incoming, other, verdict, idf),
        fingerprint=incoming.fingerprint,
        index_terms=index_terms(incoming.fingerprint, idf),
        event_days=incoming.event_days,
        bonds=nearest_bonds(verdict.bonds),
        attributions=attributions(incoming.text.text, incoming.text.agency),
    )


def _evidence(incoming: Incoming, other: FoldText | None, verdict: Verdict, idf: Idf) -> dict[str, Any] | None:
    if other is None or verdict.judgement is None:
        return None
    return evidence(incoming.text.text, other.text, verdict.judgement, idf, incoming.fingerprint.language)


def nearest_bonds(found: Sequence[tuple[int, Bond]]) -> list[tuple[int, Bond]]:
    """The bonds worth keeping: the nearest, as many as surroundings are made of."""
    return sorted(found, key=lambda pair: (-pair[1].cosine, pair[0]))[:BONDS_KEPT]


def judge_alone(session: Session, text: FoldText, idf: Idf) -> dict[str, Any]:
    """What a text would be, were it folded now: `relation`, `matched`, `score`, `story_id` and `evidence`."""
    incoming = prepare(session, text, idf)
    around = look_around(session, [incoming], [])
    verdict = judge_one(session, incoming, around, [], idf)
    matched = [] if verdict.matched_id is None else [verdict.matched_id]
    other = texts.texts_of_articles(session, matched).get(verdict.matched_id or 0)
    return {
        "relation": str(verdict.relation),
        "matched": str(verdict.matched_id) if matched else None,
        "score": verdict.score,
        "story_id": None if verdict.story_id is None else str(verdict.story_id),
        "evidence": _evidence(incoming, other, verdict, idf),
    }
