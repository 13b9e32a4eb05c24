"""Dates as people write them, and lines that are nothing but one."""

from __future__ import annotations

import pytest

from storyfold.articles.written_dates import (
    date_lines,
    first_published,
    is_publication_label,
    tag_of,
    written_days,
)


def days(text: str, lang: str) -> list[str | None]:
    return [written.day for written in written_days(text, lang)]


@pytest.mark.parametrize(
    ("written", "lang", "day"),
    [
        ("June 9, 2026", "en", "2026-06-09"),
        ("Sept. 9th 2025", "en", "2025-09-09"),
        ("9 June 2026", "en-gb", "2026-06-09"),
        ("09-Jun-2026", "en", "2026-06-09"),
        ("9. Juni 2026", "de", "2026-06-09"),
        ("le 1er juin 2026", "fr", "2026-06-01"),
        ("9 de junio de 2026", "es", "2026-06-09"),
        ("9 giugno 2026", "it", "2026-06-09"),
        ("9 juni 2026", "nl", "2026-06-09"),
        ("9 czerwca 2026", "pl", "2026-06-09"),
        ("9 июня 2026", "ru", "2026-06-09"),
        ("2026年6月9日", "ja", "2026-06-09"),
        ("2026년 6월 9일", "ko", "2026-06-09"),
        ("2026-06-09", "en", "2026-06-09"),
        ("2026/06/09", "ja", "2026-06-09"),
        ("09.06.2026", "de", "2026-06-09"),
        ("09.06.2026", "en-us", "2026-06-09"),
        ("09/06/2026", "en-gb", "2026-06-09"),
        ("06/09/2026", "en-us", "2026-06-09"),
        ("06-09-2026", "en-us", "2026-06-09"),
        ("06/19/2026", "en-gb", "2026-06-19"),
        ("19/06/2026", "en-us", "2026-06-19"),
        ("31 June 2026", "en", None),
    ],
)
def test_a_date_is_read_as_its_language_writes_it(written: str, lang: str, day: str | None) -> None:
    assert days(written, lang) == [day]


@pytest.mark.parametrize("text", ["June 2026", "version 12.6.2026.4", "call 020/06/2026", "9 of 10", "May I?"])
def test_what_is_no_whole_date_is_none(text: str) -> None:
    assert days(text, "en") in ([], [None])


def test_figures_of_which_either_may_be_the_month_are_doubtful() -> None:
    doubts = [written.doubtful for written in written_days("06/09/2026, 19/06/2026, 9 June 2026, 06/06/2026", "en")]
    assert doubts == [True, False, False, False]


@pytest.mark.parametrize(
    "line",
    [
        "9 June 2026",
        "Posted on 9 June 2026",
        "Tuesday, 9 June 2026 at 4:12pm",
        "June 9, 2026 5:00 am PST",
        "By Ann Reed | June 9, 2026",
        "June 9, 2026 • 3 min read",
        "Veröffentlicht am 9. Juni 2026 um 10:30 Uhr",
        "Publié le mardi 9 juin 2026 à 10h30",
        "Опубликовано: 9 июня 2026, 10:30",
    ],
)
def test_a_date_line_says_its_day_and_little_else(line: str) -> None:
    assert [written.day for written in date_lines(line, "en")] == ["2026-06-09"]


@pytest.mark.parametrize(
    "line",
    [
        "The storm of 9 June 2026",
        "9 June 2026: a day on the river",
        "9 June 2025 – 9 June 2026",
        "Updated 9 June 2026",
        "Born 9 June 1996",
        "",
    ],
)
def test_other_lines_with_a_date_are_no_date_lines(line: str) -> None:
    assert list(date_lines(line, "en")) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("This article was originally published on 26 Sep 2019 at 4:12pm but has been updated.", "2019-09-26"),
        ("Dieser Text ist erstmals erschienen am 3. Mai 2021.", "2021-05-03"),
        ("It was first published by the Lindow Post, which closed its doors on 3 May 2012.", None),
        ("The novel appeared on 3 May 2012.", None),
    ],
)
def test_the_day_of_first_publication_follows_its_words_at_once(text: str, day: str | None) -> None:
    assert first_published(text, "en") == day


def test_a_label_says_published_and_nothing_else_but_when() -> None:
    assert is_publication_label("Published")
    assert is_publication_label("Post time: 01-04-2024")
    assert not is_publication_label("Published authors meet on 9 June 2026")


@pytest.mark.parametrize(
    ("lang", "locale", "url", "tag"),
    [
        ("en-US", None, None, "en-us"),
        ("de", "en_US", "http://lindow.example/", "de"),
        ("en", "en_GB", "http://lindow.example/", "en-gb"),
        ("en", None, "http://council.lindow.uk/", "en-uk"),
        ("en", None, "http://water.gov/", "en-us"),
        ("en", None, "http://lindow.example/", "en"),
        (None, "fr_FR", None, "fr-fr"),
        (None, None, None, "en"),
    ],
)
def test_english_gets_its_country_from_the_locale_or_the_address(
    lang: str | None, locale: str | None, url: str | None, tag: str
) -> None:
    assert tag_of(lang, locale, url) == tag
