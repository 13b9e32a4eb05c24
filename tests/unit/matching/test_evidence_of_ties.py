from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from storyfold.matching.evidence import MOST_QUOTES, evidence, evidence_of, reading
from storyfold.matching.idf import Idf
from storyfold.matching.readings import Readings
from storyfold.matching.relation import Judgement

Judged = Callable[[str, str], Judgement]


@pytest.fixture
def shown(text: Callable[[str], str], judged: Judged, idf: Idf) -> dict[str, Any]:
    judgement = judged("ferry-rewritten", "ferry")
    return evidence(text("ferry-rewritten"), text("ferry"), judgement, idf, "en")


def test_passages_stand_where_their_offsets_say(shown: dict[str, Any], text: Callable[[str], str]) -> None:
    assert len(shown["passages"]) >= 3
    for passage in shown["passages"]:
        start, end = passage["at"]
        other_start, other_end = passage["other"]
        assert text("ferry-rewritten")[start:end].strip()
        assert text("ferry")[other_start:other_end].strip()
    best = max(shown["passages"], key=lambda p: p["alike"])
    assert best["alike"] > 0.4


def test_shared_names_and_figures_are_named(shown: dict[str, Any]) -> None:
    names = {name["name"] for name in shown["names"]}
    assert {"Petra Haldane", "Goran Vestby", "Tomas Eriksdal"} <= names
    assert {"18.4", "640", "300"} <= set(shown["figures"])


def test_a_name_spelled_differently_is_shown_in_both_spellings(judged: Judged, idf: Idf) -> None:
    one = "Late on Friday the minister said that Volodymyr Zelensky would speak at noon."
    other = "As of noon on Friday it was Volodymyr Zelenskyy who would speak, said the minister."
    shown = evidence(one, other, judged("ferry", "ferry"), idf, "en")
    assert {"name": "Volodymyr Zelensky", "other": "Volodymyr Zelenskyy"} in shown["names"]


@pytest.mark.parametrize(
    ("language", "one", "other", "dates"),
    [
        (
            "en",
            "Late on Friday, the first of May, came Ines Abara.",
            "It was in May, on a Friday, that Ines Abara came.",
            ["Friday", "May"],
        ),
        ("de", "Am Abend kam am Freitag auch Ines Abara.", "Da war am Freitag auch Ines Abara.", ["Freitag"]),
    ],
)
def test_days_that_both_name_are_dates_and_no_names(
    judged: Judged, idf: Idf, language: str, one: str, other: str, dates: list[str]
) -> None:
    shown = evidence(one, other, judged("ferry", "ferry"), idf, language)
    assert (shown["dates"], shown["names"]) == (dates, [{"name": "Ines Abara"}])


def test_a_quote_told_in_both_is_shown(judged: Judged, idf: Idf) -> None:
    one = 'He shrugged. "They have cut the rope and left us to drift," he said.'
    other = "“They cut the rope and have left us to drift,” the farmer complained."
    shown = evidence(one, other, judged("ferry", "ferry"), idf, "en")
    assert [quote["quote"] for quote in shown["quotes"]] == ["They have cut the rope and left us to drift,"]


def test_texts_that_were_read_before_show_the_same(
    shown: dict[str, Any], text: Callable[[str], str], judged: Judged, idf: Idf
) -> None:
    one, other = reading(text("ferry-rewritten")), reading(text("ferry"))
    for _ in range(2):
        assert evidence_of(one, other, judged("ferry-rewritten", "ferry"), idf, "en") == shown


def test_of_a_copy_the_first_sentences_are_shown(text: Callable[[str], str], judged: Judged, idf: Idf) -> None:
    copy = "A note by the editors goes before. " + text("ferry")
    shown = evidence(copy, text("ferry"), judged("ferry", "ferry"), idf, "en")
    starts = [passage["other"][0] for passage in shown["passages"]]
    assert starts[0] == 0
    assert all(text("ferry")[start - 2] in '."' for start in starts[1:])
    assert {passage["alike"] for passage in shown["passages"]} == {1.0}
    assert shown["passages"][-1]["other"][1] < len(text("ferry"))


def test_a_word_in_small_letters_is_no_name_in_any_alphabet(judged: Judged, idf: Idf) -> None:
    one = "Вчера вечером строительство моста одобрила Анна Петрова, сообщили в городе Светлоград."
    other = "В городе Светлоград сообщили: строительство моста одобрила вчера вечером Анна Петрова."
    shown = evidence(one, other, judged("ferry", "ferry"), idf, "ru")
    assert [name["name"] for name in shown["names"]] == ["Анна Петрова", "Светлоград"]


def test_a_name_said_twice_in_a_row_is_a_name(judged: Judged, idf: Idf) -> None:
    shown = evidence("They sailed to Bora Bora.", "In May to Bora Bora!", judged("ferry", "ferry"), idf, "en")
    assert shown["names"] == [{"name": "Bora Bora"}]


def test_a_quote_of_three_words_is_not_telling(judged: Judged, idf: Idf) -> None:
    text = "“Nothing further whatsoever,” he said."
    assert evidence(text, text, judged("ferry", "ferry"), idf, "en")["quotes"] == []


def test_a_text_that_is_all_quotes_is_read_up_to_a_bound() -> None:
    quotes = [f"“Speaker {number} said something of length {number}.”" for number in range(3 * MOST_QUOTES)]
    assert reading(" ".join(quotes)).quotes.splitlines() == [quote[1:-1] for quote in quotes[:MOST_QUOTES]]


def test_evidence_is_a_few_kilobytes_of_json(shown: dict[str, Any]) -> None:
    assert 300 < len(json.dumps(shown)) < 6000


def test_texts_without_anything_in_common_show_nothing(text: Callable[[str], str], judged: Judged, idf: Idf) -> None:
    shown = evidence(text("hedgehogs"), text("market-monday"), judged("hedgehogs", "market-monday"), idf, "en")
    assert (shown["passages"], shown["quotes"], shown["figures"]) == ([], [], [])


@pytest.mark.parametrize("odd", ["", "One.", "no stop " * 4000, "A b c. " * 3000])
def test_odd_texts_have_evidence_too(judged: Judged, idf: Idf, text: Callable[[str], str], odd: str) -> None:
    shown = evidence(odd, text("ferry"), judged("ferry", "ferry"), idf, "en")
    assert len(json.dumps(shown)) < 6000


def test_a_text_is_read_once_until_it_changes_and_few_readings_are_kept() -> None:
    kept = Readings(kept_bytes=5 * reading("The ferry sank.").size // 2)  # of such texts two are kept
    first = kept.of(1, "The ferry sank.")
    assert kept.of(1, "The ferry sank.") is first
    assert kept.of(1, "The ferry was raised.") is not first
    kept.of(2, "Apples froze.")
    assert kept.of(1, "The ferry sank.") is not first
