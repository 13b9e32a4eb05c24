"""Stories as Atom and as JSON Feed, read by what reads feeds."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime

import feedparser
import jsonschema
import pytest
from newsroom import NOON

FEEDS = ["/v1/stories.atom", "/v1/stories.json"]

# What https://jsonfeed.org/version/1.1 demands of what is used here.
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "home_page_url": {"type": "string", "format": "uri"},
        "feed_url": {"type": "string", "format": "uri"},
        "next_url": {"type": "string", "format": "uri"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "properties": {
                    "id": {"type": "string"},
                    "url": {"type": "string", "format": "uri"},
                    "title": {"type": "string"},
                    "content_text": {"type": "string", "minLength": 1},
                    "summary": {"type": "string"},
                    "date_published": {"type": "string", "format": "date-time"},
                    "date_modified": {"type": "string", "format": "date-time"},
                    "authors": {"type": "array", "minItems": 1, "items": {"required": ["name"]}},
                    "language": {"type": "string"},
                },
                "patternProperties": {"^_": {"type": "object"}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


def furnish(newsroom):
    article = newsroom.article("The ferry sails again.\n\nIt was <b>long</b> & dear.", authors=("Ada Holm",))
    return newsroom.story([article], title="Ferry & <dock>", first_published=NOON, last_published=NOON)


def test_the_atom_feed_is_read_without_a_complaint(client, newsroom):
    story = furnish(newsroom)
    newsroom.story(title=None, language=None)
    answer = client.get("/v1/stories.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert (feed.version, feed.feed.title, len(feed.entries)) == ("atom10", "Storyfold: stories", 2)
    entry = feed.entries[1]
    assert entry.id == f"http://storyfold.example/v1/stories/{story}"
    assert (entry.title, entry.author) == ("Ferry & <dock>", "Ada Holm")
    assert entry.published == "2026-07-01T12:00:00Z"
    assert entry.summary.startswith("The ferry sails again.")
    assert all(entry.get(name) for entry in feed.entries for name in ("id", "title", "updated", "author", "link"))


def test_the_json_feed_is_what_its_specification_asks_for(client, newsroom):
    story = furnish(newsroom)
    newsroom.story(title=None, language=None)
    answer = client.get("/v1/stories.json")
    assert answer.headers["content-type"].startswith("application/feed+json")
    feed = answer.json()
    jsonschema.validate(feed, JSON_FEED, format_checker=jsonschema.FormatChecker())
    item = feed["items"][1]
    assert item["_storyfold"]["story_id"] == str(story)
    assert item["content_text"] == "The ferry sails again.\n\nIt was <b>long</b> & dear."


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_takes_the_filters_of_the_list(client, newsroom, path):
    furnish(newsroom)
    newsroom.story([newsroom.article("A lighthouse was painted.", source="valley-times.example")], title="Lighthouse")
    for query in ("q=lighthouse", "source=valley-times.example", "q=lighthouse&sort=relevance", "limit=1"):
        assert titles(client.get(f"{path}?{query}")) == ["Lighthouse"]
    assert titles(client.get(f"{path}?min_articles=3")) == []
    assert client.get(f"{path}?sort=beauty").status_code == 422


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_leads_to_the_page_behind_it(client, newsroom, path):
    for title in ("first", "second", "third"):
        newsroom.story(title=title)
    seen, url = [], f"{path}?limit=2"
    while url:
        answer = client.get(url)
        seen += titles(answer)
        url = next_url(answer)
    assert seen == ["third", "second", "first"]


@pytest.mark.parametrize("path", FEEDS)
def test_who_has_seen_a_feed_is_told_that_nothing_changed_until_it_does(client, newsroom, path):
    furnish(newsroom)
    first = client.get(path)
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}, {"If-None-Match": f'"x", {etag}'}):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    newsroom.story(title="New")
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200
    assert client.get(path, headers={"If-Modified-Since": modified}).status_code == 200
    assert client.get(path, headers={"If-None-Match": etag, "If-Modified-Since": modified}).status_code == 200
    assert client.get(f"{path}?limit=1", headers={"If-None-Match": etag}).status_code == 200


def test_a_date_that_is_none_and_a_second_that_is_not_over_are_no_reason_for_304(client, newsroom):
    furnish(newsroom)
    assert client.get("/v1/stories.atom", headers={"If-Modified-Since": "yesterday"}).status_code == 200
    now = client.app.state.services.now()
    newsroom.story(updated_at=now)
    later = format_datetime(now + timedelta(hours=1), usegmt=True)
    answer = client.get("/v1/stories.atom", headers={"If-Modified-Since": later})
    assert (answer.status_code, answer.headers.get("last-modified")) == (200, None)


def test_characters_that_no_xml_holds_are_left_out(client, newsroom):
    newsroom.story([newsroom.article("Bell \x07 rings \x0b.")], title="Ring\x08 \ufffe")
    feed = feedparser.parse(client.get("/v1/stories.atom").content)
    assert not feed.bozo
    assert feed.entries[0].title == "Ring"


def test_an_empty_feed_is_a_feed(client):
    assert not feedparser.parse(client.get("/v1/stories.atom").content).bozo
    jsonschema.validate(client.get("/v1/stories.json").json(), JSON_FEED)


def test_a_long_text_ends_with_a_whole_word(client, newsroom):
    newsroom.story([newsroom.article("ferry " * 500)])
    [item] = client.get("/v1/stories.json").json()["items"]
    assert item["content_text"].endswith("ferry …")
    assert len(item["content_text"]) < 610


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_costs_the_same_queries_however_long(client, newsroom, queries, path):
    furnish(newsroom)
    client.get(path)
    few = queries(lambda: client.get(path))
    for _ in range(4):
        furnish(newsroom)
    assert queries(lambda: client.get(path)) == few


def titles(answer):
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("application/feed+json"):
        return [item["title"] for item in json.loads(answer.content)["items"]]
    return [entry.title for entry in feedparser.parse(answer.content).entries]


def next_url(answer):
    if answer.headers["content-type"].startswith("application/feed+json"):
        return answer.json().get("next_url")
    links = feedparser.parse(answer.content).feed.links
    return next((link.href for link in links if link.rel == "next"), None)
