"""`storyfold story`, `storyfold stories` and `storyfold match`: what a person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from storyfold.cli.match import match
from storyfold.cli.stories import stories, story
from storyfold.cli.ties import PAIRS
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
    runtime.show_ties()
    monkeypatch.setattr("storyfold.cli.stories.join", lambda _settings: sessions)
    yield
    runtime.close()


@pytest.mark.usefixtures("told")
def test_a_story_shows_what_a_rewrite_has_in_common_with_its_source() -> None:
    lines = CliRunner().invoke(story, ["1"]).output.splitlines()
    assert lines[0].startswith(LINE)
    start = next(n for n, line in enumerate(lines) if "\toriginal.example\t" in line)
    source, rewrite, shared = lines[start : start + 3]
    assert source.split("\t")[2:4] == ["original.example", "new"]
    assert rewrite.split("\t")[3].startswith("rewrite of 1 (")
    assert shared.startswith("        both: ")
    assert all(kind in shared for kind in (" passages; names ", "; figures "))


@pytest.mark.usefixtures("told")
def test_a_story_shows_the_sentences_that_a_tie_rests_on_one_above_the_other() -> None:
    lines = CliRunner().invoke(story, ["1"]).output.splitlines()
    above, below = ([line for line in lines if line.lstrip().startswith(f"{id} │ ")] for id in (2, 1))
    assert 0 < len(above) == len(below) <= PAIRS
    whole = {name: (PRESS / f"{name}.txt").read_text() for name in ("original", "rewrite")}
    assert all(line.partition("│ ")[2].rstrip("…") in " ".join(whole["rewrite"].split()) for line in above)
    assert all(line.partition("│ ")[2].rstrip("…") in " ".join(whole["original"].split()) for line in below)


@pytest.mark.usefixtures("told")
def test_json_of_a_story_has_the_passages_as_offsets() -> None:
    clusters = json.loads(CliRunner().invoke(story, ["1", "--json"]).output)["clusters"]
    [passage, *_] = clusters[0]["articles"][1]["evidence"]["passages"]
    assert sorted(passage) == ["alike", "at", "other"]


def test_a_title_that_would_steer_the_terminal_is_shown_harmless(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyfold.cli.stories.join", lambda _settings: sessions)
    with sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO stories (title, article_count, source_count, cluster_count, dated_at, created_at, updated_at) "
                "VALUES (E'Ferry\\x1b[2J\\x07', 1, 1, 1, now(), now(), now())"
            )
        )
    shown = CliRunner().invoke(stories, []).output
    assert shown.endswith("\tFerry\ufffd[2J\ufffd\n")


@pytest.mark.usefixtures("told")
def test_a_match_shows_a_person_what_is_alike(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storyfold.cli.match.join", lambda _settings: sessions)
    lines = CliRunner().invoke(match, ["--text", str(PRESS / "reprint.txt")]).output.splitlines()
    assert lines[0].startswith("reprint of 1 (")
    assert lines[0].endswith(", story 1")
    assert lines[1].startswith("    1\toriginal.example\t")
    assert lines[2].startswith("    both: ")
    assert sum("│" in line for line in lines) >= PAIRS


@pytest.mark.usefixtures("told")
def test_a_match_is_json_where_no_person_reads(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storyfold.cli.match.join", lambda _settings: sessions)
    answer = json.loads(CliRunner().invoke(match, [str(PRESS / "reprint.txt")]).output)
    assert sorted(answer) == ["evidence", "matched", "relation", "score", "story_id"]


def test_a_match_of_what_is_like_nothing_has_a_score_and_says_so(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyfold.cli.match.join", lambda _settings: sessions)
    answer = json.loads(CliRunner().invoke(match, [str(PRESS / "unrelated.txt")]).output)
    assert (answer["relation"], answer["matched"], answer["score"]) == ("new", None, 0.0)
    said = CliRunner().invoke(match, ["--text", str(PRESS / "unrelated.txt")]).output
    assert said == "new: nothing known is near enough (the nearest came to 0.00)\n"


@pytest.mark.usefixtures("told")
def test_stories_are_counted_in_words() -> None:
    assert CliRunner().invoke(stories, []).output.startswith(LINE)
