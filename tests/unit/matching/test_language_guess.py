from __future__ import annotations

from collections.abc import Callable

import pytest

from storyfold.matching.language import SAMPLE, language_of


def test_a_sentence_names_its_language(written: tuple[str, str]) -> None:
    language, sentence = written
    assert language_of(sentence) == language


@pytest.mark.parametrize("text", ["", "  \n", "1911, 18.4 ...", "!?"])
def test_a_text_without_words_has_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_a_text_that_opens_with_a_timetable_is_known_by_its_middle(text: Callable[[str], str]) -> None:
    timetable = "12pm SAAC 217   Ph.D   Ok 4\n" * 20
    assert language_of(timetable) != "en"
    assert language_of(timetable[: SAMPLE * 2] + text("ferry")) == "en"


def test_what_stands_beyond_the_sample_is_not_looked_at(text: Callable[[str], str]) -> None:
    opening = text("ferry-german")
    assert language_of(opening + text("ferry")[:400]) == "de"
