"""Ties to articles that were folded again: what was tied to the old text is tied to the new one, or to what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.matching.idf import Idf
from storyfold.matching.relation import SYNDICATED, Judgement, Relation, judge_all
from storyfold.stages.retying import tie_again
from storyfold.stages.rooting import root_clusters
from storyfold.store import ties
from storyfold.store.candidates import Loader
from storyfold.store.placements import Placed
from storyfold.store.refolding import Left
from storyfold.store.ties import Tie, TiedTo

JUDGED_ANEW = 100
"""Ties to one batch that are judged by the new text: folding waits meanwhile. The others keep what they have."""


def hold_together(
    session: Session, placed: Sequence[Placed], left: Mapping[int, Left], idf: Idf, loader: Loader, now: datetime
) -> None:
    """Set right what is tied to the articles that have `left` their places and were `placed` again.

    What copied, reprinted or rewrote an article that stands elsewhere now is tied to what is left beside it. What holds
    is judged by the text as it is now. An article that came back as a copy of its own copies opens their cluster.
    """
    again = [place for place in placed if place.article_id in left]
    if not again:
        return
    tied = ties.tied_to(session, {place.article_id for place in again})
    lost = [one for one in tied if one.relation in SYNDICATED and one.cluster_id != one.matched_cluster_id]
    ties.write_ties(session, [Tie(one.article_id, Relation.NEW, None, None) for one in lost], idf.version, now)
    holding = [one for one in tied if one not in lost][:JUDGED_ANEW]
    ties.write_ties(session, _anew(session, holding, idf, loader), idf.version, now)
    clusters = {left[place.article_id].cluster_id for place in again} | {place.cluster_id for place in again}
    root_clusters(session, clusters, idf, loader, now)
    tie_again(session, clusters, idf, loader, now, joined=clusters)


def _anew(session: Session, holding: Sequence[TiedTo], idf: Idf, loader: Loader) -> list[Tie]:
    """The same ties by the texts as they are now."""
    both = {id for one in holding for id in (one.article_id, one.matched_id)}
    loaded = {candidate.id: candidate for candidate in loader.load(session, both)}
    usable = [one for one in holding if {one.article_id, one.matched_id} <= loaded.keys()]
    asked = [(loaded[one.article_id].fingerprint, [loaded[one.matched_id].fingerprint]) for one in usable]
    judged = [_as_tied(one, judgement) for one, judgement in zip(usable, judge_all(asked, idf), strict=True)]
    return [
        Tie(one.article_id, judgement.relation, one.matched_id, judgement.score)
        for one, judgement in zip(usable, judged, strict=True)
    ]


def _as_tied(one: TiedTo, judged: Judgement) -> Judgement:
    """What one text is to the other now; that both tell one event was not judged by the wording."""
    if one.relation == Relation.SAME_EVENT:
        return judged._replace(relation=Relation.SAME_EVENT, score=judged.score if one.score is None else one.score)
    if one.relation in SYNDICATED and judged.relation in SYNDICATED:
        return judged
    return judged._replace(relation=Relation(one.relation))
