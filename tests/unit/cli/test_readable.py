"""What others wrote steers no terminal, and fits a line."""

from __future__ import annotations

import pytest

from storyfold.cli.readable import brief, plain
from storyfold.cli.ties import sentences


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b]0;owned\x07Ferry", "\ufffd]0;owned\ufffdFerry"),
        ("Ferry\x9b2J sails", "Ferry\ufffd2J sails"),
        ("Ferry\tsails\r\nagain\u2028today", "Ferry sails again today"),
        ("\u202eyrref", "\ufffdyrref"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("“Fähre” fährt — ഫെറി 渡轮 👩‍🚒", "“Fähre” fährt — ഫെറി 渡轮 👩‍🚒"),
    ],
)
def test_what_would_steer_a_terminal_is_shown_harmless_and_all_else_as_it_is(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_a_long_text_is_cut_between_words() -> None:
    assert brief("The  ferry\nsails again every two hours.", 20) == "The ferry sails…"


def test_a_text_without_blanks_is_cut_all_the_same() -> None:
    assert brief("渡轮" * 50, 20) == "渡轮" * 9 + "渡…"


def passage(at: tuple[int, int], other: tuple[int, int], alike: float) -> dict[str, object]:
    return {"at": list(at), "other": list(other), "alike": alike}


def test_sentences_stand_one_above_the_other_and_once_where_they_are_the_same() -> None:
    text, other = "It sails again. Wind blew. Nobody drowned.", "Nobody drowned. It does sail again."
    evidence = {"passages": [passage((0, 15), (16, 35), 0.6), passage((27, 42), (0, 15), 1.0)]}
    assert list(sentences(evidence, text, other, ("this", "12"))) == [
        "this │ It sails again.",
        "  12 │ It does sail again.",
        "both │ Nobody drowned.",
    ]


def test_the_likest_sentences_are_shown_in_the_order_of_the_text() -> None:
    text = "abcde"
    found = [passage((n, n + 1), (n, n + 1), alike) for n, alike in enumerate((0.4, 0.9, 0.5, 0.8, 0.7))]
    shown = list(sentences({"passages": found}, text, text, ("1", "2")))
    assert [line[-1] for line in shown] == ["b", "d", "e"]


def test_a_text_that_has_grown_shorter_since_shows_no_sentence() -> None:
    assert list(sentences({"passages": [passage((0, 5), (90, 95), 0.8)]}, "Short", "Short", ("1", "2"))) == []
