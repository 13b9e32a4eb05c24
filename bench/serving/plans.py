"""How PostgreSQL goes about what the API asks of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from bench.serving.requests import SEARCHES
from storyfold.store import stories
from storyfold.store.changes import ChangeFilter, follow_changes
from storyfold.store.engine import make_engine, make_sessions
from storyfold.store.highlights import highlight_stories
from storyfold.store.searches import read_search
from storyfold.store.story_pages import StoryFilter, StorySort

# Tables that grow with every article.
LARGE = {"articles", "revisions", "evidence", "changes"}


def sequential_scans(database_url: str) -> set[str]:
    """Large tables that some request has PostgreSQL go through from end to end."""
    engine = make_engine(database_url)
    found: set[str] = set()
    try:
        with make_sessions(engine)() as session:
            for statement, values in _statements(session):
                plan = session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar()
                found |= LARGE & _scanned(plan[0]["Plan"])
    finally:
        engine.dispose()
    return found


def _statements(session: Session) -> list[tuple[str, Any]]:
    """What lists, stories, changes and searches send, in a transaction that keeps to indexes as theirs do."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    for wanted in (StoryFilter(), StoryFilter(source="paper-7.example"), StoryFilter(min_articles=5, language="de")):
        for sort in (StorySort.UPDATED_AT, StorySort.FIRST_PUBLISHED, StorySort.ARTICLE_COUNT):
            stories.list_stories(session, wanted, sort=sort)
    stories.get_clusters(session, 1)
    follow_changes(session, ChangeFilter(), after=5)
    for q in SEARCHES:
        for sort in StorySort:
            stories.list_stories(session, StoryFilter(q=q), sort=sort)
        highlight_stories(session, read_search(session, q), [1, 2, 3])
    event.remove(engine, "before_cursor_execute", note)
    return sent


def _scanned(plan: dict[str, Any]) -> set[str]:
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return own.union(*(_scanned(part) for part in plan.get("Plans", [])))
