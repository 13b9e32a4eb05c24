"""`storyfold story` and `storyfold stories`: what a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from storyfold.cli.stories import stories, story
from storyfold.settings import Settings
from storyfold.stages.submit import PushedArticle, parse_published, push_article
from storyfold.store.engine import Sessions
from workers.runtime import Runtime
from workers.task import run_stage

LINE = "1\t2026-03-02T00:00:00Z\t2 articles, 2 sources, 1 cluster\tFire guts "
PRESS = Path(__file__).parent.parent / "e2e" / "press"


@pytest.fixture
def told(sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An article and a rewrite of it."""
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    for day, name in enumerate(("original", "rewrite"), start=1):
        published = parse_published(f"2026-03-0{day}")
        with runtime.transaction() as session:
            pushed = PushedArticle(
                text=(PRESS / f"{name}.txt").read_text(), source=f"{name}.example", published=published
            )
            link_id = push_article(session, pushed, datetime.now(UTC)).id or 0
        for stage in (runtime.digest, runtime.fold):
            run_stage(runtime, stage, link_id)
    monkeypatch.setattr("storyfold.cli.stories.join", lambda _settings: sessions)
    yield
    runtime.close()


@pytest.mark.usefixtures("told")
def test_a_story_shows_what_a_rewrite_has_in_common_with_its_source() -> None:
    lines = CliRunner().invoke(story, ["1"]).output.splitlines()
    assert lines[0].startswith(LINE)
    source, rewrite, shared = lines[-3:]
    assert source.split("\t")[2:4] == ["original.example", "new"]
    assert rewrite.split("\t")[3].startswith("rewrite of 1 (")
    assert shared.startswith("        both: ")
    assert all(kind in shared for kind in (" passages; names ", "; figures "))


@pytest.mark.usefixtures("told")
def test_stories_are_counted_in_words() -> None:
    assert CliRunner().invoke(stories, []).output.startswith(LINE)
