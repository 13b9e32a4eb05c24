"""Days read from the text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.dates import MOST_DAYS, agreement, event_days

FRIDAY = datetime(2025, 1, 10, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The talks were held on January 9 in the old mill."),
        ("en", "Jan. 9th, 2025: the talks were held."),
        ("en", "On the 9th of January they met."),
        ("de", "Am 9. Januar 2025 trafen sie sich."),
        ("fr", "Ils se sont vus le 9 janvier."),
        ("es", "Se reunieron el 9 de enero de 2025."),
        ("ru", "Встреча прошла 9 января."),
        ("ar", "عقد الاجتماع في 9 يناير"),
        ("zh", "会谈于1月9日举行。"),
        ("ja", "会談は1月9日に行われた。"),
        ("en", "Dated 2025-01-09."),
    ],
)
def test_a_date_is_read_in_many_languages(language: str, text: str) -> None:
    assert event_days(text, language=language, published=FRIDAY) == (10904,)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It happened on Thursday."),
        ("de", "Es geschah am Donnerstag."),
        ("fr", "C'est arrivé jeudi."),
        ("es", "Ocurrió el jueves."),
        ("ru", "Это случилось в четверг."),
        ("ar", "حدث ذلك يوم الخميس"),
        ("zh", "事情发生在星期四。"),
        ("ja", "木曜日に起きた。"),
    ],
)
def test_a_weekday_is_placed_on_the_last_such_day_as_a_guess(language: str, text: str) -> None:
    assert event_days(text, language=language, published=FRIDAY) == (1_010_904,)


def test_a_weekday_stays_a_weekday_without_a_publication_date() -> None:
    assert event_days("It happened on Thursday.", language="en", published=None) == (4,)


def test_a_russian_weekday_is_known_in_the_accusative() -> None:
    assert event_days("В среду и в пятницу", language="ru", published=None) == (3, 5)


@pytest.mark.parametrize(
    ("language", "word"), [("en", "yesterday"), ("de", "gestern"), ("ru", "вчера"), ("zh", "昨天")]
)
def test_yesterday_is_the_day_before_publication(language: str, word: str) -> None:
    assert event_days(word, language=language, published=FRIDAY) == (10904,)


def test_yesterday_says_nothing_without_a_publication_date() -> None:
    assert event_days("yesterday and today", language="en", published=None) == ()


def test_a_date_without_a_year_is_the_one_nearest_to_publication() -> None:
    assert event_days("on December 30", language="en", published=FRIDAY) == (123001,)  # a Monday, in 2024


def test_the_name_of_a_month_without_a_day_is_no_date() -> None:
    assert event_days("They may march in May 2024.", language="en", published=FRIDAY) == ()


def test_a_day_that_no_calendar_has_is_no_date() -> None:
    assert event_days("on February 31, on 30 February 2025", language="en", published=FRIDAY) == ()


def test_a_month_in_greek_is_known_whatever_its_accents() -> None:
    assert event_days("Η συνάντηση έγινε στις 9 Μαΐου.", language="el", published=FRIDAY) == (50905,)


def test_days_stand_in_the_order_of_the_text_in_whichever_script() -> None:
    text = "会谈于1月6日举行 (Tuesday, 2025-01-07), 昨天 and January 8."
    assert event_days(text, language="zh", published=FRIDAY) == (10601, 1_010_702, 10702, 10904, 10803)


def test_a_word_in_two_scripts_is_one_word() -> None:
    assert event_days("MondayФ", language="en", published=FRIDAY) == ()


def test_an_unknown_language_is_read_as_english() -> None:
    assert event_days("on January 9", language="xx", published=FRIDAY) == (10904,)


@given(st.text(max_size=300), st.sampled_from(["en", "de", "ja", "ar", "", "??"]), st.booleans())
def test_any_text_has_a_bounded_row_of_distinct_days(text: str, language: str, dated: bool) -> None:
    days = event_days(text, language=language, published=FRIDAY if dated else None)
    assert len(days) == len(set(days)) <= MOST_DAYS


def test_one_date_agrees() -> None:
    assert agreement((10904,), (10904,)) == (1.0, 0.0)


def test_a_guessed_weekday_agrees_with_the_date_that_it_falls_on() -> None:
    assert agreement((1_010_904,), (10904,)) == (1.0, 0.0)


def test_one_weekday_agrees_by_half_where_no_date_is_known() -> None:
    assert agreement((4,), (10904,)) == (0.5, 0.0)


def test_two_dates_differ_though_they_fall_on_one_weekday() -> None:
    assert agreement((10904,), (10205,)) == (0.0, 1.0)
    assert agreement((10904,), (11604,)) == (0.0, 1.0)


def test_a_day_that_is_not_named_is_evidence_neither_way() -> None:
    assert agreement((), (10904,)) == agreement((10904,), ()) == (0.0, 0.0)


_DAYS = st.lists(st.sampled_from([4, 5, 10904, 10905, 11604, 1_010_904, 10900]), max_size=4, unique=True)


@given(_DAYS, _DAYS)
def test_agreement_is_symmetric(days: list[int], others: list[int]) -> None:
    assert agreement(days, others) == agreement(others, days)
