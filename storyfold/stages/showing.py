"""Evidence that follows the tie: made out when nobody waits for it, and only of ties that still stand."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from storyfold.matching.evidence import evidence_of
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Judgement, judge_all
from storyfold.stages.incoming import fingerprinted
from storyfold.store import texts, ties
from storyfold.store.candidates import Loader
from storyfold.store.engine import Sessions
from storyfold.store.texts import FoldText
from storyfold.store.ties import Unshown

log = logging.getLogger(__name__)

AT_ONCE = 64
"""Ties that one transaction holds: who ties one of them anew waits for it."""


def show_all(sessions: Sessions, idf: Idf, loader: Loader) -> None:
    """Make out all the evidence that is missing. Several processes may at once, and folding goes on meanwhile."""
    waiting: Sequence[Unshown] = ()
    while True:
        with sessions.begin() as session:
            waiting = ties.unshown(session, AT_ONCE, after=waiting[-1] if waiting else None)
            show(session, waiting, idf, loader, datetime.now(UTC))
        if len(waiting) < AT_ONCE:
            return


def show(session: Session, waiting: Sequence[Unshown], idf: Idf, loader: Loader, now: datetime) -> None:
    """Make out the evidence of these ties, which the session holds. What fails is logged and stays without, for
    `storyfold audit` to find."""
    if not waiting:
        return
    known = texts.texts_of_articles(session, {id for tie in waiting for id in (tie.article_id, tie.matched_id)})
    prints = _fingerprints(session, known, idf, loader)
    judged = judge_all([(prints[tie.article_id], [prints[tie.matched_id]]) for tie in waiting], idf)
    made = {}
    for tie, judgement in zip(waiting, judged, strict=True):
        try:
            made[tie] = _evidence(tie, judgement, known, prints[tie.article_id].language, idf, loader)
        except Exception:
            log.exception("no evidence of the tie of article %s to %s", tie.article_id, tie.matched_id)
    ties.show(session, made, idf.version, now)


def _evidence(
    tie: Unshown, judgement: Judgement, known: Mapping[int, FoldText], language: str, idf: Idf, loader: Loader
) -> dict[str, Any]:
    mine, theirs = (loader.readings.of(id, known[id].text) for id in (tie.article_id, tie.matched_id))
    return evidence_of(mine, theirs, judgement, idf, language) | {"score": round(tie.score, 4)}


def _fingerprints(session: Session, known: Mapping[int, FoldText], idf: Idf, loader: Loader) -> dict[int, Fingerprint]:
    """Those stored; of what an older algorithm made, they are made anew from its text."""
    stored = {candidate.id: candidate.fingerprint for candidate in loader.load(session, known.keys())}
    outdated = [text for id, text in known.items() if id not in stored]
    return stored | {made.id: made.fingerprint for made in fingerprinted(outdated, idf)}
