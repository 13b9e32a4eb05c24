from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyfold.articles.article import Declared, restore
from storyfold.articles.digest import MAX_TEXT_CHARACTERS, digest_text
from storyfold.articles.plaintext import storable, tidy

NOW = datetime(2024, 3, 1, tzinfo=UTC)
JUNK = {"Header Ads", "No comments", "Powered by Blogger."}
SEEDS = sorted((Path(__file__).parents[3] / "seeds").glob("*.txt"))
FIRST = "The old pier of Lindow will be rebuilt, the harbour council decided on Tuesday."
SECOND = "“It took nine years,” said the mayor, who had criticised the header ads for the plan."


def digest(text: str, **declared: object):
    return digest_text(text, declared=Declared(**declared), now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name[:3])
def test_of_a_seed_only_junk_lines_go(seed: Path) -> None:
    lines = [line for line in tidy(seed.read_text(encoding="utf-8")).split("\n") if line]
    kept = [line for line in digest(seed.read_text(encoding="utf-8")).text.split("\n") if line]
    assert kept == [line for line in lines if line not in JUNK]


def test_paragraphs_stay_paragraphs() -> None:
    assert digest(f"Header Ads\n\n{FIRST}\n\n\n\n{SECOND}\n\nNo comments\n").text == f"{FIRST}\n\n{SECOND}"


def test_lists_and_verse_keep_their_lines() -> None:
    verse = "The tide came in at seven,\nthe tide went out at ten,\nand no one asked the fishermen."
    text = f"{FIRST}\n\n• Cost: nine million\n• Length: 212 metres\n\n{verse}"
    assert digest(text).text == text


def test_a_first_line_like_a_headline_is_the_title_and_stays_in_the_text() -> None:
    article = digest(f"Pier to be rebuilt after nine years\n\n{FIRST}")
    assert article.title == "Pier to be rebuilt after nine years"
    assert article.text.startswith("Pier to be rebuilt after nine years\n")


@pytest.mark.parametrize("first", [FIRST, "Pier to be rebuilt,", "x" * 200, "Pier"])
def test_a_first_line_unlike_a_headline_is_no_title(first: str) -> None:
    assert digest(f"{first}\n\n{SECOND}").title is None


def test_a_first_line_not_followed_by_a_blank_line_is_no_title() -> None:
    assert digest(f"Pier to be rebuilt after nine years\n{FIRST}").title is None


def test_a_declared_title_wins_and_its_repetition_goes() -> None:
    article = digest(f"Pier to be rebuilt\n\n{FIRST}\n\n{SECOND}", title="Pier to be rebuilt")
    assert article.text == f"{FIRST}\n\n{SECOND}"
    assert [removed.reason for removed in article.removed] == ["headline"]


def test_a_declared_time_in_the_future_is_unknown() -> None:
    assert digest(FIRST, published=NOW + timedelta(hours=1)).published is None
    assert digest(FIRST, published=NOW - timedelta(hours=1)).published == NOW - timedelta(hours=1)


def test_what_was_removed_can_be_put_back() -> None:
    text = f"Header Ads\n\n{FIRST}\n\nNo comments\n\n{SECOND}\n\nPowered by Blogger."
    article = digest(text)
    assert restore(article).text == text
    assert restore(article).removed == ()
    one = restore(article, article.removed[1])
    assert one.text == f"{FIRST}\n\nNo comments\n\n{SECOND}"
    assert len(one.removed) == 2


def test_a_line_of_another_article_cannot_be_put_back() -> None:
    with pytest.raises(ValueError, match="not removed"):
        restore(digest(FIRST), digest(f"Header Ads\n\n{FIRST}").removed[0])


def test_nothing_is_empty_and_too_much_is_cut() -> None:
    assert digest(" \0\n ").rejected == "empty"
    large = digest("A sentence. " * (MAX_TEXT_CHARACTERS // 10))
    assert large.rejected == "too-big"
    assert len(large.text) <= MAX_TEXT_CHARACTERS


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_any_text_can_be_stored_and_a_second_pass_changes_nothing(text: str) -> None:
    article = digest(text)
    article.text.encode("utf-8")
    assert "\0" not in article.text
    assert storable(article.text) == article.text
    assert tidy(article.text) == article.text
    assert article.text or article.rejected
