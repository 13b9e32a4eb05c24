"""The second look at stories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching import story_repair
from storyfold.matching.story_links import LinkTable
from storyfold.matching.story_repair import Group

NEAR, AWAY = 2.0, -3.0
Pairs = Iterable[tuple[int, int]]


def repair_stories(
    story_of: Mapping[int, int],
    canonical: Mapping[int, int],
    links: Mapping[tuple[int, int], float],
    together: Pairs = (),
    apart: Pairs = (),
) -> tuple[Group, ...]:
    table = LinkTable.of(links)
    return story_repair.repair_stories(story_of, canonical, table, together=together, apart=apart)


def all_links(groups: list[list[int]]) -> dict[tuple[int, int], float]:
    """Near within a group, away between groups."""
    home = {c: n for n, group in enumerate(groups) for c in group}
    return {(a, b): NEAR if home[a] == home[b] else AWAY for a in home for b in home if a < b}


def test_stories_that_stand_well_are_left_out() -> None:
    assert repair_stories({1: 1, 2: 1, 3: 3}, {}, all_links([[1, 2], [3]])) == ()


def test_two_stories_of_one_event_are_merged_into_the_older() -> None:
    found = repair_stories({1: 5, 2: 5, 3: 4, 4: 4}, {}, all_links([[1, 2, 3, 4]]))
    assert found == (Group(4, (1, 2, 3, 4), merged=(5,)),)


def test_a_story_of_two_events_is_split_and_the_canonical_part_keeps_the_id() -> None:
    found = repair_stories(dict.fromkeys((1, 2, 3, 4), 9), {9: 3}, all_links([[1, 2], [3, 4]]))
    assert set(found) == {Group(None, (1, 2), split_from=9), Group(9, (3, 4))}


def test_a_cluster_moves_to_the_story_that_it_belongs_to() -> None:
    found = repair_stories({1: 1, 2: 1, 3: 3, 4: 3}, {1: 1, 3: 3}, all_links([[1], [2, 3, 4]]))
    assert set(found) == {Group(1, (1,)), Group(3, (2, 3, 4))}


def test_one_strong_tie_does_not_chain_two_stories() -> None:
    links = all_links([[1, 2, 3], [4, 5, 6]]) | {(3, 4): 1.9}
    assert repair_stories({1: 1, 2: 1, 3: 1, 4: 4, 5: 4, 6: 4}, {}, links) == ()


def test_clusters_that_were_never_compared_stay_apart() -> None:
    assert repair_stories({1: 1, 2: 2}, {}, {}) == ()


def test_a_large_story_holds_though_each_member_was_compared_with_few() -> None:
    links = {(a, a + step): NEAR for a in range(200) for step in range(1, 13) if a + step < 200}
    assert repair_stories(dict.fromkeys(range(200), 7), {7: 0}, links) == ()


def test_what_an_editor_put_together_stays_together() -> None:
    assert repair_stories({1: 1, 2: 1}, {}, {(1, 2): AWAY}, together=[(1, 2)]) == ()


def test_what_an_editor_put_apart_stays_apart() -> None:
    links = all_links([[1, 2, 3]])
    found = repair_stories({1: 1, 2: 2, 3: 2}, {}, links, apart=[(1, 2)])
    for group in (*found, Group(1, (1,)), Group(2, (2,))):
        assert not {1, 2} <= set(group.clusters)


def test_apart_rules_where_an_editor_contradicts_himself() -> None:
    assert repair_stories({1: 1, 2: 2}, {}, {(1, 2): NEAR}, together=[(1, 2)], apart=[(2, 1)]) == ()


def test_a_story_whose_canonical_cluster_is_unknown_goes_by_its_oldest() -> None:
    found = repair_stories(dict.fromkeys((1, 2, 3), 9), {}, all_links([[1], [2, 3]]))
    assert set(found) == {Group(9, (1,)), Group(None, (2, 3), split_from=9)}


_LINKS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1]), st.floats(-4, 4), max_size=45
)
_PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] != p[1]), max_size=4)
_STORIES = st.lists(st.integers(0, 4), min_size=10, max_size=10).map(lambda s: dict(enumerate(s)))


def applied(story_of: dict[int, int], groups: tuple[Group, ...]) -> dict[int, int]:
    after, new = dict(story_of), 100
    for group in groups:
        story, new = (group.story_id, new) if group.story_id is not None else (new, new + 1)
        after |= dict.fromkeys(group.clusters, story)
    return after


@given(_STORIES, _LINKS, _PAIRS, _PAIRS)
def test_repair_respects_the_editor_keeps_every_cluster_once_and_twice_is_once(
    story_of: dict[int, int],
    links: dict[tuple[int, int], float],
    together: list[tuple[int, int]],
    apart: list[tuple[int, int]],
) -> None:
    groups = repair_stories(story_of, {}, links, together=together, apart=apart)
    named = [c for g in groups for c in g.clusters]
    assert len(named) == len(set(named))
    after = applied(story_of, groups)
    assert after.keys() == story_of.keys()
    assert all(after[a] != after[b] for a, b in apart)
    assert all(after[a] == after[b] for a, b in together) or apart
    again = applied(after, repair_stories(after, {}, links, together=together, apart=apart))
    assert _partition(again) == _partition(after)


@given(_STORIES, _STORIES, _LINKS)
def test_where_clusters_stood_before_changes_only_the_ids(
    one: dict[int, int], other: dict[int, int], links: dict[tuple[int, int], float]
) -> None:
    first = applied(one, repair_stories(one, {}, links))
    second = applied(other, repair_stories(other, {}, links))
    assert _partition(first) == _partition(second)


def _partition(story_of: dict[int, int]) -> set[frozenset[int]]:
    return {frozenset(c for c, s in story_of.items() if s == story) for story in story_of.values()}
