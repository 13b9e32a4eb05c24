"""From feeds and a webhook to stories: what a small press writes of one night comes out as a person would fold it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from parish import report
from press import (
    BLOGGER_JUNK,
    Entry,
    atom,
    blogger_page,
    courier_page,
    digest_page,
    front_page,
    herald_page,
    rss,
    written,
)
from running import Service, wait_for
from servers.site import Site

COURIER, BLOG, HERALD, DIGEST, TABLOID = (f"127.0.0.{n}" for n in (1, 2, 3, 4, 5))
PUBLISHED = {
    "original": datetime(2025, 3, 12, 6, 40, tzinfo=UTC),
    "independent": datetime(2025, 3, 12, 18, 5, tzinfo=UTC),
    "copy": datetime(2025, 3, 12, 9, 15, tzinfo=UTC),
    "reprint": datetime(2025, 3, 12, 12, 0, tzinfo=UTC),
    "rewrite": datetime(2025, 3, 12, 14, 30, tzinfo=UTC),
    "lookalike": datetime(2025, 4, 3, 13, 20, tzinfo=UTC),
    "unrelated": datetime(2025, 3, 11, 8, 0, tzinfo=UTC),
}
SECONDS = 60.0
REPAIRED = 75.0  # two rounds of repair, every 30 seconds


@dataclass
class County:
    """The outlets, each on an address of its own, and where each text can be read."""

    sites: dict[str, Site]
    urls: dict[str, str] = field(default_factory=dict)

    def entry(self, name: str) -> Entry:
        return Entry(self.urls[name], written("original" if name == "copy" else name).headline, PUBLISHED[name])

    def publish(self) -> None:
        """Put every page where it belongs; no feed names any of them yet."""
        courier, herald = self.sites[COURIER], self.sites[HERALD]
        for name in ("original", "lookalike"):
            url = courier.url(f"/news/{PUBLISHED[name]:%Y/%m/%d}/{name}")
            self.urls[name] = courier.serve(
                f"/news/{PUBLISHED[name]:%Y/%m/%d}/{name}", self._page(courier_page, name, url)
            )
        for name in ("independent", "unrelated"):
            url = herald.url(f"/{name}/")
            self.urls[name] = herald.serve(f"/{name}/", self._page(herald_page, name, url))
        self.urls["rewrite"] = self.sites[TABLOID].serve("/?p=8812", self._page(herald_page, "rewrite", ""))
        copied = blogger_page(written("original"), PUBLISHED["copy"])
        self.urls["copy"] = self.sites[BLOG].serve("/2025/03/fire-guts-corn-hall.html", copied)
        reprinted = digest_page(written("reprint"), PUBLISHED["reprint"])
        self.urls["reprint"] = self.sites[DIGEST].serve("/archive/0312b.htm", reprinted)
        self.urls["front page"] = courier.serve("/news", front_page([self.entry("original"), self.entry("lookalike")]))
        self.urls["missing"] = courier.url("/news/2025/03/12/withdrawn")
        self.urls["hanging"] = herald.serve("/live-blog/", "never seen", delay=600)

    def _page(self, template: Any, name: str, url: str) -> str:
        return str(template(written(name), PUBLISHED[name], url or self.sites[TABLOID].url("/?p=8812")))

    def feed(self, name: str) -> str:
        """Serve a feed. -> its URL."""
        courier, herald = self.sites[COURIER], self.sites[HERALD]
        if name == "courier":
            entries = [self.entry("original"), Entry(self.urls["missing"], "Withdrawn", PUBLISHED["original"])]
            return courier.serve("/rss.xml", rss("Courier", courier.url(), entries), content_type="application/rss+xml")
        entries = [self.entry("independent"), self.entry("unrelated")]
        body = atom(
            "Arle Valley Herald", herald.url(), [*entries, Entry(self.urls["hanging"], "Live", PUBLISHED["copy"])]
        )
        return herald.serve("/feed/", body, content_type="application/atom+xml")


@dataclass
class Folded:
    """What became of each text: its link as the API shows it."""

    service: Service
    county: County
    links: dict[str, Any]

    def story(self, name: str) -> str:
        return str(self.links[name]["story_id"])

    def article(self, name: str) -> Any:
        return self.service.get(f"/v1/articles/{self.links[name]['article_id']}")

    def clusters(self, name: str) -> list[set[str]]:
        """The syndication clusters of the story of a text, as names of texts."""
        named = {link["article_id"]: name for name, link in self.links.items() if link["article_id"]}
        story = self.service.story_of(self.links[name])
        return [
            {named.get(article["id"], article["id"]) for article in cluster["articles"]}
            for cluster in story["clusters"]
        ]

    def explain(self) -> str:
        """Relation, match and score of each text: what a person needs to see when the stories are wrong."""
        rows = []
        for name, link in self.links.items():
            if link["article_id"]:
                article = self.article(name)
                told = {key: article[key] for key in ("id", "story_id", "cluster_id", "relation", "matched", "score")}
                rows.append(f"{name}: {told}")
        return "\n".join(rows)


@pytest.fixture(scope="module")
def county() -> Iterator[County]:
    with ExitStack() as stack:
        hosts = (COURIER, BLOG, HERALD, DIGEST, TABLOID)
        county = County({host: stack.enter_context(Site(host)) for host in hosts})
        county.publish()
        yield county


@pytest.fixture(scope="module")
def folded(service: Service, county: County) -> Folded:
    """Two feeds are watched; when all they name has its fate, the other pages are handed in by the webhook."""
    for name in ("courier", "herald"):
        service.post("/v1/feeds", {"url": county.feed(name)})
    links = _found(service, county, ["original", "independent", "unrelated", "missing", "hanging"])
    others = ["copy", "reprint", "rewrite", "lookalike", "front page"]
    ids = service.submit(*(county.urls[name] for name in others))
    links |= dict(zip(others, service.settled(ids, SECONDS), strict=True))
    return Folded(service, county, links)


def _found(service: Service, county: County, names: list[str]) -> dict[str, Any]:
    """The links that polling found by itself, once each has its fate."""

    def known() -> dict[str, str]:
        by_url = {link["canonical_url"]: link["id"] for link in service.all_links()}
        found = {name: by_url[county.urls[name]] for name in names if county.urls[name] in by_url}
        return found if len(found) == len(names) else {}

    found = wait_for(known, SECONDS, lambda: str(service.get("/v1/feeds")))
    return dict(zip(found, service.settled(found.values(), SECONDS), strict=True))


def runs_of_five(name: str) -> set[tuple[str, ...]]:
    text = written(name)
    words = re.findall(r"\w+", " ".join((text.headline, *text.paragraphs)).casefold())
    return set(zip(*(words[start:] for start in range(5)), strict=False))


def test_the_rewrite_shares_no_run_of_five_words_with_its_source() -> None:
    assert not runs_of_five("rewrite") & runs_of_five("original")


def test_the_independent_report_shares_no_run_of_five_words_with_the_other() -> None:
    assert not runs_of_five("independent") & runs_of_five("original")


@pytest.mark.parametrize(
    ("name", "fate", "reason"),
    [
        *((name, "folded", None) for name in PUBLISHED),
        ("missing", "rejected", "not-found"),
        ("hanging", "failed", "time-out"),
        ("front page", "rejected", "index"),
    ],
)
def test_every_link_ends_with_the_fate_that_is_its_own(
    folded: Folded, name: str, fate: str, reason: str | None
) -> None:
    link = folded.links[name]
    assert (link["fate"], link["reason"]) == (fate, reason)
    assert (link["article_id"] is not None) == (fate == "folded")


def test_what_is_one_text_is_one_syndication_cluster(folded: Folded) -> None:
    assert {"original", "copy", "reprint", "rewrite"} in folded.clusters("original"), folded.explain()


def test_an_independent_report_is_another_cluster_of_the_same_story(folded: Folded) -> None:
    wait_for(lambda: _told_together(folded), REPAIRED, folded.explain)
    assert folded.clusters("original") == [{"original", "copy", "reprint", "rewrite"}, {"independent"}]


def _told_together(folded: Folded) -> bool:
    """Looks anew each time: repair may bring stories together a little later."""
    folded.links |= {name: folded.service.link(folded.links[name]["id"]) for name in PUBLISHED}
    return folded.story("independent") == folded.story("original")


def test_a_look_alike_event_is_a_story_of_its_own(folded: Folded) -> None:
    assert folded.clusters("lookalike") == [{"lookalike"}], folded.explain()


def test_what_has_nothing_to_do_with_it_is_a_story_of_its_own(folded: Folded) -> None:
    assert folded.clusters("unrelated") == [{"unrelated"}], folded.explain()


@pytest.mark.parametrize("name", ["copy", "reprint", "rewrite"])
def test_each_tie_is_called_what_it_is_and_has_evidence(folded: Folded, name: str) -> None:
    article = folded.article(name)
    assert article["relation"] == name, folded.explain()
    family = {folded.links[other]["article_id"] for other in ("original", "copy", "reprint", "rewrite")}
    assert article["matched"] in family - {article["id"]}
    assert 0.5 <= article["score"] <= 1
    assert article["evidence"]


def test_the_article_that_stands_first_in_its_cluster_is_the_one_that_was_published_first(folded: Folded) -> None:
    story = folded.service.story_of(folded.links["original"])
    cluster = next(c for c in story["clusters"] if len(c["articles"]) > 1)
    assert cluster["articles"][0]["id"] == folded.links["original"]["article_id"], cluster


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_clean_text_is_what_the_author_wrote(folded: Folded, name: str) -> None:
    text = written("original" if name == "copy" else name)
    lines = [line for line in folded.article(name)["text"].splitlines() if line]
    assert [line for line in lines if line != text.headline] == list(text.paragraphs)


def test_nothing_of_bloggers_furniture_is_left(folded: Folded) -> None:
    article = folded.article("copy")
    assert not [junk for junk in BLOGGER_JUNK if junk in article["text"] or junk in (article["title"] or "")]


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_headline_date_and_source_are_known(folded: Folded, name: str) -> None:
    article = folded.article(name)
    assert article["title"] == written("original" if name == "copy" else name).headline
    assert article["published"][:10] == PUBLISHED[name].date().isoformat()
    assert article["source"] == folded.county.urls[name].split("/")[2].split(":")[0]


def test_what_a_feed_says_later_is_found_without_anyones_help(folded: Folded) -> None:
    herald = folded.county.sites[HERALD]
    late = herald.serve("/late/", report(950))
    entries = [Entry(late, "Late news", PUBLISHED["lookalike"])]
    herald.serve("/feed/", atom("Arle Valley Herald", herald.url(), entries), content_type="application/atom+xml")
    found = wait_for(lambda: [link for link in folded.service.all_links() if link["canonical_url"] == late], SECONDS)
    assert folded.service.settled([found[0]["id"]], SECONDS)[0]["fate"] == "folded"


def test_stories_are_found_by_their_words_and_their_source(folded: Folded) -> None:
    by_words = folded.service.every("/v1/stories", q="lantern Brackwell", min_articles=4)
    assert [story["id"] for story in by_words] == [folded.story("original")]
    by_source = folded.service.every("/v1/stories", source=TABLOID)
    assert [story["id"] for story in by_source] == [folded.story("original")]
