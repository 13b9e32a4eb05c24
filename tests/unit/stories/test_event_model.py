"""Bonds, surroundings and log-odds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.event import (
    NEIGHBOURS,
    WINDOW_DAYS,
    Bond,
    bonds,
    bonds_of,
    log_odds,
    probability,
    shipped_model,
    surroundings,
    within_window,
)
from storyfold.matching.event_features import FEATURES, Report, event_features
from storyfold.matching.features import features, features_of
from storyfold.matching.idf import Idf
from storyfold.matching.overlap import AT_ONCE, in_portions

IDF = Idf(0)
LONELY = surroundings([], None)
NAMES = ("quake-a", "quake-b", "quake-elsewhere", "market-monday", "obituary-painter", "unrelated")

ReportOf = Callable[..., Report]


def odds(a: Report, b: Report) -> float:
    return log_odds(bonds(a, [b], IDF)[0], LONELY, LONELY)


def test_two_reports_of_one_event_are_above_the_line(report: ReportOf) -> None:
    assert odds(report("quake-a", 8), report("quake-b", 8)) > 0


def test_two_reports_of_one_event_are_above_the_line_without_dates(report: ReportOf) -> None:
    assert odds(report("quake-a"), report("quake-b")) > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("quake-a", "quake-elsewhere"),
        ("market-monday", "market-tuesday"),
        ("obituary-painter", "obituary-skier"),
        ("quake-a", "unrelated"),
    ],
)
def test_a_look_alike_is_farther_than_a_report_of_the_same_event(report: ReportOf, one: str, other: str) -> None:
    same = odds(report("quake-a", 8), report("quake-b", 8))
    assert odds(report(one, 8), report(other, 9)) < same - 1


@pytest.mark.parametrize("days", [(8, 9), (None, None)])
def test_the_same_market_report_with_new_figures_is_another_event(
    report: ReportOf, days: tuple[int | None, int | None]
) -> None:
    assert odds(report("market-monday", days[0]), report("market-tuesday", days[1])) < -3


def test_another_earthquake_is_another_event(report: ReportOf) -> None:
    assert odds(report("quake-a", 8), report("quake-elsewhere", 11)) < 0


def test_more_days_between_make_one_event_less_likely(report: ReportOf) -> None:
    made = [bonds(report("quake-a", 8), [report("quake-b", day)], IDF)[0] for day in (8, 9, 10, 11, 12)]
    for links in ([b.alone for b in made], [b.settled for b in made]):
        assert links == sorted(set(links), reverse=True)


def test_a_missing_date_lies_between_the_best_and_the_worst_known_one(report: ReportOf) -> None:
    unknown = bonds(report("quake-a", 8), [report("quake-b")], IDF)[0].alone
    same_day, far = (bonds(report("quake-a", 8), [report("quake-b", day)], IDF)[0].alone for day in (8, 12))
    assert far < unknown < same_day


def test_bonds_are_symmetric(report: ReportOf) -> None:
    reports = [report(name, 8) for name in NAMES]
    for a in reports:
        forth = bonds(a, reports, IDF)
        back = [bonds(b, [a], IDF)[0] for b in reports]
        for f, b in zip(forth, back, strict=True):
            assert (f.cosine, f.alone, f.settled) == pytest.approx((b.cosine, b.alone, b.settled), abs=1e-9)


def test_relation_rows_that_are_known_give_the_same_bonds(report: ReportOf) -> None:
    one, others = report("quake-a"), [report(name) for name in NAMES]
    rows = features(one.fingerprint, [o.fingerprint for o in others], IDF)
    assert bonds(one, others, IDF, relation=rows) == bonds(one, others, IDF)


def test_nobody_to_compare_with_gives_no_rows(report: ReportOf) -> None:
    assert event_features(report("quake-a"), [], IDF).shape == (0, len(FEATURES))
    assert bonds(report("quake-a"), [], IDF) == []


def test_an_empty_text_has_finite_features(report: ReportOf) -> None:
    from storyfold.matching.fingerprint import fingerprint

    empty = Report(fingerprint("", title=None, language="en", published=None))
    rows = event_features(empty, [report("quake-a"), empty], IDF)
    assert (abs(rows) < 1e6).all()
    assert (event_features(report("quake-a"), [empty], IDF) >= 0).all()


def test_a_report_in_another_language_is_compared_too(report: ReportOf) -> None:
    one = report("quake-a")
    other = Report(replace(report("quake-b").fingerprint, language="de"))
    assert len(bonds(one, [other, report("quake-b")], IDF)) == 2


def test_a_crowd_makes_one_event_less_likely() -> None:
    bond = Bond(0.4, 0.0, -5.0)
    quiet = surroundings([(n, 0.08) for n in range(NEIGHBOURS)], None)
    crowded = surroundings([(n, 0.5) for n in range(NEIGHBOURS)], None)
    assert log_odds(bond, crowded, crowded) < log_odds(bond, quiet, quiet)


def test_copies_of_one_text_are_no_crowd() -> None:
    copies = [(7, 0.6 + n / 100) for n in range(30)]
    assert surroundings(copies, None) == surroundings([(7, 0.89)], None)


def test_an_articles_own_cluster_is_no_neighbour() -> None:
    assert surroundings([(1, 0.9), (2, 0.3)], 1) == surroundings([(2, 0.3)], None)


def test_what_is_around_counts_only_as_far_as_it_is_known() -> None:
    bond = Bond(0.3, 2.0, -50.0)
    assert log_odds(bond, LONELY, LONELY) == 2.0 - shipped_model().line


_NEIGHBOURS = st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1)), max_size=40)


@given(_NEIGHBOURS, _NEIGHBOURS)
def test_log_odds_are_symmetric_and_the_order_of_neighbours_says_nothing(
    mine: list[tuple[int, float]], theirs: list[tuple[int, float]]
) -> None:
    bond, a, b = Bond(0.2, 0.5, 1.5), surroundings(mine, 3), surroundings(theirs, 4)
    assert log_odds(bond, a, b) == pytest.approx(log_odds(bond, b, a))
    assert a == surroundings(list(reversed(mine)), 3)


@given(st.floats(-7, 7), st.floats(-7, 7))
def test_the_score_grows_with_the_link_and_is_a_half_on_the_line(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 0 <= probability(low) <= probability(high) <= 1
    assert probability(0.0) == 0.5


def test_only_two_known_dates_can_be_too_far_apart() -> None:
    assert within_window(100, 100 + WINDOW_DAYS)
    assert not within_window(100, 101 + WINDOW_DAYS)
    assert within_window(None, 100)
    assert within_window(100, None)


def test_many_articles_beside_their_others_give_what_each_gives_alone(report: ReportOf) -> None:
    reports = [report(name, 8) for name in NAMES]
    asked = [(one, reports[place:]) for place, one in enumerate(reports)] + [(reports[0], [])]
    prints = [(one.fingerprint, [other.fingerprint for other in others]) for one, others in asked]
    alone = [features(article, others, IDF) for article, others in prints]
    assert np.allclose(features_of(prints, IDF), np.vstack(alone), atol=1e-12)
    assert np.allclose(bonds_of(asked, IDF), [bond for one, others in asked for bond in bonds(one, others, IDF)])


def test_what_is_asked_is_looked_at_in_bounded_portions_and_none_is_lost(report: ReportOf) -> None:
    one = report("quake-a").fingerprint
    asked = [(one, [one] * 400)] * 7
    portions = list(in_portions(asked))
    assert [pair for portion in portions for pair in portion] == asked
    assert max(sum(len(others) for _, others in portion) for portion in portions) < AT_ONCE + 400
