"""Which article speaks for a story: what `matching.canonical` needs to choose, and what it chose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, select, true, update
from sqlalchemy.orm import Session

from storyfold.matching.canonical import Attribution, Credit, Voice, speaker
from storyfold.store.tables import Article, Cluster, Story

# Of each story so many of the first to arrive are heard: who told it first is among them.
VOICES = 200


def appeared() -> ColumnElement[Any]:
    """When an article appeared. What has no date of publication goes by its arrival.

    What is known to the day counts by the latest time it can have: a date without a time must not come before those
    who were there that morning.
    """
    end_of_day = func.least(Article.published + timedelta(days=1), Article.arrived_at)
    known = case((Article.published_precision == "day", end_of_day), else_=Article.published)
    return func.coalesce(known, Article.arrived_at)


def choose_canonical(session: Session, story_ids: Collection[int]) -> None:
    """Choose who speaks for each of these stories: title and language are the story's from now on."""
    chosen = [
        {"story": story, "article": choice.article_id, "reasons": list(choice.reasons)}
        for story, voices in _voices(session, story_ids).items()
        for choice in [speaker(voices)]
    ]
    if not chosen:
        return
    spoken = select(Article.title, Article.language).where(Article.id == bindparam("article"))
    statement = (
        update(Story)
        .where(Story.id == bindparam("story"))
        .values(
            canonical_article_id=bindparam("article"),
            canonical_reasons=bindparam("reasons", type_=Story.canonical_reasons.type),
            title=spoken.with_only_columns(Article.title).scalar_subquery(),
            language=spoken.with_only_columns(Article.language).scalar_subquery(),
        )
    )
    session.connection().execute(statement, chosen)


_HEARD = (
    Article.id,
    Article.words,
    Article.published,
    Article.published_precision,
    Article.source,
    Article.url,
    Article.canonical_url,
    Article.attributions,
)


def _voices(session: Session, story_ids: Collection[int]) -> dict[int, list[Voice]]:
    if not story_ids:
        return {}
    first = (
        select(*_HEARD)
        .join(Cluster, Cluster.id == Article.cluster_id)
        .where(Cluster.story_id == Story.id)
        .order_by(Article.id)
        .limit(VOICES)
        .lateral("first")
    )
    query = select(Story.id.label("story"), first).join(first, true()).where(Story.id.in_(story_ids))
    voices: dict[int, list[Voice]] = defaultdict(list)
    for row in session.execute(query):
        voices[row.story].append(_voice(row))
    return voices


def _voice(row: Any) -> Voice:
    return Voice(
        id=row.id,
        words=row.words or 0,
        published=row.published,
        to_the_day=row.published_precision == "day",
        source=row.source,
        url=row.url,
        canonical_url=row.canonical_url,
        attributions=tuple(Attribution(Credit(kind), name) for kind, name in row.attributions or ()),
    )
