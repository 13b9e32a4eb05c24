"""A search for feeds that somebody waits for: what it answers, and that it comes to an end."""

from __future__ import annotations

from datetime import UTC, datetime

from servers.site import Site

from storyfold.settings import Settings
from storyfold.stages import discover
from storyfold.stages.discover import Discovery
from storyfold.web.client import Client
from storyfold.web.guard import AddressGuard

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FEED = "<rss version='2.0'><channel><title>Harbour Post</title><item><link>http://p.example/1</link></item></channel></rss>"
PAGE = "<html><head>{links}</head><body></body></html>"
LINK = "<link rel='alternate' type='application/rss+xml' href='{href}'>"


class Watch:
    """A clock that goes on by a second with each look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


def search(seconds: float = 60.0) -> Discovery:
    client = Client(AddressGuard(["127.0.0.0/8"]), None, "Storyfold/0.1")
    return Discovery(client, 0, lambda seconds: None, seconds, Watch())


def test_the_feeds_of_a_page_are_the_answer(site: Site) -> None:
    url = site.serve("/", PAGE.format(links=LINK.format(href="/feed")))
    feed = site.serve("/feed", FEED, content_type="application/rss+xml")
    found = [{"url": feed, "kind": "rss", "title": "Harbour Post", "entries": 1}]
    assert discover.answer(search(), url, NOW) == {"ok": found}


def test_a_search_whose_time_is_up_answers_with_what_it_found(site: Site) -> None:
    url = site.serve("/", PAGE.format(links="".join(LINK.format(href=f"/{n}") for n in range(10))))
    for n in range(10):
        site.serve(f"/{n}", FEED, content_type="application/rss+xml")
    assert len(discover.answer(search(seconds=6), url, NOW)["ok"]) < 10
    assert len(site.requests) <= 6


def test_a_page_that_is_not_there_is_an_error_with_its_reason(site: Site) -> None:
    error = discover.answer(search(), site.url("/nothing"), NOW)["error"]
    assert (error["reason"], error["transient"]) == ("not-found", False)


def test_a_server_that_fails_is_worth_asking_again(site: Site) -> None:
    error = discover.answer(search(), site.serve("/", status=503), NOW)["error"]
    assert error["transient"] is True


def test_the_guard_holds_for_searches() -> None:
    found = discover.answer(discover.search_for(Settings()), "http://169.254.169.254/latest/meta-data", NOW)
    assert found["error"]["reason"] == "forbidden-address"
