"""Which article speaks for a story: the one that appeared first, as far as dates tell."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from storyfold.store.tables import Article, Cluster, Story

EARLIEST = "earliest"


def appeared() -> ColumnElement[Any]:
    """When an article appeared. What has no date of publication goes by its arrival.

    What is known to the day counts by the latest time it can have: a date without a time must not come before those
    who were there that morning.
    """
    end_of_day = func.least(Article.published + timedelta(days=1), Article.arrived_at)
    known = case((Article.published_precision == "day", end_of_day), else_=Article.published)
    return func.coalesce(known, Article.arrived_at)


def choose_canonical(session: Session, story_ids: Collection[int]) -> None:
    """Let the earliest article of each story speak for it: its title and language are the story's."""
    if not story_ids:
        return
    earliest = (
        select(Cluster.story_id, Article.id, Article.title, Article.language)
        .join(Article, Article.cluster_id == Cluster.id)
        .where(Cluster.story_id.in_(story_ids))
        .distinct(Cluster.story_id)
        .order_by(Cluster.story_id, appeared(), Article.id)
        .subquery("earliest")
    )
    session.execute(
        update(Story)
        .where(Story.id == earliest.c.story_id)
        .values(
            canonical_article_id=earliest.c.id,
            canonical_reasons=[EARLIEST],
            title=earliest.c.title,
            language=earliest.c.language,
        )
        .execution_options(synchronize_session=False)
    )
