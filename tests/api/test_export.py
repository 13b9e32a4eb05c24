"""`storyfold export` against the API's own answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from storyfold.articles.article import RemovedLine
from storyfold.cli.main import group
from storyfold.store import exports


@pytest.fixture
def export(database_url, monkeypatch):
    monkeypatch.setenv("STORYFOLD_DATABASE_URL", database_url)

    def run(*arguments: object) -> Any:
        return CliRunner().invoke(group, ["export", *(str(argument) for argument in arguments)])

    return run


@pytest.fixture
def furnished(newsroom):
    """Two stories, one merged into the first, and an article that is not folded."""
    removed = (RemovedLine("Read more", "navigation", 1),)
    first, copy = newsroom.article(removed=removed, authors=("Ada Holm",)), newsroom.article("Die Fähre „fährt“.")
    story = newsroom.story([first, copy], [newsroom.article("Another report.")])
    newsroom.story([newsroom.article("A lighthouse was painted.")])
    newsroom.merge(newsroom.story(), into=story)
    newsroom.article("Not folded yet.")
    newsroom.change(1, "created", story)


def records(text: str, kind: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines()]
    return [{name: value for name, value in line.items() if name != "type"} for line in lines if line["type"] == kind]


def test_what_is_written_is_what_the_api_answers(export, furnished, client):
    text = export().stdout
    stories = client.get("/v1/stories").json()["items"]
    assert records(text, "story") == sorted(stories, key=lambda story: int(story["id"]))
    articles = records(text, "article")
    assert len(articles) == 4
    assert articles == [client.get(f"/v1/articles/{article['id']}").json() for article in articles]
    told = {
        (cluster["id"], story["id"], article["id"])
        for story in stories
        for cluster in client.get(f"/v1/stories/{story['id']}").json()["clusters"]
        for article in cluster["articles"]
    }
    assert told == {(article["cluster_id"], article["story_id"], article["id"]) for article in articles}
    assert {(c["id"], c["story_id"]) for c in records(text, "cluster")} == {(c, s) for c, s, _ in told}


def test_the_changes_go_on_where_the_export_ends(export, furnished, client, newsroom):
    [head] = records(export().stdout, "export")
    assert client.get("/v1/changes", params={"cursor": head["next_cursor"]}).json()["items"] == []
    newsroom.change(2, "grown", 1)
    assert len(client.get("/v1/changes", params={"cursor": head["next_cursor"]}).json()["items"]) == 1


def test_an_export_goes_on_behind_any_of_its_records(export, furnished):
    lines = export().stdout.splitlines()
    for number, line in enumerate(lines[1:], start=2):
        record = json.loads(line)
        assert export("--after", f"{record['type']}:{record['id']}").stdout.splitlines() == lines[number:]


def test_a_file_that_broke_off_anywhere_is_completed(export, furnished, tmp_path: Path):
    whole = export().stdout_bytes
    file = tmp_path / "out.jsonl"
    for length in range(0, len(whole), 97):
        file.write_bytes(whole[:length])
        assert export("-o", file, "--resume").exit_code == 0
        assert file.read_bytes() == whole


def test_the_end_of_a_long_file_is_found_block_by_block(export, furnished, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("storyfold.cli.export._BLOCK", 7)
    whole = export().stdout_bytes
    file = tmp_path / "out.jsonl"
    file.write_bytes(whole[:-3])
    export("-o", file, "--resume")
    assert file.read_bytes() == whole


def test_a_file_that_is_no_export_is_left_alone(export, furnished, tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("Dear diary\n")
    assert export("-o", file, "--resume").exit_code != 0
    assert file.read_text() == "Dear diary\n"


@pytest.mark.parametrize("place", ["article", "article:x", "feed:1", "article:99999999999999999999", ""])
def test_a_place_that_is_none_is_refused(place):
    with pytest.raises(exports.BadInput):
        exports.parse_place(place)
