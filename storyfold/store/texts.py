"""What folding reads of articles: their current texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.store import plans
from storyfold.store.bulk import array
from storyfold.store.direct import Statement


@dataclass(frozen=True, slots=True)
class FoldText:
    """The current text of an article with what its fingerprint is made from."""

    article_id: int
    link_id: int
    text: str
    title: str | None
    language: str | None
    published: datetime | None
    agency: str | None = None


def texts_to_fold(session: Session, link_ids: Collection[int]) -> tuple[list[FoldText], int]:
    """The articles of these links, in order of id; and the greatest sequence folded so far: what has a greater one came
    in later. From here on plans are kept as `plans.keep` does."""
    asked = {"asked": array(link_ids), "keep": plans.worth_keeping(session)}
    rows = _TO_FOLD.rows(session, asked)
    return [FoldText(*row[2:]) for row in rows], rows[0][1] if rows else 0


def came_since(session: Session, seen: int) -> tuple[list[int], int]:
    """The articles folded after the sequence `seen`, in that order; and the greatest sequence by now."""
    rows = _CAME.rows(session, {"seen": seen})
    return [id for id, _ in rows], rows[-1][1] if rows else seen


def texts_of_articles(session: Session, article_ids: Collection[int]) -> dict[int, FoldText]:
    """These articles by id."""
    rows = _OF_ARTICLES.rows(session, {"asked": array(article_ids)}) if article_ids else []
    return {text.article_id: text for text in (FoldText(*row) for row in rows)}


_CURRENT = """
    SELECT articles.id, articles.link_id, revisions.text, articles.title, articles.language, articles.published,
        revisions.agency
    FROM articles
    JOIN revisions ON revisions.article_id = articles.id AND revisions.revision = articles.revision
"""
_TO_FOLD = Statement(
    f"""
    SELECT CASE WHEN CAST(:keep AS boolean) THEN (SELECT {plans.KEPT}) END AS kept,
        (SELECT coalesce(max(sequence), 0) FROM fingerprints) AS seen, current.*
    FROM ({_CURRENT} WHERE articles.link_id = ANY(CAST(:asked AS bigint[])) ORDER BY articles.id) AS current
    """  # noqa: S608 - a statement of ours
)
_CAME = Statement("SELECT article_id, sequence FROM fingerprints WHERE sequence > :seen ORDER BY sequence")
_OF_ARTICLES = Statement(f"{_CURRENT} WHERE articles.id = ANY(CAST(:asked AS bigint[]))")
