"""The folding of a batch, step by step: shared by the fold stage and the dry run of `match`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from storyfold.matching.assign import Assignment, Candidate, assign
from storyfold.matching.candidates import index_terms, query_terms, ranked
from storyfold.matching.evidence import evidence
from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.neighbourhood import Neighbourhood
from storyfold.matching.relation import Judgement
from storyfold.store import candidates, folding, texts
from storyfold.store.folding import Placed
from storyfold.store.tables import Cluster, Story
from storyfold.store.texts import FoldText


@dataclass(frozen=True, slots=True)
class Incoming:
    """An article to be folded, with what the indexes found for it: (article id, shared term), and ids by bands."""

    text: FoldText
    fingerprint: Fingerprint
    asked: dict[int, float]
    found: tuple[tuple[int, int], ...]
    banded: tuple[int, ...]

    @property
    def hits(self) -> list[int]:
        """The candidates, best first."""
        return ranked(self.found, self.asked, self.banded)

    def hits_with(self, newcomers: Iterable[Candidate]) -> list[int]:
        """The same with articles that came in since the indexes were asked."""
        terms = np.fromiter(self.asked, dtype=np.uint32)
        bands = set(self.fingerprint.bands)
        newcomers = list(newcomers)
        shared = [(c.id, term) for c in newcomers for term in terms[np.isin(terms, c.fingerprint.terms)].tolist()]
        banded = [c.id for c in newcomers if not bands.isdisjoint(c.fingerprint.bands)]
        return ranked([*self.found, *shared], self.asked, [*banded, *self.banded])


def prepare(session: Session, text: FoldText, idf: Idf) -> Incoming:
    """Fingerprint an article and ask the indexes for its candidates."""
    made = fingerprint(text.text, title=text.title, language=text.language, published=text.published)
    asked = query_terms(made, idf)
    found = candidates.term_hits(session, asked)
    return Incoming(text, made, asked, tuple(found), tuple(candidates.band_hits(session, made.bands)))


def look_around(session: Session, batch: Sequence[Incoming], late: Sequence[Candidate]) -> Neighbourhood:
    """Load what stands around the batch: its candidates and their representatives. `late` came in meanwhile."""
    around = Neighbourhood()
    around.add(late)
    near = {id for incoming in batch for id in incoming.hits_with(late)}
    places = candidates.placements(session, near)
    members = candidates.cluster_members(session, {cluster for cluster, _ in places.values()})
    told = candidates.story_members(session, {story for _, story in places.values()})
    around.add(candidates.candidates(session, {*near, *members, *told} - around.by_id.keys()))
    return around


def decide(session: Session, batch: Sequence[Incoming], late: Sequence[Candidate], idf: Idf) -> list[Placed]:
    """Place the articles one after the other; each is a candidate of those after it at once."""
    around = look_around(session, batch, late)
    ids = NewIds(session, len(batch))
    newcomers, decided = list(late), []
    for incoming in batch:
        nearby = around.around(incoming.hits_with(newcomers))
        decision = Decision.of(incoming, assign(incoming.fingerprint, nearby, idf), around, ids)
        newcomers.append(decision.as_candidate())
        around.add(newcomers[-1:])
        decided.append(decision)
    return _with_evidence(session, decided, idf)


class NewIds:
    """Ids for clusters and stories that a batch may open."""

    def __init__(self, session: Session, count: int) -> None:
        self._clusters = iter(folding.draw_ids(session, Cluster, count))
        self._stories = iter(folding.draw_ids(session, Story, count))

    def cluster(self) -> int:
        return next(self._clusters)

    def story(self) -> int:
        return next(self._stories)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an article goes, before the evidence is made out."""

    incoming: Incoming
    assignment: Assignment
    cluster_id: int
    story_id: int
    new_story: bool

    @classmethod
    def of(cls, incoming: Incoming, assignment: Assignment, around: Neighbourhood, ids: NewIds) -> Decision:
        """Syndicated articles go to the cluster and story of the one they match; the others open their own."""
        if assignment.cluster_id is not None and assignment.matched_id is not None:
            story_id = around.by_id[assignment.matched_id].story_id
            return cls(incoming, assignment, assignment.cluster_id, story_id, new_story=False)
        return cls(incoming, assignment, ids.cluster(), ids.story(), new_story=True)

    @property
    def judgement(self) -> Judgement | None:
        """What was found about the matched article."""
        return next((t.judgement for t in self.assignment.ties if t.id == self.assignment.matched_id), None)

    def as_candidate(self) -> Candidate:
        text = self.incoming.text
        return Candidate(text.article_id, self.cluster_id, self.story_id, self.incoming.fingerprint, text.published)


def _with_evidence(session: Session, decided: Sequence[Decision], idf: Idf) -> list[Placed]:
    """Make out the evidence of each tie: it takes the texts of both articles."""
    batch = {decision.incoming.text.article_id: decision.incoming.text for decision in decided}
    matched = {decision.assignment.matched_id for decision in decided} - {None} - batch.keys()
    others = batch | texts.texts_of_articles(session, [id for id in matched if id is not None])
    return [_placed(decision, others, idf) for decision in decided]


def _placed(decision: Decision, others: dict[int, FoldText], idf: Idf) -> Placed:
    incoming, assignment, judgement = decision.incoming, decision.assignment, decision.judgement
    found: dict[str, Any] | None = None
    if assignment.matched_id is not None and judgement is not None:
        other = others[assignment.matched_id]
        found = evidence(incoming.text.text, other.text, judgement, idf, incoming.fingerprint.language)
    return Placed(
        article_id=incoming.text.article_id,
        cluster_id=decision.cluster_id,
        story_id=decision.story_id,
        new_cluster=assignment.cluster_id is None,
        new_story=decision.new_story,
        relation=assignment.relation,
        matched_id=assignment.matched_id,
        score=assignment.score,
        evidence=found,
        fingerprint=incoming.fingerprint,
        index_terms=index_terms(incoming.fingerprint, idf),
        published=incoming.text.published,
    )


def judge_alone(session: Session, text: FoldText, idf: Idf) -> dict[str, Any]:
    """What a text would be, were it folded now: `relation`, `matched`, `score`, `story_id` and `evidence`."""
    incoming = prepare(session, text, idf)
    around = look_around(session, [incoming], [])
    assignment = assign(incoming.fingerprint, around.around(incoming.hits), idf)
    matched = assignment.matched_id
    tie = next((tie for tie in assignment.ties if tie.id == matched), None)
    found: dict[str, Any] | None = None
    if matched is not None and tie is not None:
        other = texts.texts_of_articles(session, [matched])[matched]
        found = evidence(text.text, other.text, tie.judgement, idf, incoming.fingerprint.language)
    return {
        "relation": str(assignment.relation),
        "matched": None if matched is None else str(matched),
        "score": assignment.score,
        "story_id": str(around.by_id[matched].story_id) if matched is not None and assignment.cluster_id else None,
        "evidence": found,
    }
