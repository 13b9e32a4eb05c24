from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from storyfold.matching.arrangement import Shared, order, together_and_ascending
from storyfold.matching.features import FEATURES, features
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf

Made = Callable[..., Fingerprint]
HERE = np.arange(20) * 10.0


def shared(there: object) -> Shared:
    return Shared(1, np.zeros(20, dtype=np.intp), np.full(20, 5.0), HERE, np.array(there, dtype=np.float64))


def test_the_same_order_counts_more_than_a_shuffled_one_and_that_more_than_the_reverse() -> None:
    shuffled = random.Random(1).sample(HERE.tolist(), 20)
    orders = [order(shared(there))[0] for there in (HERE, shuffled, HERE[::-1])]
    assert orders[0] > 0.7 > 0.5 > orders[1] > -0.5 > orders[2]


def test_what_stood_in_one_sentence_stands_together_wherever_the_sentence_went() -> None:
    moved = np.concatenate([HERE[10:], HERE[:10]])
    together, ascending = (column[0] for column in together_and_ascending(shared(moved)))
    assert together > 0.8
    assert ascending > 0.8
    assert order(shared(moved))[0] < 0.3


def test_terms_scattered_over_the_other_text_do_not_stand_together() -> None:
    together, ascending = (column[0] for column in together_and_ascending(shared(HERE * 7 % 200 * 40)))
    assert together < 0.1
    assert 0.3 < ascending < 0.8


def test_nothing_shared_says_nothing() -> None:
    nothing = Shared(2, np.empty(0, dtype=np.intp), *(np.empty(0) for _ in range(3)))
    together, ascending = together_and_ascending(nothing)
    assert (order(nothing).tolist(), together.tolist(), ascending.tolist()) == ([0, 0], [0, 0], [0.5, 0.5])


@pytest.mark.parametrize("other", ["ferry", "ferry-cut", "ferry-independent", "market-monday"])
def test_every_feature_is_the_same_both_ways_and_in_any_company(made: Made, idf: Idf, other: str) -> None:
    one, another = made("ferry-rewritten"), made(other)
    forth = features(one, [made("hedgehogs"), another, made("market-tuesday")], idf)[1]
    back = features(another, [one], idf)[0]
    assert dict(zip(FEATURES, forth, strict=True)) == pytest.approx(dict(zip(FEATURES, back, strict=True)))
