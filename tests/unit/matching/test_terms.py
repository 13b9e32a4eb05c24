from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyfold.matching.normalise import normal_figure
from storyfold.matching.tokens import _ASCII_TOKEN, _TOKEN, QUOTED, distinct, distinct_by_line, distinct_terms, split

LETTERS = "abA .,\n\t\u00a0\u0301¨ﬁ½…“”«»\"'-_1٣हकไ中文カタа\u200b\u00adＡİ!。"


@given(st.text(max_size=80) | st.text(LETTERS, max_size=80))
@settings(max_examples=200, deadline=None)
def test_each_line_has_the_terms_that_it_has_alone(text: str) -> None:
    lines, terms = distinct_by_line(text)
    for number, line in enumerate(text.split("\n")):
        assert np.array_equal(terms[lines == number], np.unique(split(line).hashes))


@given(st.text(max_size=80) | st.text(LETTERS, max_size=80))
@settings(max_examples=200, deadline=None)
def test_distinct_terms_are_those_of_the_whole_text(text: str) -> None:
    assert np.array_equal(distinct_terms(text), np.unique(split(text).hashes))


@given(st.lists(st.integers(0, 9)))
def test_distinct_numbers_are_sorted(numbers: list[int]) -> None:
    assert distinct(np.array(numbers, dtype=np.uint32)).tolist() == sorted(set(numbers))


def test_a_text_in_another_script_is_read_the_same_each_time(written: tuple[str, str]) -> None:
    once, twice = split(written[1]), split(written[1])
    assert np.array_equal(once.hashes, twice.hashes)
    assert np.array_equal(once.flags, twice.flags)


def test_quotation_marks_reach_across_lines() -> None:
    terms = split("He said: “We cannot\npour money” and left.")
    assert terms.hashes[(terms.flags & QUOTED) != 0].tolist() == split("We cannot pour money").hashes.tolist()


@pytest.mark.parametrize(
    ("figure", "normal"),
    [("1,000", "1000"), ("1.000.000", "1000000"), ("4.2", "4.2"), ("4,2", "4.2"), ("1911", "1911")],
)
def test_separators_between_thousands_go(figure: str, normal: str) -> None:
    assert normal_figure(figure) == normal


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_a_text_of_ascii_is_cut_up_as_any_other(text: str) -> None:
    assert _ASCII_TOKEN.findall(text) == _TOKEN.findall(text)


def test_forms_of_a_name_begin_alike_and_figures_have_no_beginning() -> None:
    words = split("Russia Russians russian 4,200 Rome").beginnings.tolist()
    assert words[0] == words[1] == words[2] != words[4]
    assert words[3] == 0


def test_a_japanese_name_begins_as_it_is() -> None:
    terms = split("車トヨタ")
    assert [term == word for term, word in zip(terms.hashes, terms.beginnings, strict=True)] == [False, True, True]
