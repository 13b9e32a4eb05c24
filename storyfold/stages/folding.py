"""The folding of a batch, step by step: shared by the fold stage and the dry run of `match`.

A batch is decided twice by the same code: as a draft with nothing locked, which does all the comparing and makes out
the evidence of many, and for good under the fold lock, where what came in meanwhile is added and what the draft found
is there. Evidence that is missing then follows (`stages.showing`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

from sqlalchemy.orm import Session

from storyfold.matching import comparisons
from storyfold.matching.assign import Candidate
from storyfold.matching.candidates import Newcomers, index_terms
from storyfold.matching.canonical import attributions
from storyfold.matching.comparisons import Compared
from storyfold.matching.evidence import evidence_of
from storyfold.matching.idf import Idf
from storyfold.matching.neighbourhood import Neighbourhood, Place
from storyfold.matching.readings import Readings
from storyfold.stages.catching_up import catch_up, take_in
from storyfold.stages.incoming import Incoming, nearby, prepare
from storyfold.stages.judging import COMPARED_STORIES, VERBATIM, Verdict, judge_one, may_tell
from storyfold.store import bonds, candidates, folding, texts
from storyfold.store.candidates import Loader
from storyfold.store.locked import Situation
from storyfold.store.placements import Placed
from storyfold.store.tables import Cluster, Story
from storyfold.store.texts import FoldText

# Ids of what a draft opens: nothing stored has them, and they come after all that is, as those drawn later will.
UNBORN = 2**62


@dataclass(frozen=True, slots=True)
class Decided:
    """An article with its verdict, and where it stands by it."""

    incoming: Incoming
    verdict: Verdict
    stands: Candidate


Ties = dict[tuple[int, int], dict[str, Any]]
"""Evidence by (article, matched article)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch as it would be decided had nothing come in since. `seen` is how far the corpus was looked through.

    `decided` is in the order of `batch`; what is new there has ids from `UNBORN` on, in the order they are to be drawn.
    """

    batch: tuple[Incoming, ...]
    around: Neighbourhood
    ties: Ties = field(default_factory=dict)
    seen: int = 0
    decided: tuple[Decided, ...] = ()

    def stands(self, places: Mapping[int, Place]) -> bool:
        """Whether it would be decided the same, where nothing came in since: all around stands where it stood."""
        own = {incoming.id for incoming in self.batch}
        around = [candidate for id, candidate in self.around.by_id.items() if id not in own]
        return len(own) == len(self.decided) and all(places.get(c.id) == (c.cluster_id, c.story_id) for c in around)

    def opened(self) -> tuple[int, int]:
        """How many clusters and stories are new in it."""
        verdicts = [one.verdict for one in self.decided]
        return sum(v.cluster_id is None for v in verdicts), sum(v.story_id is None for v in verdicts)

    def only(self, link_ids: Collection[int]) -> Draft:
        """What is left of it, where others are no longer held."""
        return replace(self, batch=tuple(i for i in self.batch if i.text.link_id in link_ids))


def draft(session: Session, found: Sequence[FoldText], seen: int, idf: Idf, loader: Loader) -> Draft:
    """Look around a batch, compare, and make out the evidence of the ties that are likely. What is looked at is `seen`
    at least. An article that is folded alone is waited for: it has its place first, and its evidence after that."""
    batch = prepare(session, found, idf)
    around = look_around(session, batch, loader, without={incoming.id for incoming in batch})
    compare_all(session, batch, around)
    caught_up, around, seen = catch_up(session, batch, around, seen, idf, loader)
    unborn = count(UNBORN)
    decided = decide(session, caught_up, around, Newcomers(idf), unborn, unborn)
    ties = make_out(session, decided, idf, loader.readings) if len(batch) > 1 else {}
    return Draft(tuple(caught_up), around, ties, seen, tuple(decided))


def settle(session: Session, drafted: Draft, now: Situation, idf: Idf, loader: Loader) -> list[Placed]:
    """Place the batch for good, under the fold lock: no text is read. What was folded before has left its place."""
    own = {incoming.id for incoming in drafted.batch}
    came = [id for id in now.came if id not in own]
    places = {id: place for id, place in now.places.items() if id not in own}
    clusters = chain(now.clusters, _drawn(session, Cluster, len(own)))
    stories = chain(now.stories, _drawn(session, Story, len(own)))
    if not came and drafted.stands(places):
        return [_placed(one, drafted.ties, idf) for one in _born(drafted.decided, clusters, stories)]
    around = drafted.around.standing(places, {*own, *came})
    newcomers = take_in(session, drafted.batch, around, came, idf, loader)
    decided = decide(session, drafted.batch, around, newcomers, clusters, stories)
    ties = {pair: data for pair, data in drafted.ties.items() if pair[1] not in set(came)}
    return [_placed(one, ties, idf) for one in decided]


def _drawn(session: Session, table: type[Cluster | Story], most: int) -> Iterator[int]:
    """Ids for at most so many new rows; none are drawn before the first is asked for."""
    yield from folding.draw_ids(session, table, most)


def _born(decided: Iterable[Decided], clusters: Iterator[int], stories: Iterator[int]) -> Iterator[Decided]:
    """The same decisions, with ids of `clusters` and `stories` for what is new."""
    drawn: dict[int, int] = {}
    for one in decided:
        stands = one.stands
        if one.verdict.cluster_id is None:
            drawn[stands.cluster_id] = next(clusters)
        if one.verdict.story_id is None:
            drawn[stands.story_id] = next(stories)
        cluster, story = (drawn.get(id, id) for id in (stands.cluster_id, stands.story_id))
        yield replace(one, stands=stands._replace(cluster_id=cluster, story_id=story))


def look_around(session: Session, batch: Sequence[Incoming], loader: Loader, without: Collection[int]) -> Neighbourhood:
    """Load what was found for a batch, and those that stand for their clusters and stories; never any of `without`."""
    timely = {incoming.id: incoming.timely for incoming in batch}
    found = candidates.standing_around(session, nearby(batch), timely, stories=COMPARED_STORIES)
    around = Neighbourhood()
    around.add(loader.known(session, [one for one in found if one.id not in without]))
    return around


def compare_all(session: Session, batch: Iterable[Incoming], around: Neighbourhood) -> None:
    """Compare a batch with what was found around it, and load the stored bonds of what its reports may be told by."""
    met = [(incoming, around.around(incoming.alike), may_tell(incoming, around)) for incoming in batch]
    comparisons.compare_all((incoming.compared, [*near, *telling]) for incoming, near, telling in met)
    told: set[int] = set()
    for incoming, near, telling in met:
        if not any(judged.relation in VERBATIM for judged in incoming.compared.judgements(near)):
            told.update(candidate.id for candidate in telling)
    around.know(bonds.neighbours_of(session, told))


def decide(
    session: Session,
    batch: Sequence[Incoming],
    around: Neighbourhood,
    newcomers: Newcomers,
    clusters: Iterator[int],
    stories: Iterator[int],
) -> list[Decided]:
    """Place the articles one after the other; each is a candidate of those after it at once."""
    decided = []
    for incoming in _meeting(batch, around, newcomers):
        verdict = judge_one(session, incoming, around)
        cluster_id = next(clusters) if verdict.cluster_id is None else verdict.cluster_id
        story_id = next(stories) if verdict.story_id is None else verdict.story_id
        stands = incoming.as_candidate(cluster_id, story_id)
        around.add([stands])
        around.bond(stands, verdict.bonds)
        decided.append(Decided(incoming, verdict, stands))
    return decided


def _meeting(batch: Sequence[Incoming], around: Neighbourhood, newcomers: Newcomers) -> list[Incoming]:
    """Each with what came in before it, those of the batch among it, and compared with it: all in one go."""
    met = []
    for incoming in batch:
        met.append(incoming.meeting(newcomers))
        newcomers.add(incoming.id, incoming.fingerprint)
    known: dict[int, Compared] = {**around.by_id, **{one.id: one for one in batch}}
    found = ((one, {*one.alike, *one.timely}) for one in met)
    comparisons.compare_all((one.compared, [known[id] for id in ids if id in known]) for one, ids in found)
    return met


def make_out(session: Session, decided: Sequence[Decided], idf: Idf, readings: Readings) -> Ties:
    """The evidence of each tie: it takes the texts of both articles."""
    tied = [
        (one.incoming, one.verdict.matched_id, one.verdict.judgement)
        for one in decided
        if one.verdict.matched_id is not None and one.verdict.judgement is not None
    ]
    own = {one.incoming.id: one.incoming.text for one in decided}
    known = own | texts.texts_of_articles(session, {matched for _, matched, _ in tied} - own.keys())
    ties: Ties = {}
    for incoming, matched, judgement in tied:
        if matched in known:
            mine, theirs = (readings.of(id, known[id].text) for id in (incoming.id, matched))
            ties[incoming.id, matched] = evidence_of(mine, theirs, judgement, idf, incoming.fingerprint.language)
    return ties


def _placed(one: Decided, ties: Ties, idf: Idf) -> Placed:
    incoming, verdict, stands = one.incoming, one.verdict, one.stands
    return Placed(
        article_id=stands.id,
        cluster_id=stands.cluster_id,
        story_id=stands.story_id,
        new_cluster=verdict.cluster_id is None,
        new_story=verdict.story_id is None,
        relation=verdict.relation,
        matched_id=verdict.matched_id,
        score=verdict.score,
        evidence=_evidence(one, ties),
        fingerprint=incoming.fingerprint,
        index_terms=index_terms(incoming.fingerprint, idf),
        event_days=incoming.event_days,
        bonds=verdict.bonds,
        kin=verdict.kin,
        attributions=attributions(incoming.text.text, incoming.text.agency),
    )


def _evidence(one: Decided, ties: Ties) -> dict[str, Any] | None:
    matched, judgement = one.verdict.matched_id, one.verdict.judgement
    data = None if matched is None else ties.get((one.incoming.id, matched))
    return data if data is None or judgement is None else data | {"score": round(judgement.score, 4)}


def judge_alone(session: Session, text: FoldText, idf: Idf, loader: Loader) -> dict[str, Any]:
    """What a text would be, were it folded now: `relation`, `matched`, `score`, `story_id` and `evidence`."""
    incoming = prepare(session, [text], idf)[0]
    around = look_around(session, [incoming], loader, without=())
    verdict = judge_one(session, incoming, around)
    one = Decided(incoming, verdict, incoming.as_candidate(0, 0))
    ties = make_out(session, [one], idf, loader.readings)
    return {
        "relation": str(verdict.relation),
        "matched": None if verdict.matched_id is None else str(verdict.matched_id),
        "score": verdict.score,
        "story_id": None if verdict.story_id is None else str(verdict.story_id),
        "evidence": _evidence(one, ties),
    }
