"""Compare: what two articles share, and what each made of it. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from storyfold.matching.comparison import Comparison, compare
from storyfold.matching.evidence import evidence
from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.relation import judge
from storyfold.stages.wording import background
from storyfold.store.articles import ArticleRecord, get_article

MOST_CHARACTERS = 100_000
"""Of each text so much is compared: news is a fiftieth of it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`relation` is what the first would be to the second by its wording alone; `evidence` as folding makes it."""

    article: ArticleRecord
    other: ArticleRecord
    relation: str
    score: float
    evidence: dict[str, Any]
    comparison: Comparison
    complete: bool


def compare_articles(
    session: Session, article_id: int, other_id: int, revision: int | None = None, other_revision: int | None = None
) -> Compared:
    """Raises `NotFound` for an article or revision that is not there, `Gone` for one that was taken down."""
    mine = get_article(session, article_id, revision)
    theirs = get_article(session, other_id, other_revision)
    return _compared(mine, theirs)


def _compared(mine: ArticleRecord, theirs: ArticleRecord) -> Compared:
    text, other = (record.revision.text[:MOST_CHARACTERS] for record in (mine, theirs))
    print_of_mine, print_of_theirs = _fingerprint(mine, text), _fingerprint(theirs, other)
    [judgement] = judge(print_of_mine, [print_of_theirs], background())
    comparison = compare(text, other, print_of_mine.language, background())
    whole = max(len(mine.revision.text), len(theirs.revision.text)) <= MOST_CHARACTERS
    return Compared(
        mine,
        theirs,
        str(judgement.relation),
        judgement.score,
        evidence(text, other, judgement, background(), print_of_mine.language),
        comparison,
        complete=comparison.complete and whole,
    )


def _fingerprint(record: ArticleRecord, text: str) -> Fingerprint:
    article = record.article
    return fingerprint(text, title=record.revision.title, language=article.language, published=article.published)
