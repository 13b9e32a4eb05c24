from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordfreq import get_frequency_list

from storyfold.errors import BadInput
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import CEILING, Idf, Table, Tally, _frequencies
from storyfold.matching.normalise import normal_form
from storyfold.matching.tokens import term_hash


def weight(idf: Idf, word: str, language: str = "en") -> float:
    return float(idf.weights(np.array([term_hash(normal_form(word))], dtype=np.uint32), language)[0])


# Many with the same low bits: terms that find their slot taken are found all the same.
TERMS = st.integers(0, 7).map(lambda n: n << 16 | 5) | st.integers(0, 2**32 - 1) | st.sampled_from([0, 1 << 16])


@given(st.dictionaries(TERMS, st.floats(0, 8, width=32), max_size=40), st.lists(TERMS, max_size=40))
def test_a_table_knows_its_terms_and_nothing_else(weights: dict[int, float], asked: list[int]) -> None:
    terms = sorted(weights)
    table = Table(np.array(terms, np.uint32), np.array([weights[t] for t in terms], np.float32), 9.0)
    both = [*asked, *terms]
    assert table(np.array(both, np.uint32)).tolist() == [weights.get(term, 9.0) for term in both]


@pytest.mark.parametrize(
    ("common", "rare", "language"), [("the", "quay", "en"), ("der", "Fähre", "de"), ("и", "мост", "ru")]
)
def test_a_rare_word_weighs_more_than_a_common_one(idf: Idf, common: str, rare: str, language: str) -> None:
    assert weight(idf, common, language) < 0.5
    assert weight(idf, rare, language) > 2


def test_a_word_that_no_table_knows_weighs_the_most(idf: Idf) -> None:
    assert weight(idf, "Qzxvarnholm") == CEILING


def test_a_word_that_many_articles_hold_loses_weight(made: Callable[..., Fingerprint]) -> None:
    tally = Tally()
    for n in range(500):
        tally.add(made(f"Varnholm report number {n} on the weather"))
    counted = tally.snapshot(3)
    assert counted.version == 3
    assert weight(counted, "Varnholm") < weight(Idf(0), "Varnholm") - 3


def test_a_stored_snapshot_weighs_as_before(made: Callable[..., Fingerprint]) -> None:
    tally = Tally()
    for name in ("ferry", "ferry-cut", "ferry-rewritten"):
        tally.add(made(name))
    counted = tally.snapshot(7)
    stored = Idf.from_bytes(counted.to_bytes())
    terms = made("ferry").terms
    assert stored.version == 7
    assert np.array_equal(stored.weights(terms, "en"), counted.weights(terms, "en"))


def test_what_is_no_snapshot_is_refused() -> None:
    with pytest.raises(BadInput):
        Idf.from_bytes(b"\xff nonsense")


def test_a_language_without_a_table_has_weights_all_the_same(idf: Idf, made: Callable[..., Fingerprint]) -> None:
    assert np.all(idf.weights(made("ferry").terms, "xx") == CEILING)


def test_words_are_as_frequent_as_their_list_says() -> None:
    listed = [(word, 10 ** (-place / 100)) for place, bucket in enumerate(get_frequency_list("sv")) for word in bucket]
    read = list(_frequencies("sv"))
    assert len(read) > 10_000
    assert read == listed[: len(read)]
