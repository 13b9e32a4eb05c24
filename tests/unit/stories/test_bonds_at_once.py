"""Surroundings and log-odds of many bonds at once are those of each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.event import (
    Bond,
    BondTable,
    log_odds,
    log_odds_of,
    surroundings,
    surroundings_of,
)

ARTICLES = 40
_ENDS = st.tuples(st.integers(0, ARTICLES - 1), st.integers(0, ARTICLES - 1)).filter(lambda p: p[0] < p[1])
_BONDS = st.builds(Bond, st.floats(-0.1, 1), st.floats(-8, 8), st.floats(-8, 30))
Stored = dict[tuple[int, int], Bond]


def beside(stored: Stored, article: int) -> list[tuple[int, float]]:
    return [(b if a == article else a, bond.cosine) for (a, b), bond in stored.items() if article in (a, b)]


@given(st.dictionaries(_ENDS, _BONDS, max_size=300))
def test_they_equal_what_is_computed_one_by_one(stored: Stored) -> None:
    around = [surroundings(beside(stored, article)) for article in range(ARTICLES)]
    bonds = BondTable.of((a, b, bond) for (a, b), bond in stored.items())
    table = surroundings_of(ARTICLES, np.concatenate([bonds.one, bonds.other]), np.tile(bonds.cosine, 2))
    assert table.known.tolist() == [each.known for each in around]
    assert table.crowding == pytest.approx(np.array([each.crowding for each in around]))
    odds = log_odds_of(bonds, table, bonds.one, bonds.other)
    assert odds.tolist() == pytest.approx([log_odds(bond, around[a], around[b]) for (a, b), bond in stored.items()])


def test_of_a_crowd_the_twenty_nearest_are_known() -> None:
    crowd = np.linspace(0.1, 0.9, 60)
    table = surroundings_of(2, np.zeros(60, np.int64), crowd)
    by_itself = surroundings(list(enumerate(crowd.tolist())))
    assert (table.known.tolist(), table.crowding[0].tolist()) == ([20, 0], pytest.approx(by_itself.crowding))


def test_no_bonds_make_no_odds() -> None:
    bonds = BondTable.of([])
    table = surroundings_of(0, bonds.one, bonds.cosine)
    assert len(bonds) == len(log_odds_of(bonds, table, bonds.one, bonds.other)) == 0
