"""How near clusters are by the bonds of their articles, and which stories are worth a look."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.event import Bond, BondTable, log_odds, surroundings
from storyfold.matching.story_links import UNLIKELY, LinkTable, cluster_links, worth_a_look

Stored = Mapping[tuple[int, int], Bond]
_ENDS = st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda p: p[0] != p[1])
_BONDS = st.builds(Bond, st.floats(0, 1), st.floats(-8, 8), st.floats(-8, 30))
_STORED = st.dictionaries(_ENDS, _BONDS, max_size=120).map(
    lambda d: {p: d[p] for p in d if p[0] < p[1] or p[::-1] not in d}
)
_CLUSTERS = st.dictionaries(st.integers(0, 30), st.integers(100, 110))


def table(stored: Stored) -> BondTable:
    return BondTable.of((a, b, bond) for (a, b), bond in stored.items())


def links(stored: Stored, cluster_of: Mapping[int, int]) -> dict[tuple[int, int], float]:
    articles, clusters = (np.array(list(ids), np.int64) for ids in (cluster_of, cluster_of.values()))
    found = cluster_links(table(stored), articles, clusters)
    pairs = zip(found.one.tolist(), found.other.tolist(), strict=True)
    return dict(zip(pairs, found.link.tolist(), strict=True))


def look(stored: Stored, own: Collection[int]) -> set[int]:
    return set(worth_a_look(table(stored), np.array(sorted(own), np.int64)).tolist())


def test_links_of_clusters_are_the_mean_over_their_articles() -> None:
    stored = {(1, 3): Bond(0.3, 2.0, 0.0), (2, 3): Bond(0.3, 1.0, 0.0)}
    clusters = {1: 10, 2: 10, 3: 20}
    one, both = links({(1, 3): stored[1, 3]}, clusters), links(stored, clusters)
    assert set(both) == {(10, 20)}
    assert both[10, 20] == pytest.approx(one[10, 20] - 0.5, abs=0.2)


def test_what_lies_outside_is_surroundings_and_no_part() -> None:
    pair = {(1, 2): Bond(0.3, 2.0, 0.0)}
    crowded = (
        pair
        | {(1, n): Bond(0.9, 3.0, 3.0) for n in range(50, 70)}
        | {(2, n): Bond(0.9, 3.0, 3.0) for n in range(50, 70)}
    )
    assert set(links(crowded, {1: 1, 2: 2})) == {(1, 2)}
    assert links(crowded, {1: 1, 2: 2})[1, 2] != pytest.approx(links(pair, {1: 1, 2: 2})[1, 2])


def test_nothing_has_no_links_and_needs_no_look() -> None:
    assert links({}, {}) == links({(1, 2): Bond(0.5, 2.0, 2.0)}, {}) == {}
    assert look({}, []) == look({}, [1]) == look({(1, 2): Bond(0.5, 2.0, 2.0)}, []) == set()


@given(_STORED, _CLUSTERS)
def test_links_are_what_a_plain_count_gives(stored: Stored, cluster_of: dict[int, int]) -> None:
    expected: dict[tuple[int, int], list[float]] = {}
    around = {a: surroundings(beside(stored, a)) for a in cluster_of}
    for (a, b), bond in stored.items():
        if a in around and b in around and cluster_of[a] != cluster_of[b]:
            pair = tuple(sorted((cluster_of[a], cluster_of[b])))
            expected.setdefault((pair[0], pair[1]), []).append(log_odds(bond, around[a], around[b]))
    means = {pair: sum(odds) / len(odds) for pair, odds in expected.items()}
    assert links(stored, cluster_of) == pytest.approx(means)
    assert len(LinkTable.of(means)) == len(means)


@given(_STORED, st.sets(st.integers(0, 30)))
def test_worth_a_look_is_what_a_plain_count_gives(stored: Stored, own: set[int]) -> None:
    around = {a: surroundings(beside(stored, a)) for a in own}
    ends = [(one, other, bond) for (a, b), bond in stored.items() for one, other in ((a, b), (b, a)) if one in own]
    odds = [(other, log_odds(bond, around[one], around[one])) for one, other, bond in ends]
    if all(abs(link - UNLIKELY) > 1e-9 for _, link in odds):
        assert look(stored, own) == {other for other, link in odds if link >= UNLIKELY}


def beside(stored: Stored, article: int) -> list[tuple[int, float]]:
    return [(b if a == article else a, bond.cosine) for (a, b), bond in stored.items() if article in (a, b)]
