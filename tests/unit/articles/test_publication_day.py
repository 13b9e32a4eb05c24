"""When a page was published, from what it says to machines, to readers and in its address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import html

from storyfold.articles.linked_data import article_nodes
from storyfold.articles.metadata import page_metadata

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DATA = '<script type="application/ld+json">{"@type": "NewsArticle", %s}</script>'
TEXT = "<p>The ferry was launched again after a long winter in the yard, and sailed at noon.</p>"


def published(body: str, head: str = "", url: str | None = None) -> str | None:
    markup = f"<html lang=en-GB><head>{head}</head><body><main>{body}</main></body></html>"
    tree = html.fromstring(markup)
    found = page_metadata(tree, article_nodes(tree), url=url, now=NOW)
    if found.published is None:
        return None
    day = found.published_precision == "day"
    return found.published.date().isoformat() if day else found.published.isoformat(timespec="minutes")


def data(published: str, modified: str | None = None) -> str:
    fields = f'"datePublished": "{published}"' + (f', "dateModified": "{modified}"' if modified else "")
    return DATA % fields


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("<meta property='article:published_time' content='2026-06-09'>", "2026-06-09"),
        ("<meta property='og:published_time' content='2026-06-09T10:00:00Z'>", "2026-06-09T10:00+00:00"),
        ("<meta itemprop='dateCreated datePublished' content='2026-06-09'>", "2026-06-09"),
        ("<meta name='publish_date' content='June 9, 2026'>", "2026-06-09"),
        ("<meta name='published' content='June 9, 2026'>", "2026-06-09"),
        ("<meta name='article_pub_date' content='2026-06-09T10:00:00Z'>", "2026-06-09T10:00+00:00"),
        (data("2026-06-09"), "2026-06-09"),
        (data("2026-06-09T00:00:00Z") + data("2026-06-09T02:30:00Z"), "2026-06-09T02:30+00:00"),
    ],
)
def test_what_is_said_to_machines_is_believed(head: str, day: str) -> None:
    assert published("<h1>Ferry</h1><p>9 June 2026</p>", head) == day


@pytest.mark.parametrize(
    "head",
    [
        "<meta name='dc.date' content='2026-06-20T10:00:00Z'>",
        "<meta property='article:modified_time' content='2026-06-20T10:00:00Z'>",
        "<meta property='article:published_time' content='2027-05-01T10:00:00Z'>",
    ],
)
def test_what_may_be_the_last_change_or_lies_ahead_is_not(head: str) -> None:
    assert published("<h1>Ferry</h1><p>9 June 2026</p>", head) == "2026-06-09"


def test_an_earlier_day_shown_goes_before_the_day_a_record_was_made() -> None:
    assert published("<h1>Ferry</h1><div>9 June 2019</div>", data("2026-06-09T10:00:00Z")) == "2019-06-09"


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Ferry</h1><div>8 June 2026</div>",
        "<h1>Ferry</h1><div>10 June 2026</div>",
        "<h1>Ferry</h1><div>20 June 2026</div>",
        "<h1>Ferry</h1><div>05/06/2026</div>",
        "<h1>Ferry</h1><p>She sank on 3 May 2012.</p>",
        "<h1>What 3 May 2012 was like</h1>",
        "<h1>Ferry</h1><div>Updated 1 June 2026</div>",
        "<h1>Ferry</h1><div>1 May 2026</div><div>2 May 2026</div>",
        "<h1>Ferry</h1><div class='masthead'>1 May 2026</div>",
    ],
)
def test_else_a_time_said_to_machines_stands(body: str) -> None:
    head = data("2026-06-09T11:00:00Z", "2026-06-20T11:00:00Z")
    assert published(body, head) == "2026-06-09T11:00+00:00"


def test_a_later_day_called_publication_that_is_no_change_is_a_new_publication() -> None:
    body = "<h1>Ferry</h1><div class='posted-on'>15 June 2026</div>"
    assert published(body, data("2024-06-09T11:00:00Z", "2026-06-20T11:00:00Z")) == "2026-06-15"
    assert published(body, data("2024-06-09T11:00:00Z", "2026-06-15T11:00:00Z")) == "2024-06-09T11:00+00:00"


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://lindow.example/2026/06/08/ferry", "2026-06-08T23:30-03:00"),
        ("http://lindow.example/2026/june/08/ferry", "2026-06-08T23:30-03:00"),
        ("http://lindow.example/news/2026-06-09-ferry", "2026-06-09T02:30+00:00"),
        ("http://lindow.example/2026/05/08/ferry", "2026-05-08"),
        ("http://lindow.example/2026/06/20/ferry", "2026-06-09T02:30+00:00"),
        ("http://lindow.example/2026/13/40/ferry", "2026-06-09T02:30+00:00"),
        ("http://lindow.example/20260508", "2026-06-09T02:30+00:00"),
    ],
)
def test_the_time_is_given_in_a_zone_where_it_is_the_day_in_the_address(url: str, day: str) -> None:
    assert published("<h1>Ferry</h1>", data("2026-06-09T02:30:00Z"), url) == day


def test_the_day_in_the_address_goes_before_what_is_shown() -> None:
    assert (
        published("<h1>Ferry</h1><div>20 June 2026</div>", url="http://lindow.example/2026/06/08/ferry") == "2026-06-08"
    )


def test_one_day_that_the_markup_calls_publication_goes_before_others_shown() -> None:
    marked = "<h1>Ferry</h1><div>20 June 2026</div><footer><span itemprop='datePublished'>9 June 2026</span></footer>"
    assert published(marked) == "2026-06-09"
    assert published(marked + "<span itemprop='datePublished'>1 May 2026</span>") == "2026-06-20"


def test_a_line_far_from_the_headline_that_calls_its_day_publication_is_found() -> None:
    far = f"<h1>Ferry</h1>{TEXT * 5}<div><div><div><h4>Published</h4><span>9 June 2026</span></div></div></div>"
    assert published(far + "<h4>Reviewed</h4><span>20 June 2026</span>") == "2026-06-09"


def test_a_sentence_about_first_publication_goes_before_an_update_shown() -> None:
    said = "<p>This article was originally published on 9 June 2026 and has been looked over since.</p>"
    assert published(f"<h1>Ferry</h1><div>Updated 20 June 2026</div>{TEXT}{said}") == "2026-06-09"


def test_a_date_line_between_headline_and_text_is_found_however_deep_it_stands() -> None:
    deep = f"<div><div><div><div><div><div><h1>Ferry</h1></div></div></div></div></div></div><div>{TEXT * 2}</div>"
    deep = deep.replace(
        "<div><p>", "<div><section><div>" + "Share " * 60 + "</div><div>9 June 2026</div></section><p>", 1
    )
    assert published(deep) == "2026-06-09"


def test_a_date_line_before_the_text_counts_on_a_page_without_a_headline() -> None:
    assert published(f"<div><span>9 June 2026</span></div>{TEXT * 3}<div>20 June 2026</div>") == "2026-06-09"
    assert published(f"<div>{TEXT * 3}</div><div><span>9 June 2026 was bright</span></div>") is None


def test_a_page_that_says_nothing_of_its_date_has_none() -> None:
    assert published(f"<h1>Ferry</h1>{TEXT * 3}") is None


@pytest.mark.parametrize(
    ("tag", "day"), [("2025-03-12", "2025-03-12"), ("2025-06-20", "2025-12-03"), ("", "2025-12-03")]
)
def test_figures_that_can_be_read_both_ways_are_read_as_the_page_names_the_day(tag: str, day: str) -> None:
    markup = f"<html><head><meta name=date content='{tag}'></head><body><h1>Ferry</h1><small>12/03/2025</small>{TEXT}"
    tree = html.fromstring(f"{markup}</body></html>")
    found = page_metadata(tree, article_nodes(tree), url=None, now=NOW).published
    assert found is not None
    assert found.date().isoformat() == day
