"""robots.txt on the way of a page: asked for once a day, obeyed, and paid for in the host's own turns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from newsstand import NOON, Newsstand
from servers.site import Reply, Site

from storyfold.store.engine import Sessions
from storyfold.store.tables import Fate, Host, Stage

PAGE = "<html><body><p>The ferry sails again.</p></body></html>"
CLOSED = "User-agent: *\nDisallow: /private/\n"


def robots(site: Site, text: str, **more: object) -> None:
    site.serve("/robots.txt", text, content_type="text/plain", **more)


def test_a_page_that_is_disallowed_is_rejected_and_never_asked_for(stand: Newsstand, site: Site) -> None:
    robots(site, CLOSED)
    link = stand.fetched(site.serve("/private/a", PAGE))
    assert (link.fate, link.reason) == (Fate.REJECTED, "robots")
    assert not site.asked("/private/a")


def test_another_spelling_of_the_host_is_no_way_around_the_rules(stand: Newsstand, site: Site) -> None:
    robots(site, CLOSED)
    assert stand.fetched(f"http://2130706433:{site.port}/private/a").reason == "robots"
    assert stand.fetched(f"http://127.1:{site.port}/private/b").reason == "robots"
    assert [request.path for request in site.requests] == ["/robots.txt"]


def test_rules_for_others_do_not_bind_us(stand: Newsstand, site: Site) -> None:
    robots(site, "User-agent: Greedy\nDisallow: /\n\nUser-agent: storyfold\nDisallow: /b\n")
    assert stand.fetched(site.serve("/a", PAGE)).stage == Stage.DIGEST
    assert stand.fetched(site.serve("/b", PAGE)).fate == Fate.REJECTED


def test_a_missing_file_allows_everything_and_costs_one_request_a_day(stand: Newsstand, site: Site) -> None:
    for path in ("/a", "/b", "/private/c"):
        assert stand.fetched(site.serve(path, PAGE)).stage == Stage.DIGEST
    assert len(site.asked("/robots.txt")) == 1
    stand.clock.pass_(days=1, seconds=1)
    stand.fetched(site.serve("/d", PAGE))
    assert len(site.asked("/robots.txt")) == 2


def test_each_port_has_rules_of_its_own(stand: Newsstand, site: Site) -> None:
    robots(site, CLOSED)
    with Site() as other:
        assert stand.fetched(site.serve("/private/a", PAGE)).fate == Fate.REJECTED
        assert stand.fetched(other.serve("/private/a", PAGE)).stage == Stage.DIGEST


def test_while_the_file_cannot_be_had_no_page_is_fetched(stand: Newsstand, site: Site) -> None:
    robots(site, "", status=503)
    link = stand.fetched(site.serve("/a", PAGE))
    assert (link.fate, link.reason, link.attempts) == (Fate.PENDING, "server-error", 1)
    assert link.next_attempt_at == NOON + timedelta(seconds=10)
    assert not site.asked("/a")


def test_what_one_link_learned_of_a_file_that_cannot_be_had_holds_for_the_others(stand: Newsstand, site: Site) -> None:
    robots(site, "", status=503)
    stand.fetched(site.serve("/a", PAGE))
    other = stand.fetched(site.serve("/b", PAGE))
    assert (other.reason, other.next_attempt_at) == ("server-error", NOON + timedelta(seconds=10))
    assert len(site.asked("/robots.txt")) == 1


def test_a_link_whose_hosts_rules_never_come_fails_in_the_end(stand: Newsstand, site: Site) -> None:
    robots(site, "", status=500)
    [link] = stand.submit(site.serve("/a", PAGE))
    for _ in range(3):
        stand.run(stand.fetch, link)
        stand.clock.pass_(minutes=1)
    assert (stand.link(link).fate, stand.link(link).reason) == (Fate.FAILED, "server-error")


def test_rules_known_before_go_on_while_the_file_cannot_be_had(stand: Newsstand, site: Site) -> None:
    robots(site, CLOSED)
    stand.fetched(site.serve("/a", PAGE))
    robots(site, "", status=503)
    stand.clock.pass_(days=1, seconds=1)
    assert stand.fetched(site.serve("/b", PAGE)).stage == Stage.DIGEST
    assert stand.fetched(site.serve("/private/c", PAGE)).fate == Fate.REJECTED


def test_a_host_that_nobody_reaches_fails_its_links_by_that_error(stand: Newsstand) -> None:
    link = stand.fetched("http://127.0.0.1:1/a")
    assert (link.fate, link.reason) == (Fate.PENDING, "connection")


def test_while_one_worker_asks_the_others_wait_without_using_a_try(stand: Newsstand, site: Site) -> None:
    first, second = stand.submit(site.serve("/a", PAGE), site.serve("/b", PAGE))
    tried: list[bool] = []
    stand.run(stand.fetch, first, between=lambda: tried.append(stand.run(stand.fetch, second)))
    assert tried == [False]
    assert stand.link(second).attempts == 0
    assert stand.run(stand.fetch, second)
    assert len(site.asked("/robots.txt")) == 1


def test_the_others_wait_no_longer_for_a_worker_that_died(stand: Newsstand, site: Site) -> None:
    first, second = stand.submit(site.serve("/a", PAGE), site.serve("/b", PAGE))
    with stand.sessions.begin() as session:
        assert stand.fetch.claim(session, first, stand.clock.now)
    assert not stand.run(stand.fetch, second)
    stand.clock.pass_(seconds=41)
    assert stand.run(stand.fetch, second)
    assert stand.link(second).stage == Stage.DIGEST


def test_the_first_page_of_a_host_waits_for_its_turn_after_the_rules(polite: Newsstand, site: Site) -> None:
    link = polite.fetched(site.serve("/a", PAGE))
    assert link.stage == Stage.DIGEST
    [waited] = polite.clock.waited
    assert 0.0 < waited <= 1.0
    assert next_turn(polite, site) == NOON + timedelta(seconds=2)


def test_known_rules_cost_no_turn(polite: Newsstand, site: Site) -> None:
    polite.fetched(site.serve("/a", PAGE))
    polite.clock.pass_(seconds=2)
    polite.fetched(site.serve("/b", PAGE))
    assert next_turn(polite, site) == NOON + timedelta(seconds=3)


def test_what_is_refused_takes_no_turn(polite: Newsstand, site: Site) -> None:
    robots(site, CLOSED)
    polite.fetched(site.serve("/a", PAGE))
    assert polite.fetched(site.serve("/private/b", PAGE)).fate == Fate.REJECTED


def test_a_long_crawl_delay_sends_the_link_back_without_using_a_try(stand: Newsstand, site: Site) -> None:
    robots(site, "User-agent: *\nCrawl-delay: 30\n")
    [link] = stand.submit(site.serve("/a", PAGE))
    stand.run(stand.fetch, link)
    waiting = stand.link(link)
    assert (waiting.fate, waiting.attempts) == (Fate.PENDING, 0)
    assert waiting.next_attempt_at == next_turn(stand, site) == NOON + timedelta(seconds=30)
    stand.clock.pass_(seconds=30)
    stand.run(stand.fetch, link)
    assert stand.link(link).stage == Stage.DIGEST
    assert next_turn(stand, site) == NOON + timedelta(seconds=60)


def test_a_redirect_into_what_is_disallowed_is_rejected(stand: Newsstand, site: Site) -> None:
    robots(site, CLOSED)
    site.serve("/private/b", PAGE)
    site.routes["/a"] = Reply(status=302, headers={"location": "/private/b"})
    assert stand.fetched(site.url("/a")).reason == "robots"


def test_many_workers_at_once_ask_once_and_never_crowd_the_host(sessions: Sessions) -> None:
    stand = Newsstand(sessions)
    with Site(latency=0.02) as site:
        ids = stand.submit(*(site.serve(f"/{number}", PAGE) for number in range(12)))

        def work(id: int) -> None:
            while stand.link(id).stage == Stage.FETCH:
                stand.run(stand.fetch, id)
                stand.clock.pass_(seconds=0.05)  # a host that is full is asked again when a second has passed

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(work, ids, timeout=60))
        assert len(site.asked("/robots.txt")) == 1
        assert len(site.requests) == 13
        assert max(site.most_at_once.values()) <= 2


@pytest.mark.parametrize("body", ["<html>not found</html>", "\x00\xff" * 10, "", "Disallow /private/"])
def test_what_is_no_robots_file_forbids_nothing(stand: Newsstand, site: Site, body: str) -> None:
    robots(site, body)
    assert stand.fetched(site.serve("/private/a", PAGE)).stage == Stage.DIGEST


def next_turn(stand: Newsstand, site: Site) -> object:
    with stand.sessions() as session:
        return session.get_one(Host, site.host).next_request_at
