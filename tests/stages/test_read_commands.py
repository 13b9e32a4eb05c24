"""`storyfold feeds` on a store and a site of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from newsstand import NOON
from servers.site import Site

from storyfold.cli.feeds import feeds
from storyfold.feeds.opml import OpmlFeed, read_opml, write_opml
from storyfold.store.engine import Sessions

MINE = [OpmlFeed("https://a.example/rss", "A", None, ("Coast",)), OpmlFeed("https://b.example/rss", "B")]
Say = Callable[..., Result]


@pytest.fixture
def say(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> Say:
    monkeypatch.setattr("storyfold.cli.feeds.join", lambda _settings: sessions)
    monkeypatch.setenv("STORYFOLD_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("STORYFOLD_HOST_PAUSE", "0")

    def run(*arguments: str, **more: object) -> Result:
        return CliRunner().invoke(feeds, arguments, **more)

    return run


def test_a_list_is_imported_shown_and_exported(say: Say, tmp_path: Path) -> None:
    mine, out = tmp_path / "mine.opml", tmp_path / "out.opml"
    mine.write_bytes(write_opml([*MINE, OpmlFeed("mailto:a@a.example")], title="Mine", now=NOON))
    imported = say("import", str(mine)).output.splitlines()
    assert [line.split("\t")[1:3] for line in imported[:2]] == [["added", feed.url] for feed in MINE]
    assert imported[2].startswith("-\trejected\tmailto:a@a.example\t")
    assert [line.split("\t")[1] for line in say("list").output.splitlines()] == [feed.url for feed in MINE]
    assert all(", " in line or line.endswith("\tok") for line in say("list").output.splitlines())
    say("export", "-o", str(out))
    assert read_opml(out.read_bytes()) == read_opml(say("export").stdout_bytes) == MINE


def test_a_list_comes_from_standard_input(say: Say) -> None:
    assert "added" in say("import", "-", input=write_opml(MINE, title="Mine", now=NOON)).output


def test_a_feeds_query_is_kept_whole(say: Say) -> None:
    assert "https://a.example/rss?utm_source=reader" in say("add", "https://a.example/rss?utm_source=reader").output


def test_a_file_that_is_not_there_is_said(say: Say, tmp_path: Path) -> None:
    run = say("import", str(tmp_path / "none.opml"))
    assert run.exit_code == 1
    assert "cannot be read" in str(run.exception)


def test_the_feeds_of_a_page_are_found(say: Say, site: Site) -> None:
    item = "<item><title>Ferry</title><link>https://a.example/ferry</link></item>"
    site.serve("/feed", f'<rss version="2.0"><channel><title>Harbour Post</title>{item}</channel></rss>')
    home = site.serve("/", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>')
    assert say("discover", home).output == f"{site.url('/feed')}\trss\t1 entries\tHarbour Post\n"


def test_a_page_without_feeds_is_said(say: Say, site: Site) -> None:
    run = say("discover", site.serve("/", "<html><p>Nothing here.</p></html>"))
    assert run.exit_code == 1
    assert "no feed was found" in str(run.exception)
