"""What holds a syndication cluster together after articles came and went."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.rooting import Tied, rooted


def test_a_cluster_in_which_all_are_tied_to_its_opener_needs_nothing() -> None:
    found = rooted([Tied(1, None), Tied(2, 1), Tied(3, 2)])
    assert (found.root, found.loose) == (1, ())


def test_of_two_openers_the_later_is_tied_to_what_hangs_on_the_first() -> None:
    found = rooted([Tied(5, None), Tied(6, 5), Tied(2, None), Tied(3, 2)])
    assert (found.root, found.loose) == (2, ((5, frozenset({2, 3})),))


def test_what_lost_its_source_is_never_tied_to_what_hangs_on_it() -> None:
    found = rooted([Tied(1, None), Tied(2, 99), Tied(3, 2), Tied(4, 98)])
    assert found.root == 1
    assert found.loose == ((2, frozenset({1})), (4, frozenset({1, 2, 3})))


def test_without_an_opener_the_first_that_lost_its_source_takes_its_part() -> None:
    found = rooted([Tied(4, 3), Tied(3, 99), Tied(7, 98)])
    assert (found.root, found.loose) == (3, ((7, frozenset({3, 4})),))


def test_the_first_of_a_circle_opens_the_cluster() -> None:
    found = rooted([Tied(2, 1), Tied(1, 2), Tied(3, 2)])
    assert (found.root, found.loose, found.circular) == (1, (), True)
    assert not rooted([Tied(1, None), Tied(2, 1)]).circular
    assert not rooted([Tied(1, 99), Tied(2, 1)]).circular


@given(st.dictionaries(st.integers(1, 12), st.none() | st.integers(1, 14), min_size=1))
def test_tied_as_it_says_every_cluster_is_one_tree(sources: dict[int, int | None]) -> None:
    found = rooted([Tied(id, source) for id, source in sources.items()])
    above = dict(sources) | {id: min(others) for id, others in found.loose}
    for id in sources:
        path = [id]
        while path[-1] != found.root:
            path.append(above[path[-1]] or 0)
            assert path[-1] in sources
            assert len(path) <= len(sources)
