"""Posting lists as bytes: what goes in comes out, in order, and an article can be taken out again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.candidates import Postings
from storyfold.matching.postings import POSTING, by_term, posting, without

POSTINGS = st.lists(st.tuples(st.integers(1, 2**32 - 1), st.integers(0, 3_652_059), st.integers(0, 1000)), max_size=20)
"""(article id, day, share); 3,652,059 is the last day of the year 9999."""


def packed(postings: list[tuple[int, int, int]]) -> bytes:
    return b"".join(posting(*each) for each in postings)


def unpacked(data: bytes) -> list[tuple[int, int, int]]:
    found = Postings.from_bytes(data)
    return list(zip(found.ids.tolist(), found.days.tolist(), found.shares.tolist(), strict=True))


@given(POSTINGS)
def test_postings_come_back_as_they_were_packed(postings: list[tuple[int, int, int]]) -> None:
    assert unpacked(packed(postings)) == postings


def test_a_day_that_is_not_known_is_zero() -> None:
    assert unpacked(posting(7, None, 12)) == [(7, 0, 12)]


def test_an_id_that_does_not_fit_is_refused_rather_than_cut() -> None:
    with pytest.raises(OverflowError):
        posting(2**32, 1, 1)


@given(POSTINGS, st.sets(st.integers(1, 2**32 - 1), max_size=3))
def test_articles_are_taken_out_and_all_others_stay_in_order(
    postings: list[tuple[int, int, int]], strangers: set[int]
) -> None:
    gone = strangers | {id for id, _, _ in postings[::2]}
    assert unpacked(without(packed(postings), gone)) == [each for each in postings if each[0] not in gone]


def test_postings_of_several_articles_stand_under_their_terms_in_order() -> None:
    lists = by_term([(3, 5, {1: 10, 2: 20}), (4, None, {2: 30})])
    assert {term: unpacked(data) for term, data in lists.items()} == {1: [(3, 5, 10)], 2: [(3, 5, 20), (4, 0, 30)]}
    assert len(lists[2]) == 2 * POSTING
