from __future__ import annotations

from collections.abc import Callable

import pytest

from storyfold.matching.relation import Judgement, Relation

Judged = Callable[[str, str], Judgement]


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("ferry", "ferry", Relation.COPY),
        ("ferry-corrected", "ferry", Relation.COPY),
        ("ferry-cut", "ferry", Relation.REPRINT),
        ("ferry-rewritten", "ferry", Relation.REWRITE),
        ("hedgehogs", "ferry", Relation.NEW),
        ("hedgehogs", "market-monday", Relation.NEW),
    ],
)
def test_a_text_is_to_another_what_was_made_of_it(judged: Judged, one: str, other: str, relation: Relation) -> None:
    assert judged(one, other).relation is relation


def test_an_independent_report_of_the_same_event_is_no_rewrite(judged: Judged) -> None:
    assert judged("ferry-independent", "ferry").relation in (Relation.NEW, Relation.UNCERTAIN)


def test_the_next_days_market_report_is_another_text_in_spite_of_its_wording(judged: Judged) -> None:
    judgement = judged("market-tuesday", "market-monday")
    assert judgement.features["runs3"] > 0.4
    assert judgement.relation is Relation.NEW


def test_a_translation_is_no_copy(judged: Judged) -> None:
    assert judged("ferry-german", "ferry").relation not in (Relation.COPY, Relation.REPRINT)


def test_a_judgement_names_every_feature_it_was_made_from(judged: Judged) -> None:
    judgement = judged("ferry-rewritten", "ferry")
    assert judgement.features["names"] > 0.6
    assert judgement.features["runs5"] < 0.3
    assert 0 <= judgement.score <= 1


@pytest.mark.parametrize("other", ["ferry", "ferry-cut", "ferry-rewritten", "hedgehogs", "market-monday"])
def test_judging_is_symmetric(judged: Judged, other: str) -> None:
    forth, back = judged("ferry-rewritten", other), judged(other, "ferry-rewritten")
    assert forth.score == pytest.approx(back.score)
    assert forth.relation is back.relation
