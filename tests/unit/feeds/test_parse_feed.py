"""Every family of feed says the same things; whatever can be read is taken, and what is wrong is said."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from storyfold.errors import BadInput
from storyfold.feeds.model import Feed, FeedKind
from storyfold.feeds.parse import parse_feed

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
URL = "https://harbour.example/news/feed"

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour News</title>
<link>https://harbour.example/</link>
<item><title>Ferry &amp;amp; tug &lt;b&gt;collide&lt;/b&gt;
 in fog</title><link>https://harbour.example/a</link><guid isPermaLink="false">g1</guid>
<pubDate>Mon, 04 May 2026 10:00:00 +0200</pubDate></item>
<item><title>Pier reopens</title><link>/b</link></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour News</title>
<link rel="self" href="https://harbour.example/news/feed"/><link href="https://harbour.example/"/>
<entry><title type="html">Ferry &amp;amp; tug &lt;b&gt;collide&lt;/b&gt; in fog</title><id>g1</id>
<link rel="alternate" href="https://harbour.example/a"/>
<published>2026-05-04T10:00:00+02:00</published><updated>2026-05-04T10:00:00+02:00</updated></entry>
<entry><title>Pier reopens</title><id>g2</id><link href="/b"/></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://harbour.example/"><title>Harbour News</title>
<link>https://harbour.example/</link></channel>
<item rdf:about="g1"><title>Ferry &amp;amp; tug &lt;b&gt;collide&lt;/b&gt; in fog</title>
<link>https://harbour.example/a</link><dc:date>2026-05-04T10:00:00+02:00</dc:date></item>
<item rdf:about="g2"><title>Pier reopens</title><link>/b</link></item></rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour News",
        "home_page_url": "https://harbour.example/",
        "items": [
            {
                "id": "g1",
                "url": "https://harbour.example/a",
                "title": "Ferry &amp; tug <b>collide</b> in fog",
                "date_published": "2026-05-04T10:00:00+02:00",
            },
            {"id": 2, "url": "/b", "title": "Pier reopens"},
        ],
    }
)


def read(body: str | bytes, content_type: str = "") -> Feed:
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(data, content_type=content_type, url=URL, now=NOW)


@pytest.mark.parametrize(
    ("body", "kind"),
    [(RSS, FeedKind.RSS), (ATOM, FeedKind.ATOM), (RDF, FeedKind.RDF), (JSON, FeedKind.JSON)],
    ids=["rss", "atom", "rdf", "json"],
)
def test_every_family_says_the_same(body: str, kind: FeedKind) -> None:
    feed = read(body)

    assert (feed.kind, feed.title, feed.home_url) == (kind, "Harbour News", "https://harbour.example/")
    first, second = feed.entries
    assert (first.url, first.title) == ("https://harbour.example/a", "Ferry & tug collide in fog")
    assert first.published == datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
    assert (second.url, second.title, second.published) == ("https://harbour.example/b", "Pier reopens", None)
    assert feed.fault is None


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0"])
def test_old_versions_of_rss_are_read(version: str) -> None:
    assert len(read(RSS.replace('"2.0"', f'"{version}"')).entries) == 2


def test_a_byte_order_mark_and_blank_lines_before_a_feed_do_no_harm() -> None:
    assert len(read(b"\xef\xbb\xbf\n\n" + RSS.encode()).entries) == 2


def test_a_feed_served_as_a_gzip_file_is_unpacked() -> None:
    assert len(read(gzip.compress(RSS.encode())).entries) == 2


def test_a_gzip_file_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(BadInput, match="unpacks to more"):
        read(gzip.compress(bytes(21_000_000)))


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1251", "shift_jis"])
def test_declared_encodings_are_undone(encoding: str) -> None:
    title = {"windows-1251": "Порт", "shift_jis": "港の新聞"}.get(encoding, "Häfen")
    body = RSS.replace('"1.0"', f'"1.0" encoding="{encoding}"').replace("Pier reopens", title).encode(encoding)

    assert read(body).entries[1].title == title


def test_the_charset_of_the_header_helps_where_the_feed_declares_none() -> None:
    body = RSS.replace("Pier reopens", "Häfen").encode("latin-1")

    assert read(body, "application/rss+xml; charset=iso-8859-1").entries[1].title == "Häfen"


def test_a_feed_cut_off_in_the_middle_gives_its_whole_entries_and_a_fault() -> None:
    feed = read(RSS[: RSS.index("<item><title>Pier") + 20])

    assert feed.entries[0].url == "https://harbour.example/a"
    assert feed.fault


def test_an_undeclared_entity_spoils_no_entry() -> None:
    feed = read(RSS.replace("Pier reopens", "Pier&nbsp;reopens &hellip;"))

    assert [entry.url for entry in feed.entries] == ["https://harbour.example/a", "https://harbour.example/b"]
    assert feed.fault


def test_entries_without_a_link_are_counted_and_left_out() -> None:
    feed = read(RSS.replace("<link>/b</link>", ""))

    assert (len(feed.entries), feed.without_link) == (1, 1)


def test_a_guid_that_is_an_address_stands_in_for_a_missing_link() -> None:
    feed = read(RSS.replace("<link>/b</link>", "<guid>https://harbour.example/by-guid</guid>"))

    assert feed.entries[1].url == "https://harbour.example/by-guid"


@pytest.mark.parametrize("link", ["mailto:desk@harbour.example", "javascript:void(0)", "http://[bad", "   "])
def test_a_link_that_is_no_web_address_is_none(link: str) -> None:
    assert len(read(RSS.replace("<link>/b</link>", f"<link>{link}</link>")).entries) == 1


def test_links_are_resolved_against_xml_base_where_there_is_one() -> None:
    feed = read(ATOM.replace("<feed ", '<feed xml:base="https://cdn.example/x/" ').replace('href="/b"', 'href="b"'))

    assert feed.entries[1].url == "https://cdn.example/x/b"


def test_a_future_date_is_unknown_and_a_clock_a_little_ahead_is_now() -> None:
    ahead = (NOW + timedelta(minutes=5)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    later = (NOW + timedelta(days=5)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    feed = read(
        RSS.replace("Mon, 04 May 2026 10:00:00 +0200", ahead).replace("<link>/b", f"<pubDate>{later}</pubDate><link>/b")
    )

    assert [entry.published for entry in feed.entries] == [NOW, None]


def test_a_date_before_there_were_feeds_is_unknown() -> None:
    assert read(RSS.replace("04 May 2026", "01 Jan 0001")).entries[0].published is None


def test_a_date_without_a_time_is_known_to_the_day() -> None:
    by_day = read(RSS.replace("Mon, 04 May 2026 10:00:00 +0200", "2026-05-03")).entries[0]

    assert (by_day.published, by_day.day_only) == (datetime(2026, 5, 3, tzinfo=UTC), True)
    assert not read(RSS).entries[0].day_only


def test_the_digest_changes_with_title_or_date_and_with_nothing_else() -> None:
    before = read(ATOM).entries[0].digest

    assert read(ATOM.replace("g1", "other")).entries[0].digest == before
    assert read(ATOM.replace("<entry>", "<entry><summary>views: 9</summary>")).entries[0].digest == before
    assert read(ATOM.replace("in fog", "in thick fog")).entries[0].digest != before
    assert read(ATOM.replace("<updated>2026-05-04T10", "<updated>2026-05-04T11")).entries[0].digest != before


def test_both_parsers_give_an_entry_the_same_digest() -> None:
    by_the_fast, by_the_thorough = (
        read(ATOM),
        read(ATOM.replace("</feed>", "<entry><title>No link</title></entry></feed>")),
    )

    assert [entry.digest for entry in by_the_fast.entries] == [entry.digest for entry in by_the_thorough.entries]


def test_what_the_feed_asks_for_is_the_longer_of_ttl_and_update_period() -> None:
    asks = (
        '<ttl>90</ttl><sy:updatePeriod xmlns:sy="x">daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>'
    )

    assert read(RSS.replace("<channel>", "<channel><ttl>90</ttl>")).asked_interval == 5_400
    assert read(RSS.replace("<channel>", "<channel>" + asks)).asked_interval == 21_600
    assert read(RSS).asked_interval is None


def test_the_hub_is_told() -> None:
    hub = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/?a=1&amp;b=2"/>'

    assert read(RSS.replace("<channel>", "<channel>" + hub)).hub_url == "https://hub.example/?a=1&b=2"


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read('<rss version="2.0"><channel><title>Quiet</title></channel></rss>').entries == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html><body>News</body></html>", "web page"),
        (b"<html><head><title>News</title></head></html>", "web page"),
        (b"just words", "no feed"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "no feed"),
        (b'{"status": "ok"}', "no list of items"),
        (b'{"items": [', "neither"),
        (b"[" * 100_000, "neither"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "no feed"),
        (b"\x1f\x8b\x08rubbish", "damaged"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(body: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(body)


def test_json_with_values_of_wrong_types_gives_what_is_right_in_it() -> None:
    items = [
        None,
        7,
        {"url": 7},
        {"url": "/a", "title": ["x"], "date_published": 5, "id": {}},
        {"id": "https://e.example/z"},
    ]
    feed = read(json.dumps({"version": 1, "items": items, "title": {}, "hubs": "x"}))

    assert [entry.url for entry in feed.entries] == ["https://harbour.example/a", "https://e.example/z"]
    assert feed.without_link == 3
    assert feed.fault


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "doctype",
    [f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>', '<!DOCTYPE rss [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>'],
    ids=["a billion laughs", "a file of the machine"],
)
def test_entities_are_neither_blown_up_nor_fetched(doctype: str) -> None:
    feed = read(
        RSS.replace('<?xml version="1.0"?>', f'<?xml version="1.0"?>{doctype}').replace("Pier reopens", "Pier &l11;")
    )

    title = feed.entries[1].title or ""
    assert len(title) < 100
    assert "root:" not in title


def test_deep_nesting_is_read_or_refused() -> None:
    body = RSS.replace("Pier reopens", "<x>" * 50_000 + "deep" + "</x>" * 50_000)

    assert read(body).entries[0].url == "https://harbour.example/a"


def test_of_an_endless_feed_the_first_entries_are_read_and_the_rest_is_said() -> None:
    item = "<item><title>Ferry</title><link>https://harbour.example/{}</link></item>"
    body = '<rss version="2.0"><channel>' + "".join(map(item.format, range(12_000))) + "</channel></rss>"
    feed = read(body)

    assert len(feed.entries) == 10_000
    assert "too large" in (feed.fault or "")


def test_one_entry_without_a_link_costs_no_other_entry_of_a_large_feed() -> None:
    item = "<item><title>Ferry</title><link>https://harbour.example/{}</link></item>"
    body = '<rss version="2.0"><channel><item/>' + "".join(map(item.format, range(5_000))) + "</channel></rss>"

    assert len(read(body).entries) == 5_000
