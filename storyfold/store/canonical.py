"""Which article speaks for a story: what `matching.canonical` needs to choose, and what it chose."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.orm import Session

from storyfold.matching.canonical import Attribution, Credit, Voice, speaker
from storyfold.store.direct import Statement
from storyfold.store.tables import Article

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
    """A row of `VOICES_HEARD`: a story as it stands, and one of its articles."""

    story: int
    told: tuple[int | None, list[str], str | None, str | None]
    id: int
    title: str | None
    language: str | None
    words: int | None
    published: datetime | None
    published_precision: str | None
    source: str | None
    url: str | None
    canonical_url: str | None
    attributions: list[tuple[int, str]] | None

    @staticmethod
    def of(row: tuple[Any, ...]) -> Heard:
        """What a row of `VOICES_HEARD` says; `told` is who speaks for the story, why, and its title and language."""
        story, *rest = row
        return Heard(story, tuple(rest[:4]), *rest[4:])


def choose_canonical(session: Session, heard: Iterable[Heard]) -> None:
    """Choose who speaks for each story of those that `VOICES_HEARD` told of: title and language are the story's from
    now on. Where it has no title, the story has that of the first to come in with one.

    Nothing is written of a story that the same article speaks for, in the same words and for the same reasons.
    """
    stories: dict[int, list[Heard]] = defaultdict(list)
    for row in heard:
        stories[row.story].append(row)
    chosen = []
    for story, voices in stories.items():
        choice = speaker([_voice(row) for row in voices])
        speaks = next(row for row in voices if row.id == choice.article_id)
        title = next((row.title for row in (speaks, *voices) if row.title), None)
        now = (choice.article_id, list(choice.reasons), title, speaks.language)
        if now != speaks.told:
            chosen.append(dict(zip(("story", "article", "reasons", "title", "language"), (story, *now), strict=True)))
    if chosen:
        _SPEAKS.rows(session, {"chosen": json.dumps(chosen)})


_SPEAKS = Statement(
    """
    UPDATE stories SET canonical_article_id = chosen.article, canonical_reasons = chosen.reasons,
        title = chosen.title, language = chosen.language
    FROM jsonb_to_recordset(CAST(:chosen AS jsonb))
        AS chosen(story bigint, article bigint, reasons jsonb, title text, language text)
    WHERE stories.id = chosen.story
    """
)


VOICES_HEARD = f"""
    SELECT stories.id, stories.canonical_article_id, stories.canonical_reasons, stories.title, stories.language,
        first.id, first.title, first.language, first.words, first.published, first.published_precision, first.source,
        first.url, first.canonical_url, first.attributions
    FROM stories, LATERAL (
        SELECT articles.* FROM articles JOIN clusters ON clusters.id = articles.cluster_id
        WHERE clusters.story_id = stories.id ORDER BY articles.id LIMIT {VOICES}
    ) AS first
    WHERE stories.id = ANY(CAST(:stories AS bigint[]))
"""  # noqa: S608 - a number of ours
"""Of each of `stories` the articles that are heard, in order of arrival, as `Heard.of` reads them."""


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
