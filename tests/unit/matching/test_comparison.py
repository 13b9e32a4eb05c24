"""Two texts side by side."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from storyfold.matching.comparison import MOST_WORDS, Comparison, Kind, compare
from storyfold.matching.idf import Idf

ORIGINAL = (
    "The ferry between Norholm and Eastwick sails again on Monday. It was in dock for eleven weeks. "
    "A ticket costs four crowns, the harbour master said.\n\nThe town council had paid for the repair."
)


def seen(text: str, other: str) -> Comparison:
    return compare(text, other, "en", Idf(0))


def told(text: str, other: str) -> list[tuple[str, str, str]]:
    return [
        (p.kind, text[slice(*p.at)] if p.at else "", other[slice(*p.other)] if p.other else "")
        for p in seen(text, other).passages
    ]


def test_a_text_is_the_same_as_itself() -> None:
    found = seen(ORIGINAL, ORIGINAL)
    assert {p.kind for p in found.passages} == {Kind.SAME}
    assert (found.kept, found.taken, found.complete) == (1.0, 1.0, True)


def test_what_was_cut_and_what_was_added_are_told_apart() -> None:
    other = ORIGINAL.replace("It was in dock for eleven weeks. ", "") + " Bathers were not asked for their opinion."
    kinds = told(ORIGINAL, other)
    assert ("cut", "It was in dock for eleven weeks.", "") in kinds
    assert kinds[-1] == ("added", "", "Bathers were not asked for their opinion.")
    assert [kind for kind, _, _ in kinds].count("same") == 3


def test_the_words_that_changed_are_made_out() -> None:
    other = ORIGINAL.replace("four crowns", "five gold crowns")
    [changed] = [p for p in seen(ORIGINAL, other).passages if p.kind == Kind.CHANGED]
    assert [(ORIGINAL[slice(*e.at)], other[slice(*e.other)]) for e in changed.edits] == [("four", "five gold")]


def test_words_only_added_or_only_cut_have_an_empty_span_where_nothing_stands() -> None:
    other = ORIGINAL.replace("eleven weeks", "eleven long weeks")
    [changed] = [p for p in seen(ORIGINAL, other).passages if p.kind == Kind.CHANGED]
    [edit] = changed.edits
    assert edit.at[0] == edit.at[1]
    assert ORIGINAL[edit.at[0] :].startswith("weeks")
    assert other[slice(*edit.other)] == "long"


def test_sentences_that_only_moved_are_the_same() -> None:
    first, second = "The council had paid for the repair. ", "A ticket for the ferry costs four crowns now. "
    assert [kind for kind, _, _ in told(first + second, second + first)] == ["same", "same"]


def test_other_blanks_are_no_change() -> None:
    assert [kind for kind, _, _ in told("The ferry  sails.", "The ferry sails.")] == ["same"]


def test_what_is_added_stands_after_what_it_follows() -> None:
    other = ORIGINAL.replace("It was in dock", "Nobody at the quay had expected that. It was in dock")
    assert [kind for kind, _, _ in told(ORIGINAL, other)] == ["same", "added", "same", "same", "same"]


def test_shares_are_of_each_texts_own_words() -> None:
    half = "The ferry sails again on Monday."
    found = seen(half, f"{half} Some say it will be late and slow.")
    assert found.kept == 1.0
    assert 0.3 < found.taken < 0.5


def test_texts_that_share_nothing_are_cut_and_added() -> None:
    assert {kind for kind, _, _ in told("The ferry sails.", "Painters met upstairs.")} == {"cut", "added"}
    assert seen("", "").passages == ()


def test_a_sentence_without_end_is_compared_in_no_time() -> None:
    endless = "ferry boat ship sail dock " * (5 * MOST_WORDS)
    [passage] = seen(endless, endless + "late").passages
    assert (passage.kind, passage.edits) == (Kind.CHANGED, ())


def test_a_long_text_says_that_not_all_was_compared() -> None:
    long = " ".join(f"Ship number {n} left for harbour {n * 7} today." for n in range(300))
    assert not seen(long, long[:200]).complete


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_every_sentence_stands_in_the_outcome_exactly_once(text: str, other: str) -> None:
    found = seen(text, other)
    mine = [p.at for p in found.passages if p.at]
    theirs = sorted(p.other for p in found.passages if p.other)
    assert mine == sorted(set(mine))
    assert len(theirs) == len(set(theirs))
    assert all((p.at is None) == (p.kind == Kind.ADDED) for p in found.passages)
    assert 0 <= found.kept <= 1
    assert 0 <= found.taken <= 1
