"""Judging two stored texts by their wording alone: shared by what compares articles and what ties them anew."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from storyfold.matching.evidence import evidence
from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Judgement, Relation, judge
from storyfold.store.texts import FoldText
from storyfold.store.ties import Tie


@cache
def background() -> Idf:
    """Word frequencies are loaded once, when first asked for."""
    return Idf(0)


def nearest(text: FoldText, others: Sequence[FoldText]) -> tuple[FoldText, Judgement] | None:
    """The one of `others` that `text` is most like; None where there are none."""
    judged = judge(_fingerprint(text), [_fingerprint(other) for other in others], background()) if others else []
    pairs = zip(others, judged, strict=True)
    return max(pairs, key=lambda pair: (pair[1].score, -pair[0].article_id), default=None)


def tied(text: FoldText, other: FoldText, judgement: Judgement, relation: Relation, score: float) -> Tie:
    """The tie of `text` to `other`, with its evidence."""
    language = text.language or _fingerprint(text).language
    why = evidence(text.text, other.text, judgement, background(), language)
    return Tie(text.article_id, str(relation), other.article_id, score, why)


def _fingerprint(text: FoldText) -> Fingerprint:
    return fingerprint(text.text, title=text.title, language=text.language, published=text.published)
