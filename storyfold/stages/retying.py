"""Ties that a split has cut: a report whose match went to another story is tied to what is beside it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.matching.assign import Candidate
from storyfold.matching.evidence import evidence_of
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Relation, judge
from storyfold.store import texts, ties
from storyfold.store.candidates import Loader
from storyfold.store.texts import FoldText
from storyfold.store.ties import Astray, Tie


def tie_again(session: Session, clusters: Collection[int], idf: Idf, loader: Loader, now: datetime) -> None:
    """Tie anew what these clusters, put into other stories just now, have left astray. The caller holds the fold lock.

    To the nearest of its story that came in before it, as far as they were ever compared; where there is none, it is
    the first of its story to tell of it.
    """
    found = ties.astray(session, clusters)
    both = {id for one in found if one.nearest is not None for id in (one.article_id, one.nearest)}
    loaded = {candidate.id: candidate for candidate in loader.load(session, both)}
    known = texts.texts_of_articles(session, both)
    made = [_tie(one, loaded, known, idf, loader) for one in found]
    ties.write_ties(session, made, idf.version, now)


def _tie(one: Astray, loaded: Mapping[int, Candidate], known: Mapping[int, FoldText], idf: Idf, loader: Loader) -> Tie:
    if one.nearest is None or not {one.article_id, one.nearest} <= loaded.keys() & known.keys():
        return Tie(one.article_id, Relation.NEW, None, None)
    mine, theirs = loaded[one.article_id].fingerprint, loaded[one.nearest].fingerprint
    judgement = judge(mine, [theirs], idf)[0]
    score = one.score if one.score is not None else judgement.score
    readings = [loader.readings.of(id, known[id].text) for id in (one.article_id, one.nearest)]
    shown = evidence_of(readings[0], readings[1], judgement, idf, mine.language) | {"score": round(score, 4)}
    return Tie(one.article_id, Relation.SAME_EVENT, one.nearest, score, shown)
