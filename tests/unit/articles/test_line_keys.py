"""What a line is found again by, and how spaces and breaks of a text are made even."""

import re

import pytest
from lxml.html import document_fromstring

from storyfold.articles.line_rules import _without_groups
from storyfold.articles.plaintext import tidy
from storyfold.articles.structure import line_key, page_marks

LINES = [
    "Harbour reopens: 12 ships, 3 tugs_left!",
    "“Nobody asked us”, said Zoë Ångström — ΟΔΟΣ, Straße 5 №7",
    "港は再開した。 Ещё два судна.",
    "a lone surrogate \ud83d here",
    "",
]


@pytest.mark.parametrize("line", LINES)
def test_a_key_is_the_letters_digits_and_underscores_in_lower_case(line: str) -> None:
    assert line_key(line) == re.sub(r"\W+", "", line).lower()


def test_every_kind_of_line_break_and_space_is_made_one() -> None:
    text = "\u2028 one\u00a0\t two \r\nthree\rfour\x0bfive\x85six\u2029\n\n\n\nseven\x1c \u200b"
    assert tidy(text) == "one two\nthree\nfour\nfive\nsix\n\nseven"


def test_a_lone_surrogate_is_replaced_and_what_cannot_be_kept_is_left_out() -> None:
    assert tidy("a\ud800b\x00c\ufffed") == "a\ufffdbcd"


def test_a_pattern_without_its_groups_keeps_brackets_that_are_characters() -> None:
    row = r"[^.]{1,9}[/|(] ?(afp|ap( photo)?)\)?|\((?=x)x"
    changed = re.compile(_without_groups(row))
    assert changed.groups == 0
    assert changed.fullmatch("Somebody (ap photo)")
    assert not changed.fullmatch("Somebody ?ap")


def test_a_class_is_told_by_its_first_word_in_the_table_and_before_the_id() -> None:
    lines = ["Some caption line of a picture", "Another line beside all that", "A third one of these lines"]
    tree = document_fromstring(
        f"<html><body><p>x</p><div class='wp-Caption by date'>{lines[0]}</div>"
        f"<div class='captions' id='a_newsletter'>{lines[1]}</div>"
        f"<div class='promo2' id='date'>{lines[2]}</div></body></html>"
    )
    marked = page_marks(tree).marked
    assert marked == {
        line_key(lines[0]): "media",
        line_key(lines[1]): "follow",
        line_key(lines[2]): "promotion",
    }
