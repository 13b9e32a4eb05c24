"""The commands beside a run: they join it by its data directory, or say that there is none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from parish import report
from running import Service, environment, storyfold, wait_for
from servers.site import Site


def said(service: Service, *arguments: str) -> str:
    """What a command prints that ends well."""
    run = service.command(*arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_add_submits_and_tells_what_is_known(service: Service, site: Site) -> None:
    url = site.serve("/added", report(601))
    first = said(service, "add", url).split("\t")
    assert first[1:] == ["pending", f"{url}\n"]
    assert service.settled([first[0]])[0]["fate"] == "folded"
    assert said(service, "add", f"{url}#top").split("\t") == [first[0], "folded (known)", f"{url}\n"]


def test_add_says_what_is_no_url_and_takes_the_others(service: Service, site: Site) -> None:
    run = service.command("add", "not a url", site.serve("/added", report(602)))
    assert run.returncode == 1
    assert "http://" in run.stderr
    bad, good = run.stdout.splitlines()
    assert bad.split("\t")[:2] == ["-", "rejected"]
    assert service.settled([good.split("\t")[0]])[0]["fate"] == "folded"


def test_feeds_are_added_listed_polled_and_removed(service: Service, site: Site) -> None:
    url = site.serve("/feed.xml", "<rss version='2.0'><channel><title>Parish pump</title></channel></rss>")
    feed_id = said(service, "feeds", "add", url).split("\t")[0]

    def line() -> str:
        [found] = [line for line in said(service, "feeds", "list").splitlines() if line.split("\t")[0] == feed_id]
        return found if "Parish pump" in found else ""

    assert url in wait_for(line, 30)
    said(service, "feeds", "remove", feed_id)
    assert url not in said(service, "feeds", "list")


def test_removing_a_feed_that_is_not_there_is_an_error(service: Service) -> None:
    run = service.command("feeds", "remove", "999999")
    assert (run.returncode, run.stderr) == (1, "storyfold: there is no feed 999999\n")


@pytest.fixture(scope="module")
def folded(service: Service) -> Any:
    """A link whose article stands in a story."""
    with Site() as site:
        [link] = service.settled(service.submit(site.serve("/folded", report(603))))
    return link


def test_stories_are_listed_with_the_fields_of_the_api(service: Service, folded: Any) -> None:
    listed = {story["id"]: story for story in map(json.loads, said(service, "stories", "--json").splitlines())}
    served = {story["id"]: story for story in service.get("/v1/stories")["items"]}
    assert listed[folded["story_id"]] == served[folded["story_id"]]


def test_a_story_is_shown_with_the_fields_of_the_api(service: Service, folded: Any) -> None:
    shown = json.loads(said(service, "story", folded["story_id"], "--json"))
    assert shown == service.story_of(folded)
    assert folded["url"] in [article["url"] for cluster in shown["clusters"] for article in cluster["articles"]]


def test_a_story_that_is_not_there_is_an_error(service: Service) -> None:
    run = service.command("story", "999999")
    assert run.returncode == 1
    assert run.stderr.startswith("storyfold: ")
    assert "Traceback" not in run.stderr


def test_match_says_what_a_text_is_a_copy_of_and_keeps_nothing(service: Service, folded: Any, tmp_path: Path) -> None:
    article = service.get(f"/v1/articles/{folded['article_id']}")
    (tmp_path / "found.txt").write_text(article["text"], encoding="utf-8")
    links = len(service.all_links())
    printed = json.loads(said(service, "match", str(tmp_path / "found.txt")))
    assert (printed["relation"], printed["matched"]) == ("copy", folded["article_id"])
    assert printed == service.post("/v1/match", {"text": article["text"]})
    assert len(service.all_links()) == links


def test_match_reads_a_page_too(service: Service, folded: Any, site: Site) -> None:
    printed = json.loads(said(service, "match", site.serve("/lifted", report(603))))
    assert (printed["relation"], printed["story_id"]) == ("copy", folded["story_id"])
    assert printed == service.post("/v1/match", {"url": site.url("/lifted")})


def test_doctor_finds_nothing_wrong_with_a_run(service: Service) -> None:
    assert "PROBLEM" not in said(service, "doctor")


@pytest.mark.parametrize(
    "command", [["add", "http://127.0.0.1/"], ["stories"], ["feeds", "list"], ["match", "README.md"]]
)
def test_without_a_run_a_command_says_so(tmp_path: Path, command: list[str]) -> None:
    run = subprocess.run(
        storyfold(*command), env=environment(tmp_path / "var"), capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert "storyfold up" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "var").exists()


def test_doctor_says_what_to_do_without_a_run(tmp_path: Path) -> None:
    run = subprocess.run(
        storyfold("doctor"), env=environment(tmp_path / "var"), capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert "storyfold up" in run.stdout
