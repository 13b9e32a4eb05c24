"""What a story says of its articles: at once where it opens with one, and of several."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from storyfold.settings import Settings
from storyfold.stages.submit import PushedArticle, parse_published, push_article
from storyfold.store import folding
from storyfold.store.engine import Sessions
from workers.runtime import Runtime
from workers.task import run_stage

ORIGINAL = (Path(__file__).parent.parent / "e2e" / "press" / "original.txt").read_text()
_, _, BARE = ORIGINAL.partition("\n")  # without its headline


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield runtime
    runtime.close()


def hand_in(runtime: Runtime, text: str, **told: object) -> None:
    pushed = PushedArticle(text, **told)  # type: ignore[arg-type]
    with runtime.transaction() as session:
        item = push_article(session, pushed, datetime.now(UTC))
    for stage in (runtime.digest, runtime.fold):
        run_stage(runtime, stage, item.id or 0)


def rows(sessions: Sessions) -> list[dict[str, object]]:
    """All that the stories say, but for the time at which it was written."""
    with sessions() as session:
        found = session.execute(text("SELECT * FROM stories ORDER BY id")).mappings().all()
    return [{name: value for name, value in row.items() if name != "updated_at"} for row in found]


@pytest.mark.parametrize(
    "told",
    [
        {"source": "paper.example", "published": "2026-03-02T08:00:00Z", "title": "Bridge closed", "language": "en"},
        {"url": "https://paper.example/1", "published": "2026-03-02"},
        {},
    ],
    ids=["all-known", "known-to-the-day", "nothing-known"],
)
def test_it_says_what_counting_anew_says(runtime: Runtime, sessions: Sessions, told: dict[str, str]) -> None:
    published = parse_published(told["published"]) if "published" in told else None
    hand_in(runtime, ORIGINAL, **(told | {"published": published}))
    written = rows(sessions)
    assert len(written) == 1
    assert (written[0]["article_count"], written[0]["canonical_reasons"]) == (1, ["the only article"])
    with sessions.begin() as session:
        session.execute(text("UPDATE stories SET article_count = 9, source_count = 9, dated_at = now(), title = '?'"))
        folding.recount_stories(session, [written[0]["id"]], datetime.now(UTC))  # type: ignore[list-item]
    assert rows(sessions) == written


def test_where_who_speaks_has_no_title_another_lends_its_own(runtime: Runtime, sessions: Sessions) -> None:
    hand_in(runtime, BARE, source="a.example")
    hand_in(runtime, ORIGINAL, source="b.example", title="Bridge closed")
    hand_in(runtime, ORIGINAL, source="c.example", title="Closed: the bridge")
    assert [(row["title"], row["article_count"]) for row in rows(sessions)] == [("Bridge closed", 3)]
