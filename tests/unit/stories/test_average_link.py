"""Agglomeration, island by island, against the plain thing: all pairs of all parts, over and over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from storyfold.matching.average_link import REACH, agglomerate
from storyfold.matching.story import FAR
from storyfold.matching.story_links import LinkTable

Pair = tuple[int, int]
Links = Mapping[Pair, float]


def plain(ids: Collection[int], links: Links, together: Collection[Pair], apart: Collection[Pair]) -> list[list[int]]:
    """The nearest two parts of all become one, while any are near enough; nothing is left out of account."""
    parts = {each: [each] for each in ids}
    home = {each: each for each in ids}

    def merge(kept: int, gone: int) -> None:
        parts[kept] += parts.pop(gone)
        home.update(dict.fromkeys(parts[kept], kept))

    def held(a: int, b: int) -> bool:
        return any({home.get(x), home.get(y)} == {a, b} for x, y in apart)

    def link(a: int, b: int) -> float:
        found = [links[min(x, y), max(x, y)] for x in parts[a] for y in parts[b] if (min(x, y), max(x, y)) in links]
        sizes = len(parts[a]), len(parts[b])
        expected = max(len(found), min(sizes[0] * sizes[1], REACH * min(sizes)))
        return (sum(found) + FAR * (expected - len(found))) / expected

    for x, y in sorted(together):
        if x in home and y in home and home[x] != home[y] and not held(home[x], home[y]):
            merge(min(home[x], home[y]), max(home[x], home[y]))
    while True:
        near = [(-link(a, b), a, b) for a, b in combinations(sorted(parts), 2) if link(a, b) >= 0 and not held(a, b)]
        if not near:
            return sorted(sorted(members) for members in parts.values())
        merge(*min(near)[1:])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Sequence[int], dict[Pair, float]]:
    """A few crowds, within which links are mostly near, and some links between them. Quarters add up exactly."""
    size = draw(st.integers(0, 16))
    crowd = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    links = {}
    for a, b in combinations(range(size), 2):
        low = -2 if crowd[a] == crowd[b] else -14
        if draw(st.booleans()):
            links[a, b] = draw(st.integers(low, low + 14)) / 4
    return range(size), links


_PAIRS = st.lists(st.tuples(st.integers(0, 17), st.integers(0, 17)).filter(lambda p: p[0] != p[1]), max_size=3)


@settings(max_examples=300)
@given(graphs(), _PAIRS, _PAIRS)
def test_islands_by_themselves_give_what_the_whole_gives(
    graph: tuple[Sequence[int], dict[Pair, float]], together: list[Pair], apart: list[Pair]
) -> None:
    ids, links = graph
    found = agglomerate(ids, LinkTable.of(links), together=together, apart=apart)
    assert found == plain(ids, links, together, apart)


def test_where_all_are_near_each_other_all_are_one() -> None:
    links = dict.fromkeys(combinations(range(30), 2), 0.0)
    assert agglomerate(range(30), LinkTable.of(links)) == [list(range(30))]


def test_links_to_what_is_not_asked_for_say_nothing() -> None:
    assert agglomerate([1, 2], LinkTable.of({(1, 3): 2.0, (2, 3): 2.0}), together=[(1, 9)], apart=[(9, 2)]) == [
        [1],
        [2],
    ]


def test_nothing_makes_no_groups() -> None:
    assert agglomerate([], LinkTable.of({(1, 2): 2.0})) == []
