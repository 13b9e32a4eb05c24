"""Which article speaks for a story: what `matching.canonical` needs to choose, and what it chose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from storyfold.matching.canonical import Attribution, Credit, Voice, speaker
from storyfold.store.tables import Article, Story

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


class Heard(NamedTuple):
    """A row of `VOICES_HEARD`: an article of a story, and whether it `speaks` for it now, for what `reasons`."""

    story: int
    reasons: list[str]
    speaks: bool
    id: int
    words: int | None
    published: datetime | None
    published_precision: str | None
    source: str | None
    url: str | None
    canonical_url: str | None
    attributions: list[tuple[int, str]] | None


def choose_canonical(session: Session, heard: Iterable[Heard]) -> None:
    """Choose who speaks for each story of those that `VOICES_HEARD` told of: title and language are the story's from
    now on.

    Nothing is written of a story that the same article speaks for, in the same words and for the same reasons.
    """
    stories: dict[int, list[Heard]] = defaultdict(list)
    for row in heard:
        stories[row.story].append(row)
    chosen = []
    for story, voices in stories.items():
        choice = speaker([_voice(row) for row in voices])
        reasons = list(choice.reasons)
        if not any(row.id == choice.article_id and row.speaks and row.reasons == reasons for row in voices):
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


VOICES_HEARD = f"""
    SELECT stories.id AS story, stories.canonical_reasons AS reasons,
        stories.canonical_article_id IS NOT DISTINCT FROM first.id AND stories.title IS NOT DISTINCT FROM first.title
            AND stories.language IS NOT DISTINCT FROM first.language AS speaks,
        first.id, first.words, first.published, first.published_precision, first.source, first.url,
        first.canonical_url, first.attributions
    FROM stories, LATERAL (
        SELECT articles.* FROM articles JOIN clusters ON clusters.id = articles.cluster_id
        WHERE clusters.story_id = stories.id ORDER BY articles.id LIMIT {VOICES}
    ) AS first
    WHERE stories.id = ANY(CAST(:stories AS bigint[]))
"""  # noqa: S608 - a number of ours
"""Of each of `stories` the articles that are heard, as `Heard` has them."""


def _voice(row: Heard) -> Voice:
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
