"""The days that a page shows beside its headline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import html

from storyfold.articles.visible_dates import shown_days

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def page(body: str, *, lang: str = "en-GB") -> html.HtmlElement:
    return html.fromstring(f"<html lang='{lang}'><head></head><body><main>{body}</main></body></html>")


def shown(body: str, lang: str = "en-GB") -> str | None:
    found = shown_days(page(body, lang=lang), "Ferry", lang.lower(), NOW)
    return found[0].moment.time.date().isoformat() if found else None


def test_a_date_beside_the_headline_is_read() -> None:
    assert shown("<header><h1>Ferry line reopens</h1><p>By Ann Reed, 9 June 2026</p></header>") == "2026-06-09"


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Ferry lost on 3 May 2012 found</h1><p>9 June 2026</p>",
        "<h1>Ferry</h1><h2>How the storm of 3 May 2012 took her</h2><p>Posted on 9 June 2026</p>",
        "<h1>Ferry</h1><p>On <b>3 May 2012</b> she sank.</p><div>By Ann Reed | 9 June 2026</div>",
        "<h1>Ferry</h1><div class='related-stories'>3 May 2012</div><div>9 June 2026</div>",
        "<div><a>A much longer headline of another article</a> 3 May 2026</div><h1>Ferry</h1><div>9 June 2026</div>",
    ],
)
def test_a_date_line_goes_before_dates_that_may_be_of_anything_else(body: str) -> None:
    assert shown(body) == "2026-06-09"


def test_a_lesser_heading_that_is_the_title_goes_before_a_masthead() -> None:
    body = "<div><h1>Lindow Post</h1><p>1 July 2026</p></div><section><h2>Ferry</h2><p>9 June 2026</p></section>"
    assert shown(body) == "2026-06-09"


def test_what_stands_beside_the_headlines_own_box_counts_too() -> None:
    assert shown("<div><div><h1>Ferry</h1></div></div><div>9 June 2026</div><p>Text.</p>") == "2026-06-09"


def test_a_time_element_says_its_day_itself() -> None:
    body = "<h1>Ferry</h1><p><time datetime='2026-06-09T08:30:00+02:00'>three weeks ago</time></p>"
    found = shown_days(page(body), "Ferry", "en-gb", NOW)[0].moment
    assert (found.time.isoformat(), found.precision) == ("2026-06-09T08:30:00+02:00", "second")


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Ferry</h1><p>Updated 20 June 2026</p><p>9 June 2026</p>",
        "<h1>Ferry</h1><p>Updated <time datetime='2026-06-20'>x</time>, <time datetime='2026-06-09'>x</time></p>",
        "<h1>Ferry</h1><p><time class='pub' datetime='2026-06-20'>Last updated: 20 June 2026</time> 9 June 2026</p>",
        "<h1>Ferry</h1><div class='date-modified'>20 June 2026</div><div>9 June 2026</div>",
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
