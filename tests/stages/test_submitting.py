from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from storyfold.errors import BadInput
from storyfold.logs import JsonFormatter
from storyfold.stages.submit import (
    Published,
    PushedArticle,
    UrlSubmission,
    parse_published,
    push_article,
    submit_urls,
    watch_feed,
)
from storyfold.store import links
from storyfold.store.engine import make_engine, make_sessions

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
URL = "https://harbour-post.example/ferry"


@pytest.fixture
def session(database_url):
    engine = make_engine(database_url)
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=UTC), "day"),
        ("2026-07-01T14:00:00+02:00", NOW, "second"),
        ("2026-07-01t12:00:00z", NOW, "second"),
        ("2026-07-01 12:00:00.250Z", NOW + timedelta(milliseconds=250), "second"),
    ],
)
def test_a_date_is_known_to_the_day_and_a_time_to_the_second(text, at, precision):
    assert parse_published(text) == Published(at, precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "20260701",
        "2026-7-1",
        "2026-02-30",
        "2026-07-01T12:00:00",
        "2026-07-01T25:00:00Z",
        "2026-W27-3",
        "0001-01-01T00:00:00+05:00",
        "２０２６-07-01",
        "2026-07-01\n",
    ],
)
def test_what_is_neither_is_bad_input(text):
    with pytest.raises(BadInput):
        parse_published(text)


@pytest.mark.parametrize("at", [NOW + timedelta(seconds=1), datetime(1, 1, 1, tzinfo=UTC)])
def test_a_date_of_the_future_or_before_newspapers_is_unknown(session, at):
    [item] = submit_urls(session, [UrlSubmission(URL, Published(at, "second"))], NOW)
    link = links.get_link(session, item.id).link
    assert (link.declared_published, link.declared_precision) == (None, None)


def test_what_cannot_be_kept_is_left_out_of_what_is_said(session):
    [item] = submit_urls(session, [UrlSubmission(URL, source=" Harbour\x00 Post\ud800 ", title="\x00")], NOW)
    link = links.get_link(session, item.id).link
    assert (link.declared_source, link.declared_title) == ("Harbour Post", None)


def test_a_url_that_stands_twice_in_a_batch_is_new_once(session):
    items = submit_urls(session, [UrlSubmission(URL), UrlSubmission("no"), UrlSubmission(f"{URL}#x")], NOW)
    assert [(item.id is None, item.created) for item in items] == [(False, True), (True, False), (False, False)]
    assert items[0].id == items[2].id


def test_the_same_text_without_a_url_is_a_link_of_its_own_each_time(session):
    pushed = PushedArticle(text="The ferry sails again.")
    assert push_article(session, pushed, NOW).id != push_article(session, pushed, NOW).id


@pytest.mark.parametrize(
    "pushed", [PushedArticle(), PushedArticle(text="a", html="b"), PushedArticle(text="a", url="no")]
)
def test_an_article_that_cannot_be_is_bad_input(session, pushed):
    with pytest.raises(BadInput):
        push_article(session, pushed, NOW)


def test_a_page_in_a_workers_hands_is_left_to_it(session):
    [item] = submit_urls(session, [UrlSubmission(URL)], NOW)
    links.get_link(session, item.id).link.lease_token = "00000000-0000-0000-0000-000000000001"
    session.flush()
    pushed = push_article(session, PushedArticle(text="The ferry sails again.", url=URL), NOW)
    assert (pushed.id, pushed.created) == (item.id, False)
    assert links.get_link(session, item.id).link.page_id is None


def test_a_feeds_query_is_part_of_its_address(session):
    feed, created = watch_feed(session, "https://harbour-post.example/feed?utm_source=reader", NOW)
    assert (feed.url, feed.next_poll_at, created) == (
        "https://harbour-post.example/feed?utm_source=reader",
        NOW,
        True,
    )


def test_the_way_of_a_link_begins_with_a_line_of_the_log(session, caplog):
    with caplog.at_level(logging.INFO, "storyfold.stages.submit"):
        [item] = submit_urls(session, [UrlSubmission(URL)], NOW)
        submit_urls(session, [UrlSubmission(URL)], NOW)
    [line] = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert (line["link"], line["stage"], line["outcome"]) == (item.id, "submit", "new")
