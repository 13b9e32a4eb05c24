"""Twenty home pages, each with its own way of having a feed, and what must not be taken for one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from storyfold.errors import Rejected
from storyfold.feeds.candidates import declared_feeds
from storyfold.feeds.discovery import MAX_REQUESTS, Document, discover

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOME = "https://harbour.example/"
DAY = NOW.date().isoformat()

RSS = b"<rss version='2.0'><channel><title>T</title><item><title>a</title><link>/a</link></item></channel></rss>"
ATOM = b"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><link href='/a'/></entry></feed>"
JSON = b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": "/a"}]}'
RDF = (
    b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
    b"<item><title>a</title><link>/a</link></item></rdf:RDF>"
)
NEWS = f"<urlset><url><loc>/a</loc><lastmod>{DAY}</lastmod></url></urlset>".encode()
STALE = b"<urlset><url><loc>/a</loc><lastmod>2019-01-01</lastmod></url></urlset>"
PAGE = b"<html><body>no feed</body></html>"


@dataclass
class Home:
    """A site: its home page, what else it serves, what its robots.txt names, and the feeds that must be found."""

    html: str
    serves: dict[str, bytes]
    found: list[str]
    robots: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> Document:
        self.requests.append(url)
        body = self.serves.get(url.removeprefix("https://harbour.example"), None)
        if body is None:
            raise Rejected("not-found")
        return Document(url, "", body)

    def discovered(self) -> list[str]:
        page = Document(HOME, "text/html", self.html.encode())
        return [feed.url for feed in discover(page, self.fetch, now=NOW, robots_sitemaps=self.robots)]


def link(href: str, kind: str = "rss+xml", rel: str = "alternate", title: str = "News") -> str:
    return f'<link rel="{rel}" type="application/{kind}" title="{title}" href="{href}">'


def at(*paths: str) -> list[str]:
    return [f"https://harbour.example{path}" for path in paths]


INDEX = (
    f"<sitemapindex><sitemap><loc>https://harbour.example/s/pages.xml</loc></sitemap><sitemap>"
    f"<loc>https://harbour.example/s/news.xml</loc><lastmod>{DAY}</lastmod></sitemap></sitemapindex>"
).encode()

HOMES: dict[str, Home] = {
    "declares RSS": Home(f"<head>{link('/feed.rss')}</head>", {"/feed.rss": RSS}, at("/feed.rss")),
    "declares Atom relatively": Home(
        f"<head>{link('blog/atom', 'atom+xml')}</head>", {"/blog/atom": ATOM}, at("/blog/atom")
    ),
    "declares JSON Feed": Home(f"<head>{link('/f', 'feed+json')}</head>", {"/f": JSON}, at("/f")),
    "declares RDF": Home(f"<head>{link('/index.rdf', 'rdf+xml')}</head>", {"/index.rdf": RDF}, at("/index.rdf")),
    "declares in capitals": Home(
        "<HEAD><LINK REL=ALTERNATE TYPE=APPLICATION/RSS+XML HREF=/Feed></HEAD>", {"/Feed": RSS}, at("/Feed")
    ),
    "declares with a base": Home(
        f"<head><base href='https://harbour.example/en/'>{link('rss')}</head>", {"/en/rss": RSS}, at("/en/rss")
    ),
    "declares in the body": Home(f"<body><p>News</p>{link('/feed.rss')}</body>", {"/feed.rss": RSS}, at("/feed.rss")),
    "declares with other relations": Home(
        f"<head>{link('/feed.rss', rel='alternate home')}</head>", {"/feed.rss": RSS}, at("/feed.rss")
    ),
    "declares by rel=feed": Home("<head><link rel=feed href=/stream></head>", {"/stream": ATOM}, at("/stream")),
    "declares as plain XML": Home(
        "<head><link rel=alternate type='text/xml; charset=utf-8' href='/rss/top'></head>",
        {"/rss/top": RSS},
        at("/rss/top"),
    ),
    "declares comments first": Home(
        f"<head>{link('/comments/feed', title='Comments')}{link('/feed')}</head>",
        {"/comments/feed": RSS, "/feed": RSS},
        at("/feed", "/comments/feed"),
    ),
    "declares several sections": Home(
        f"<head>{link('/ports.rss')}{link('/sport.rss')}{link('/ports.rss')}</head>",
        {"/ports.rss": RSS, "/sport.rss": RSS},
        at("/ports.rss", "/sport.rss"),
    ),
    "declares one that is gone": Home(
        f"<head>{link('/old')}{link('/new')}</head>", {"/new": RSS, "/old": PAGE}, at("/new")
    ),
    "links to it by address": Home(
        "<a href='/about'>About</a> <a href='/rss/all.xml'>Follow</a>", {"/rss/all.xml": RSS}, at("/rss/all.xml")
    ),
    "links to it by its picture": Home(
        "<a href='/syndicate'><img src=o.png alt='RSS'></a>", {"/syndicate": RSS}, at("/syndicate")
    ),
    "links with a query": Home("<a href='/?feed=rss2'>Entries</a>", {"/?feed=rss2": RSS}, at("/?feed=rss2")),
    "is a bare WordPress": Home("<p>News</p>", {"/feed/": RSS}, at("/feed/")),
    "is a bare Blogger": Home("<p>News</p>", {"/feeds/posts/default": ATOM}, at("/feeds/posts/default")),
    "has a news sitemap in robots.txt": Home("<p>News</p>", {"/n.xml": NEWS}, at("/n.xml"), at("/n.xml")),
    "has an index of sitemaps": Home(
        "<p>News</p>", {"/sitemap.xml": INDEX, "/s/news.xml": NEWS, "/s/pages.xml": STALE}, at("/s/news.xml")
    ),
}


@pytest.mark.parametrize("name", HOMES)
def test_the_feeds_of_a_home_page_are_found(name: str) -> None:
    assert HOMES[name].discovered() == HOMES[name].found


def test_there_are_twenty_home_pages() -> None:
    assert len(HOMES) == 20


def test_feeds_and_a_news_sitemap_are_both_found() -> None:
    home = Home(f"<head>{link('/feed.rss')}</head>", {"/feed.rss": RSS, "/n.xml": NEWS}, [], at("/n.xml", "/all.xml"))

    assert home.discovered() == at("/feed.rss", "/n.xml")


def test_a_feed_handed_in_for_a_home_page_is_the_feed() -> None:
    page = Document("https://harbour.example/feed", "application/rss+xml", RSS)

    found = discover(page, lambda url: pytest.fail("a request"), now=NOW)

    assert [(feed.url, feed.title, feed.entries) for feed in found] == [("https://harbour.example/feed", "T", 1)]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<!-- -->",
        "<head><link rel=stylesheet href=/feed.css><link rel=icon href=/rss.png></head>",
        "<head><link rel='alternate stylesheet' type='text/xml' href='/rss'></head>",
        "<head><link rel=alternate hreflang=de href=/de></head>",
        "<head><link rel=alternate type=application/rss+xml href='javascript:feed()'></head>",
    ],
)
def test_what_is_no_feed_is_not_declared(html: str) -> None:
    assert declared_feeds(html.encode(), HOME) == []


def test_a_page_full_of_links_costs_a_bounded_number_of_requests() -> None:
    home = Home(
        "".join(f"<a href='/rss/{n}'>RSS</a>" for n in range(500)), {}, [], at(*(f"/{n}.xml" for n in range(500)))
    )

    assert home.discovered() == []
    assert len(home.requests) == len(set(home.requests)) == MAX_REQUESTS


def test_a_site_that_cannot_be_reached_has_no_feeds() -> None:
    assert Home("<p>News</p>", {}, []).discovered() == []
