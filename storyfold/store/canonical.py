"""Which article speaks for a story: what `matching.canonical` needs to choose, and what it chose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, and_, bindparam, case, func, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY
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
    """Choose who speaks for each of these stories: title and language are the story's from now on.

    Nothing is written of a story that the same article speaks for, in the same words and for the same reasons.
    """
    chosen = []
    for story, heard in _heard(session, story_ids).items():
        choice = speaker([_voice(row) for row in heard])
        reasons = list(choice.reasons)
        if not any(row.id == choice.article_id and row.speaks and row.reasons == reasons for row in heard):
            chosen.append({"story": story, "article": choice.article_id, "reasons": reasons})
    if chosen:
        session.connection().execute(_SPEAKS, chosen)


_SPOKEN = select(Article.title, Article.language).where(Article.id == bindparam("article"))
_SPEAKS = (
    update(Story)
    .where(Story.id == bindparam("story"))
    .values(
        canonical_article_id=bindparam("article"),
        canonical_reasons=bindparam("reasons", type_=Story.canonical_reasons.type),
        title=_SPOKEN.with_only_columns(Article.title).scalar_subquery(),
        language=_SPOKEN.with_only_columns(Article.language).scalar_subquery(),
    )
)


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


def _heard(session: Session, story_ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """By story the articles that are heard, and of each whether it `speaks` now, and for what `reasons`."""
    if not story_ids:
        return {}
    heard: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.connection().execute(_VOICES, {"stories": list(story_ids)}):
        heard[row.story].append(row)
    return heard


_FIRST = (
    select(*_HEARD, Article.title, Article.language)
    .join(Cluster, Cluster.id == Article.cluster_id)
    .where(Cluster.story_id == Story.id)
    .order_by(Article.id)
    .limit(VOICES)
    .lateral("first")
)
_SPEAKING = and_(
    Story.canonical_article_id.is_not_distinct_from(_FIRST.c.id),
    Story.title.is_not_distinct_from(_FIRST.c.title),
    Story.language.is_not_distinct_from(_FIRST.c.language),
)
_HEARD_OF = [_FIRST.c[column.key] for column in _HEARD]
_VOICES = (
    select(Story.id.label("story"), _SPEAKING.label("speaks"), Story.canonical_reasons.label("reasons"), *_HEARD_OF)
    .join(_FIRST, true())
    .where(Story.id == func.any(bindparam("stories", type_=ARRAY(BigInteger))))
)


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
