"""Articles of unusual make: very short, very long, shouted, repeated, doubled, written from a template."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storyfold.matching.assign import Candidate, assign
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import SYNDICATED, Judgement, Relation
from storyfold.matching.repair import Member, repair

Made = Callable[..., Fingerprint]
Judged = Callable[[str, str], Judgement]
Text = Callable[[str], str]

APART = (Relation.NEW, Relation.UNCERTAIN)

WEATHER = """Forecast for Calder valley on {day}: clouds in the morning with {a} to {b} degrees, sunny spells in the
afternoon with highs of {c} degrees. Winds from the west at {d} to {e} kilometres an hour, gusts of {f} on the ridge.
Chance of rain {g} percent. Tonight it stays dry, with lows of {h} degrees in the valley and fog by the river."""

MATCH = """{home} beat {away} {score} at the Lindmark ground on {day} in front of {crowd} spectators. {hero} scored in
minute {first} and again in minute {second}. {keeper} saved a penalty just before the break. The side stands on rank
{rank} with {points} points from {played} games and travels to {next} next week."""

FIRE_SHORT = """A fire in a timber yard at Brannholm kept forty firemen busy through Tuesday night. Nobody was hurt, police said.
The cause is not known. The road to the harbour was closed until six in the morning."""

FIRE_SHORT_TOO = """Flames over Brannholm: stacks of timber burned down on Tuesday, and smoke drifted across the bay. A night
watchman saw the glow and called for help. Owner Sven Oster puts his loss at half a million crowns."""


def words(text: str, count: int, start: int = 0) -> str:
    return " ".join(text.split()[start : start + count])


def test_thirty_words_out_of_an_article_are_a_reprint_of_it(judged: Judged, text: Text) -> None:
    assert judged(words(text("ferry"), 30), "ferry").relation is Relation.REPRINT


def test_thirty_words_on_something_else_are_new(judged: Judged, text: Text) -> None:
    assert judged(words(text("hedgehogs"), 30), words(text("ferry"), 30)).relation is Relation.NEW


def test_two_short_reports_of_one_event_are_no_rewrites_of_each_other(judged: Judged) -> None:
    assert judged(FIRE_SHORT, FIRE_SHORT_TOO).relation in APART


def test_two_hundred_thousand_words_are_a_copy_of_themselves_and_of_nothing_else(judged: Judged, text: Text) -> None:
    huge = " ".join(f"{word}{n % 977:x}" for n in range(1000) for word in text("ferry").split())
    assert judged(huge, huge + " The end.").relation is Relation.COPY
    assert judged(huge, "ferry").relation in APART


@pytest.mark.parametrize("changed", [str.upper, str.lower, str.title])
def test_a_rewrite_is_known_whatever_letters_it_is_set_in(
    judged: Judged, text: Text, changed: Callable[[str], str]
) -> None:
    assert judged(changed(text("ferry-rewritten")), "ferry").relation is Relation.REWRITE


def test_a_text_without_spaces_is_its_own_copy_and_nothing_to_others(judged: Judged, text: Text) -> None:
    solid = text("ferry").replace(" ", "")
    assert judged(solid, solid).relation is Relation.COPY
    assert judged(solid, "ferry").relation is Relation.NEW


def test_a_sentence_said_again_and_again_is_no_copy_of_itself_said_once(judged: Judged) -> None:
    sentence = "The mayor of Osterby counted forty hedgehogs in the library garden on Friday morning. "
    assert judged(sentence * 50, sentence).relation is Relation.REPRINT
    assert judged(sentence * 50, "market-monday").relation is Relation.NEW


def test_two_articles_on_one_page_are_a_reprint_of_either(judged: Judged, text: Text) -> None:
    page = text("ferry") + "\n" + text("hedgehogs")
    assert judged(page, "ferry").relation is Relation.REPRINT
    assert judged(page, "hedgehogs").relation is Relation.REPRINT


def test_a_page_with_two_articles_does_not_make_them_one(made: Made, text: Text, idf: Idf) -> None:
    page = made(text("ferry") + "\n" + text("hedgehogs"))
    known = [Candidate(1, 11, 21, made("ferry")), Candidate(2, 12, 22, made("hedgehogs"))]
    assert assign(page, known, idf).cluster_id in (11, 12)
    for first, second in (("ferry", "hedgehogs"), ("hedgehogs", "ferry")):
        clusters = {11: [Member(1, made(first)), Member(3, page)], 12: [Member(2, made(second))]}
        assert repair(clusters, idf).merges == ()


@pytest.mark.parametrize(
    ("template", "one", "other"),
    [
        (
            WEATHER,
            {"day": "Monday", "a": 4, "b": 7, "c": 13, "d": 15, "e": 25, "f": 48, "g": 20, "h": 2},
            {"day": "Tuesday", "a": 6, "b": 9, "c": 16, "d": 10, "e": 18, "f": 31, "g": 5, "h": 3},
        ),
        (
            MATCH,
            {
                "home": "Osterby", "away": "Vellmar", "score": "3-1", "day": "Saturday", "crowd": "4,120",
                "hero": "Lindqvist", "first": 12, "second": 71, "keeper": "Moberg", "rank": 5, "points": 31,
                "played": 19, "next": "Grey Quay",
            },
            {
                "home": "Brannholm", "away": "Norrland", "score": "2-0", "day": "Sunday", "crowd": "2,875",
                "hero": "Hakonsen", "first": 33, "second": 88, "keeper": "Stenberg", "rank": 9, "points": 24,
                "played": 20, "next": "Osmund",
            },
        ),
    ],
    ids=["weather", "match result"],
)  # fmt: skip
def test_the_next_text_from_a_template_is_another_text(
    judged: Judged, template: str, one: dict[str, object], other: dict[str, object]
) -> None:
    judgement = judged(template.format(**one), template.format(**other))
    assert judgement.features["runs3"] > 0.3
    assert judgement.relation not in SYNDICATED


def test_a_corrected_figure_and_name_leave_a_copy_a_copy(judged: Judged, text: Text) -> None:
    corrected = text("ferry").replace("18.4", "14.8").replace("Vestby", "Vestbo") + " Correction: the sum was wrong."
    assert judged(corrected, "ferry").relation is Relation.COPY


@pytest.mark.parametrize("other", ["ferry", "ferry-rewritten"])
def test_a_translation_is_never_a_copy_nor_a_reprint(judged: Judged, other: str) -> None:
    assert judged("ferry-german", other).relation not in (Relation.COPY, Relation.REPRINT)
