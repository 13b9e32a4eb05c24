"""Changes: reading the log of what happened to stories.

Its order is the order of commits and it has no gaps (see `tables.changes`): every writer holds the fold lock from the
first statement of its transaction to its commit, so a change that can be seen has no change before it that cannot.
Whoever goes on from the last change seen misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from storyfold.errors import BadInput
from storyfold.store import cursors
from storyfold.store.tables import Article, Change, ChangeKind, Cluster, Story

LIST = "changes"
"""The name of the log in its cursors."""

WINDOW = 100_000
"""Entries of the log that one reading goes through at most in search of those that are asked for."""

# What ends a story is told to everybody who may know of it: of a story that is gone nobody can say who told it.
_ENDS = (ChangeKind.MERGED, ChangeKind.REMOVED)


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """What is asked for; None asks for nothing.

    `story_id` also asks for what other stories have to do with it. `source` and the sizes go by what the story is now;
    that it was merged or removed is told whatever it was.
    """

    kinds: frozenset[ChangeKind] | None = None
    story_id: int | None = None
    source: str | None = None
    min_articles: int | None = None
    min_sources: int | None = None


EVERYTHING = ChangeFilter()


@dataclass(frozen=True, slots=True)
class ChangesRead:
    """Changes, oldest first. `behind` is where to go on: all before it that was asked for is here. `more` says that
    the log goes on behind it."""

    changes: Sequence[Change]
    behind: int
    more: bool


def list_changes(session: Session, *, after: int = 0, limit: int = 50) -> list[Change]:
    """Changes after the cursor `after`, oldest first; from the beginning by default.

    Raises:
        BadInput: `after` lies ahead of the log, as it does when the database was restored from an older state.
    """
    return list(follow_changes(session, EVERYTHING, after=after, limit=limit).changes)


def follow_changes(session: Session, wanted: ChangeFilter, *, after: int = 0, limit: int = 50) -> ChangesRead:
    """The same of what is wanted, and where to go on. All in one state of the store: the session is REPEATABLE READ.

    Raises:
        BadInput: as above, or what came behind `after` is no longer kept.
    """
    _require_kept(session, after)
    window = (Change.cursor > after, Change.cursor <= after + WINDOW)
    query = select(Change).where(*window, *_conditions(wanted)).order_by(Change.cursor).limit(limit)
    found = session.scalars(query).all()
    if len(found) == limit:
        return ChangesRead(found, found[-1].cursor, more=True)
    last = last_cursor(session)
    if after > last:
        raise BadInput("this cursor lies ahead of the log of changes: start again without one")
    return ChangesRead(found, min(last, after + WINDOW), more=last > after + WINDOW)


def _require_kept(session: Session, after: int) -> None:
    """Who starts without a cursor starts with the oldest that is kept; who comes back must not miss any unawares."""
    oldest = session.scalar(select(func.min(Change.cursor))) if after else None
    if oldest is not None and after < oldest - 1:
        raise BadInput("what came after this cursor is no longer kept: read the stories, then start without a cursor")


def change_cursor(place: int) -> str:
    """The cursor behind this place in the log, as it is handed out."""
    return cursors.encode(LIST, place)


def last_cursor(session: Session) -> int:
    """The cursor of the newest change; 0 where nothing has happened yet."""
    return session.scalar(select(func.max(Change.cursor))) or 0


def _conditions(wanted: ChangeFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kinds is not None:
        conditions.append(Change.kind.in_(wanted.kinds))
    if wanted.story_id is not None:
        conditions.append(or_(Change.story_id == wanted.story_id, Change.other_story_id == wanted.story_id))
    told = _told(wanted)
    if told:
        conditions.append(or_(Change.kind.in_(_ENDS), exists().where(Story.id == Change.story_id, *told)))
    return conditions


def _told(wanted: ChangeFilter) -> list[ColumnElement[bool]]:
    sizes = [(wanted.min_articles, Story.article_count), (wanted.min_sources, Story.source_count)]
    told: list[ColumnElement[bool]] = [column >= least for least, column in sizes if least is not None]
    if wanted.source is not None:
        by_it = and_(Article.cluster_id == Cluster.id, Cluster.story_id == Story.id, Article.source == wanted.source)
        told.append(exists().where(by_it).correlate(Story))
    return told
