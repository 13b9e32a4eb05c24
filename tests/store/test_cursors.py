from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.errors import BadInput
from storyfold.store import cursors

PLACES = st.lists(
    st.text(st.characters(codec="utf-8"), max_size=30) | st.integers() | st.floats(allow_nan=False) | st.none(),
    max_size=4,
)


@given(PLACES)
def test_a_cursor_gives_back_its_place_and_needs_no_escaping(place):
    cursor = cursors.encode("links", *place)
    assert cursors.decode(cursor, "links") == place
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&%#")


@given(st.text())
def test_what_is_no_cursor_is_bad_input(text):
    with pytest.raises(BadInput):
        cursors.decode(text, "links")


def test_any_letter_that_is_changed_is_noticed():
    cursor = cursors.encode("links", 4711)
    for place, letter in enumerate(cursor):
        damaged = cursor[:place] + ("B" if letter == "A" else "A") + cursor[place + 1 :]
        with pytest.raises(BadInput):
            cursors.decode(damaged, "links")


def test_a_cursor_of_another_list_is_bad_input():
    with pytest.raises(BadInput):
        cursors.decode(cursors.encode("feeds", 1), "links")


def test_a_number_is_asked_for_where_places_are_numbers():
    assert cursors.decode_id(cursors.encode("links", 7), "links") == 7
    for place in (("7",), (7, 8), ()):
        with pytest.raises(BadInput):
            cursors.decode_id(cursors.encode("links", *place), "links")
