"""The day beside the headline, and where it stands among what else a page says of its date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import html

from storyfold.articles.linked_data import article_nodes
from storyfold.articles.metadata import page_metadata
from storyfold.articles.visible_dates import day_by_headline

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def page(body: str, *, lang: str = "en-GB", head: str = "") -> html.HtmlElement:
    return html.fromstring(f"<html lang='{lang}'><head>{head}</head><body><main>{body}</main></body></html>")


def shown(body: str, lang: str = "en-GB") -> str | None:
    found = day_by_headline(page(body, lang=lang), NOW)
    return found.time.date().isoformat() if found else None


@pytest.mark.parametrize(
    ("written", "lang", "day"),
    [
        ("June 9, 2026", "en", "2026-06-09"),
        ("Sept. 9th 2025", "en", "2025-09-09"),
        ("9 June 2026", "en-GB", "2026-06-09"),
        ("9. Juni 2026", "de", "2026-06-09"),
        ("le 1er juin 2026", "fr", "2026-06-01"),
        ("9 de junio de 2026", "es", "2026-06-09"),
        ("9 июня 2026", "ru", "2026-06-09"),
        ("2026-06-09", "en", "2026-06-09"),
        ("2026/06/09", "ja", "2026-06-09"),
        ("09.06.2026", "de", "2026-06-09"),
        ("09/06/2026", "en-GB", "2026-06-09"),
        ("06/09/2026", "en-US", "2026-06-09"),
        ("06/19/2026", "en", "2026-06-19"),
        ("19/06/2026", "en", "2026-06-19"),
        ("06/09/2026", "en", None),
        ("31 June 2026", "en", None),
        ("9 June 2031", "en", None),
        ("June 2026", "en", None),
        ("version 12.6.2026.4", "en", None),
        ("call 020/06/2026", "en", None),
    ],
)
def test_a_date_beside_the_headline_is_read_as_it_is_written(written: str, lang: str, day: str | None) -> None:
    assert shown(f"<header><h1>Ferry line reopens</h1><p>By Ann Reed, {written}</p></header>", lang) == day


def test_what_stands_beside_the_headlines_own_box_counts_too() -> None:
    assert shown("<div><div><h1>Ferry</h1></div></div><div>9 June 2026</div><p>Text.</p>") == "2026-06-09"


def test_a_time_element_says_its_day_itself() -> None:
    body = "<h1>Ferry</h1><p><time datetime='2026-06-09T08:30:00+02:00'>three weeks ago</time></p>"
    found = day_by_headline(page(body), NOW)
    assert found is not None
    assert (found.time.isoformat(), found.precision) == ("2026-06-09T08:30:00+02:00", "second")


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Ferry</h1><p>Updated 20 June 2026</p><p>9 June 2026</p>",
        "<h1>Ferry</h1><p>Updated <time datetime='2026-06-20'>x</time>, <time datetime='2026-06-09'>x</time></p>",
        "<h1>Ferry</h1><p><time itemprop='dateModified' datetime='2026-06-20'>x</time><time datetime='2026-06-09'>x</time></p>",
    ],
)
def test_what_is_called_an_update_comes_last(body: str) -> None:
    assert shown(body) == "2026-06-09"


def test_an_update_alone_is_better_than_nothing() -> None:
    assert shown("<h1>Ferry</h1><p>Last updated: 20 June 2026</p>") == "2026-06-20"


def test_long_neighbours_are_text_and_not_looked_at() -> None:
    long = "The ferry that was launched on 9 June 2020 sails again. " * 8
    assert shown(f"<h1>Ferry</h1><p>{long}</p>") is None


def test_a_page_without_a_headline_shows_no_day_beside_it() -> None:
    assert shown("<p>9 June 2026</p>") is None


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("<meta property='article:published_time' content='2026-05-01T10:00:00Z'>", "2026-05-01"),
        ("<meta property='og:published_time' content='2026-05-01T10:00:00Z'>", "2026-05-01"),
        ("<meta itemprop='dateCreated datePublished' content='2026-05-01'>", "2026-05-01"),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-05-01"}</script>',
            "2026-05-01",
        ),
        ("<meta name='dc.date' content='2026-06-20T10:00:00Z'>", "2026-06-09"),
        ("<meta property='article:modified_time' content='2026-06-20T10:00:00Z'>", "2026-06-09"),
        ("<meta property='article:published_time' content='2027-05-01T10:00:00Z'>", "2026-06-09"),
    ],
)
def test_what_is_said_to_machines_wins_unless_it_may_be_the_last_change_or_lies_ahead(head: str, day: str) -> None:
    tree = page("<h1>Ferry</h1><p>9 June 2026</p>", head=head)
    found = page_metadata(tree, article_nodes(tree), url=None, now=NOW)
    assert found.published is not None
    assert found.published.date().isoformat() == day
