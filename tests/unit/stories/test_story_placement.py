"""The story of an incoming report."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.event import Bond, bonds, within_window
from storyfold.matching.event_features import Report
from storyfold.matching.idf import Idf
from storyfold.matching.story import (
    BONDS_KEPT,
    REPRESENTATIVES,
    Likeness,
    Member,
    Placement,
    Told,
    decay,
    nearest_bonds,
    place,
    representatives,
    story_link,
)

IDF = Idf(0)
ReportOf = Callable[..., Report]


Known = tuple[int, int, int, Report]
"""Article, syndication cluster and story of a stored report."""


def known(report: ReportOf, day: int | None = 8) -> list[Known]:
    names = ["quake-b", "market-monday", "obituary-painter", "unrelated", "quake-elsewhere"]
    return [(10 + n, 20 + n, 30 + n, report(name, day)) for n, name in enumerate(names)]


def placed(
    incoming: Report, stored: list[Known], *, apart: frozenset[int] = frozenset(), whole: Collection[int] | None = None
) -> Placement:
    day = incoming.fingerprint.day
    near = [known for known in stored if within_window(day, known[-1].fingerprint.day)]
    told = [Told(*ids, other.fingerprint.day) for *ids, other in near]
    whole = {other.story_id for other in told} if whole is None else whole
    return place(day, told, bonds(incoming, [other for *_, other in near], IDF), whole=whole, apart=apart)


def test_a_report_joins_the_story_of_its_event(report: ReportOf) -> None:
    placement = placed(report("quake-a", 8), known(report))
    assert (placement.story_id, placement.matched_id) == (30, 10)
    assert placement.score > 0.5


def test_a_report_of_something_new_opens_a_story_and_says_how_near_the_nearest_was(report: ReportOf) -> None:
    placement = placed(report("obituary-skier", 8), known(report)[:2])
    assert (placement.story_id, placement.matched_id) == (None, None)
    assert 0 < placement.score < 0.5


def test_the_first_report_of_all_opens_a_story(report: ReportOf) -> None:
    placement = placed(report("quake-a", 8), [])
    assert (placement.story_id, placement.score, placement.bonds, placement.links) == (None, 0.0, (), ())


def test_a_report_does_not_join_a_story_outside_its_window(report: ReportOf) -> None:
    placement = placed(report("quake-a", 20), known(report, 8))
    assert placement.story_id is None
    assert placement.bonds == ()


def test_a_report_without_a_date_is_compared_with_all(report: ReportOf) -> None:
    assert len(placed(report("quake-a"), known(report, 8)).bonds) == 5


def test_a_report_never_joins_a_story_that_an_editor_split_it_from(report: ReportOf) -> None:
    placement = placed(report("quake-a", 8), known(report), apart=frozenset({30}))
    assert placement.story_id != 30
    assert 10 in dict(placement.bonds)


def test_a_story_of_which_only_some_is_at_hand_is_not_joined(report: ReportOf) -> None:
    placement = placed(report("quake-a", 8), known(report), whole={31, 32})
    assert placement.story_id is None
    assert {story for story, _ in placement.links} == {31, 32}
    assert 10 in dict(placement.bonds)


def test_the_order_in_which_the_told_are_given_changes_nothing(report: ReportOf) -> None:
    told = known(report)
    forth, back = placed(report("quake-a", 8), told), placed(report("quake-a", 8), told[::-1])
    assert (forth.story_id, forth.matched_id) == (back.story_id, back.matched_id)
    assert abs(forth.score - back.score) < 1e-9


def test_one_near_article_does_not_carry_a_story_of_strangers(report: ReportOf) -> None:
    strangers = ["market-monday", "obituary-painter", "unrelated", "obituary-skier"]
    story = [(n, n, 1, report(name, 8)) for n, name in enumerate(["quake-b", *strangers])]
    assert placed(report("quake-a", 8), story).story_id is None


def test_many_copies_in_one_cluster_count_as_one(report: ReportOf) -> None:
    copies = [(n, 5, 1, report("unrelated", 8)) for n in range(9)]
    both = placed(report("quake-a", 8), [(50, 50, 1, report("quake-b", 8)), *copies])
    alone = placed(report("quake-a", 8), [(50, 50, 1, report("quake-b", 8)), copies[0]])
    assert both.links == ((1, pytest.approx(alone.links[0][1])),)


def alike(*odds: float | None) -> list[Likeness]:
    """A story of so many clusters, each with an article of the same day."""
    return [Likeness(Told(n, n, 1, 8), each) for n, each in enumerate(odds)]


def test_a_story_is_joined_sooner_for_two_that_are_near_than_for_one() -> None:
    assert story_link(8, alike(0.8)) < 0 < story_link(8, alike(0.8, 0.8))


def test_a_cluster_without_a_bond_that_is_kept_counts_as_far() -> None:
    assert story_link(8, alike(3.0, 3.0)) > 0 > story_link(8, alike(3.0, 3.0, None, None))


def test_a_cluster_is_as_near_as_those_of_its_articles_with_which_a_bond_is_kept() -> None:
    copies = [Likeness(Told(n, 5, 1, 8), 2.0 if n == 0 else None) for n in range(4)]
    assert story_link(8, copies) == story_link(8, alike(2.0))


def test_the_bonds_that_are_kept_are_the_nearest() -> None:
    found = [(n, Bond(n / 100, 0.0, 0.0)) for n in range(BONDS_KEPT + 5)]
    assert [id for id, _ in nearest_bonds(found[::-1])] == list(range(BONDS_KEPT + 4, 4, -1))


def test_what_was_published_further_off_counts_less_and_a_missing_date_counts_in_full() -> None:
    assert 1.0 == decay(5, 5) > decay(5, 6) > decay(5, 9) > 0
    assert decay(None, 9) == decay(5, None) == 1.0


_MEMBERS = st.lists(
    st.builds(Member, st.integers(1, 99), st.none() | st.integers(1, 9), st.booleans()),
    max_size=40,
    unique_by=lambda m: m.id,
)


@given(_MEMBERS)
def test_representatives_are_few_distinct_members_in_any_order(members: list[Member]) -> None:
    canonical = members[0].id if members else None
    chosen = representatives(members, canonical)
    assert len(chosen) == len(set(chosen)) == min(REPRESENTATIVES, len(members))
    assert set(chosen) <= {m.id for m in members}
    assert chosen == representatives(members[::-1], canonical)


def test_the_canonical_the_newest_and_heads_represent_a_story() -> None:
    members = [Member(n, n, n % 10 == 0) for n in range(1, 101)]
    chosen = representatives(members, 3)
    assert chosen[0] == 3
    assert {100, 99, 98} <= set(chosen)
    assert {90, 80, 70} <= set(chosen)
