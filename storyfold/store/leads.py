"""How stories begin: the opening of each one's canonical article, for lists that are read like a newspaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storyfold.store.tables import Article, Revision, Story

LEAD_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Lead:
    """The opening of a text, at most `LEAD_CHARACTERS` long and ending with a whole word; `cut` where more follows."""

    url: str | None
    source: str | None
    authors: tuple[str, ...]
    text: str
    cut: bool


def story_leads(session: Session, story_ids: Sequence[int]) -> dict[int, Lead]:
    """By story; a story without a canonical article has none."""
    opening = func.left(Revision.text, LEAD_CHARACTERS + 1).label("opening")
    query = (
        select(Story.id, Article.url, Article.source, Revision.authors, opening)
        .join(Article, Article.id == Story.canonical_article_id)
        .join(Revision, (Revision.article_id == Article.id) & (Revision.revision == Article.revision))
        .where(Story.id.in_(story_ids))
    )
    return {
        id: Lead(url, source, tuple(authors), *_whole_words(opening))
        for id, url, source, authors, opening in session.execute(query)
    }


def _whole_words(opening: str) -> tuple[str, bool]:
    if len(opening) <= LEAD_CHARACTERS:
        return opening, False
    cut = opening[:LEAD_CHARACTERS]
    return (cut.rsplit(maxsplit=1)[0] if " " in cut or "\n" in cut else cut), True
