"""What is handed in by HTTP: one page is one link and one article, whatever its spelling and however it comes."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from parish import report
from running import Service
from servers.site import Reply, Site


def test_one_url_posted_fifty_times_at_once_in_four_spellings_is_one_link_and_one_article(
    service: Service, site: Site
) -> None:
    site.serve("/Harbour/tide-mill", report(901))
    plain = f"http://localhost:{site.port}/Harbour/tide-mill"
    spellings = [
        plain,
        f"{plain}?utm_source=newsletter&utm_medium=email&fbclid=IwAR0x1",
        f"{plain}#comments",
        f"HTTP://LocalHost:{site.port}/Harbour/tide-mill",
    ]
    with httpx.Client(base_url=service.http.base_url, timeout=30, trust_env=False) as http:

        def post(number: int) -> Any:
            answer = http.post("/v1/links", json={"urls": [spellings[number % len(spellings)]]})
            assert answer.status_code == 202, answer.text
            return answer.json()["items"][0]

        with ThreadPoolExecutor(50) as threads:
            items = list(threads.map(post, range(50)))
    assert {item["canonical_url"] for item in items} == {plain}
    assert len({item["id"] for item in items}) == 1
    assert Counter(item["created"] for item in items) == {True: 1, False: 49}
    [link] = service.settled({item["id"] for item in items})
    assert link["fate"] == "folded"
    assert [found["id"] for found in service.every("/v1/links", host="localhost")].count(link["id"]) == 1
    assert len(site.asked("/Harbour/tide-mill")) == 1
    members = [a["url"] for cluster in service.story_of(link)["clusters"] for a in cluster["articles"]]
    assert members.count(plain) == 1


def test_a_redirect_to_a_known_page_is_a_duplicate_of_it(service: Service, site: Site) -> None:
    known = site.serve("/quay", report(902))
    site.routes["/short"] = Reply(status=301, headers={"location": "/quay"})
    [first] = service.settled(service.submit(known))
    [second] = service.settled(service.submit(site.url("/short")))
    assert (second["fate"], second["reason"]) == ("duplicate", "redirect")
    assert second["article_id"] == first["article_id"]


def test_a_page_that_names_a_known_address_as_its_own_is_a_duplicate_of_it(service: Service, site: Site) -> None:
    known = site.url("/granary")
    page = report(903).replace("<head>", f"<head><link rel='canonical' href='{known}'>")
    site.serve("/granary", page)
    site.serve("/amp/granary", page)
    [first] = service.settled(service.submit(known))
    [second] = service.settled(service.submit(site.url("/amp/granary")))
    assert (second["fate"], second["reason"]) == ("duplicate", "canonical-url")
    assert second["article_id"] == first["article_id"]


def test_two_addresses_of_one_page_handed_in_together_make_one_article(service: Service, site: Site) -> None:
    page = report(904).replace("<head>", f"<head><link rel='canonical' href='{site.url('/mill')}'>")
    urls = [site.serve(path, page) for path in ("/mill", "/amp/mill", "/m/mill", "/print/mill")]
    links = service.settled(service.submit(*urls))
    assert Counter(link["fate"] for link in links) == {"folded": 1, "duplicate": 3}
    assert len({link["article_id"] for link in links}) == 1


def test_a_pushed_text_is_folded_without_any_fetch(service: Service) -> None:
    text = "\n\n".join(
        (
            "The bell of the harbour chapel at Selwick rang thirteen times at noon on Friday, and nobody can say why.",
            "The sexton, Ruben Aske, found the striking train in order and the rope tied to its cleat. A clockmaker "
            "from Dunmoor is to look at it on Monday at a cost of £240, which the parish has voted to pay.",
        )
    )
    pushed = {"text": text, "title": "Thirteen at noon", "source": "selwick-echo.example", "published": "2025-05-02"}
    [link] = service.settled([service.post("/v1/articles", pushed)["id"]])
    article = service.get(f"/v1/articles/{link['article_id']}")
    assert (link["fate"], link["url"]) == ("folded", None)
    assert (article["title"], article["source"], article["published_precision"]) == (
        "Thirteen at noon",
        "selwick-echo.example",
        "day",
    )
    assert article["text"].startswith("The bell of the harbour chapel")


def test_a_pushed_page_keeps_its_url_and_is_not_fetched(service: Service, site: Site) -> None:
    url = site.url("/members-only")
    [link] = service.settled([service.post("/v1/articles", {"html": report(905), "url": url})["id"]])
    assert (link["fate"], link["canonical_url"]) == ("folded", url)
    assert not site.requests


def test_a_failed_link_can_be_tried_again(service: Service, site: Site) -> None:
    site.routes["/under-repair"] = Reply(status=503)
    [failed] = service.settled(service.submit(site.url("/under-repair")))
    assert (failed["fate"], failed["reason"]) == ("failed", "server-error")
    site.serve("/under-repair", report(906))
    service.post(f"/v1/links/{failed['id']}/retry", {})
    [folded] = service.settled([failed["id"]])
    assert (folded["fate"], folded["reason"]) == ("folded", None)


def test_a_thousand_urls_at_once_are_taken_and_one_more_is_not(service: Service) -> None:
    urls = [f"http://10.255.0.1/{number}" for number in range(1001)]
    assert service.http.post("/v1/links", json={"urls": urls}).status_code == 422
