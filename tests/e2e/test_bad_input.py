"""Whatever is handed in, it ends in a fate with its reason, and nothing else stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from parish import report
from running import Service, free_port, wait_for
from servers.site import Reply, Site

HTML = {"content-type": "text/html; charset=utf-8"}
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + bytes(range(256)) * 40
SENTENCE = "The ferry to Marle was held for an hour while its crew looked for a goat that had come aboard. "
BROKEN = (
    "<html><head><title>Goat delays ferry</title><body><div><article><h1>Goat delays ferry<p>"
    + "<p><b>".join(f"{SENTENCE * 3}({number})<i></div></table>&nbsp;&#0;&bogus;" for number in range(6))
    + "<div <p class='><script>if (a<b) {"
)

PAGES: dict[str, tuple[Reply, str, str | None]] = {
    "a PDF": (Reply(PDF, headers={"content-type": "application/pdf"}), "rejected", "wrong-type"),
    "a PDF that says it is HTML": (Reply(PDF, headers=HTML), "rejected", "wrong-type"),
    "an empty body": (Reply(b"", headers=HTML), "rejected", "empty"),
    "white space": (Reply(b" \r\n\t ", headers=HTML), "rejected", "empty"),
    "50 MB": (Reply(b"<p>x</p>" * 6_250_000, headers=HTML), "rejected", "too-big"),
    "broken HTML": (Reply(BROKEN.encode(), headers=HTML), "folded", None),
    "a page that is gone": (Reply(status=410), "rejected", "gone"),
    "a server that fails": (Reply(status=500), "failed", "server-error"),
    "a redirect to a private address": (
        Reply(status=302, headers={"location": "http://10.255.0.1/"}),
        "rejected",
        "forbidden-address",
    ),
    "a redirect that goes round": (Reply(status=302, headers={"location": "/"}), "rejected", "redirect-loop"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_ends_with_its_fate_and_its_reason(service: Service, site: Site, name: str) -> None:
    reply, fate, reason = PAGES[name]
    site.routes["/"] = reply
    [link] = service.settled(service.submit(site.url("/")))
    assert (link["fate"], link["reason"]) == (fate, reason)


@pytest.mark.parametrize(
    "url", ["http://10.255.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://0xA9FEA9FE/"]
)
def test_a_private_address_is_forbidden(service: Service, url: str) -> None:
    [link] = service.settled(service.submit(url))
    assert (link["fate"], link["reason"]) == ("rejected", "forbidden-address")


def test_a_server_that_is_not_there_fails(service: Service) -> None:
    [link] = service.settled(service.submit(f"http://127.0.0.1:{free_port()}/"))
    assert (link["fate"], link["reason"], link["attempts"]) == ("failed", "connection", 2)


def test_what_is_no_url_gets_no_link_and_stops_nothing_beside_it(service: Service, site: Site) -> None:
    good = site.serve("/good", report(801))
    items = service.post("/v1/links", {"urls": ["not a url", good, "ftp://example.org/a"]})["items"]
    assert [(item["fate"], item["reason"], item["id"] is None) for item in items] == [
        ("rejected", "invalid-url", True),
        ("pending", None, False),
        ("rejected", "invalid-url", True),
    ]
    assert service.settled([items[1]["id"]])[0]["fate"] == "folded"


@pytest.mark.parametrize(
    "make", [lambda: report(802), lambda: "", lambda: "\x00\xff" * 500], ids=["HTML", "empty", "noise"]
)
def test_a_feed_that_is_none_says_so_and_is_polled_on(service: Service, site: Site, make: Callable[[], str]) -> None:
    feed = service.post("/v1/feeds", {"url": site.serve("/feed", make())})

    def look() -> Any:
        shown = service.get(f"/v1/feeds/{feed['id']}")
        return shown if shown["error"] else None

    shown = wait_for(look, 30)
    assert shown["last_success"] is None
    assert shown["error"].startswith("not-a-feed")
    wait_for(lambda: len(site.asked("/feed")) > 1, 30)
    service.http.delete(f"/v1/feeds/{feed['id']}")


def test_pages_that_are_hard_on_a_parser_do_not_stop_the_others(service: Service, site: Site) -> None:
    hard = {
        "/deep": "<div>" * 20_000 + SENTENCE,
        "/attributes": "<p " + " ".join(f"a{n}='{n}'" for n in range(5_000)) + f">{SENTENCE * 10}</p>",
        "/entities": "&amp;" * 100_000,
        "/one-line": SENTENCE * 5_000,
    }
    urls = [site.serve(path, body) for path, body in hard.items()]
    good = [site.serve(f"/good/{number}", report(810 + number)) for number in range(4)]
    links = service.settled(service.submit(*urls, *good), 90)
    assert [link["fate"] for link in links[len(urls) :]] == ["folded"] * len(good)
    assert all(link["fate"] != "folded" or link["article_id"] for link in links)
