"""The story of an incoming report."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.event_features import Report
from storyfold.matching.features import features
from storyfold.matching.idf import Idf
from storyfold.matching.story import REPRESENTATIVES, Member, Told, decay, place, representatives

IDF = Idf(0)
ReportOf = Callable[..., Report]


def known(report: ReportOf, day: int | None = 8) -> list[Told]:
    names = ["quake-b", "market-monday", "obituary-painter", "unrelated", "quake-elsewhere"]
    return [Told(10 + n, 20 + n, 30 + n, report(name, day)) for n, name in enumerate(names)]


def test_a_report_joins_the_story_of_its_event(report: ReportOf) -> None:
    placement = place(report("quake-a", 8), known(report), IDF)
    assert (placement.story_id, placement.matched_id) == (30, 10)
    assert placement.score > 0.5


def test_a_report_of_something_new_opens_a_story_and_says_how_near_the_nearest_was(report: ReportOf) -> None:
    placement = place(report("obituary-skier", 8), known(report)[:2], IDF)
    assert (placement.story_id, placement.matched_id) == (None, None)
    assert 0 < placement.score < 0.5


def test_the_first_report_of_all_opens_a_story(report: ReportOf) -> None:
    placement = place(report("quake-a", 8), [], IDF)
    assert (placement.story_id, placement.score, placement.bonds, placement.links) == (None, 0.0, (), ())


def test_a_report_does_not_join_a_story_outside_its_window(report: ReportOf) -> None:
    placement = place(report("quake-a", 20), known(report, 8), IDF)
    assert placement.story_id is None
    assert placement.bonds == ()


def test_a_report_without_a_date_is_compared_with_all(report: ReportOf) -> None:
    assert len(place(report("quake-a"), known(report, 8), IDF).bonds) == 5


def test_a_report_never_joins_a_story_that_an_editor_split_it_from(report: ReportOf) -> None:
    placement = place(report("quake-a", 8), known(report), IDF, apart=frozenset({30}))
    assert placement.story_id != 30
    assert 10 in dict(placement.bonds)


def test_the_order_in_which_the_told_are_given_changes_nothing(report: ReportOf) -> None:
    told = known(report)
    forth, back = place(report("quake-a", 8), told, IDF), place(report("quake-a", 8), told[::-1], IDF)
    assert (forth.story_id, forth.matched_id) == (back.story_id, back.matched_id)
    assert abs(forth.score - back.score) < 1e-9


def test_relation_rows_that_are_known_change_nothing(report: ReportOf) -> None:
    told = [*known(report, 8), Told(99, 99, 99, report("quake-elsewhere", 25))]
    incoming = report("quake-a", 8)
    rows = features(incoming.fingerprint, [t.report.fingerprint for t in told], IDF)
    assert place(incoming, told, IDF, relation=rows) == place(incoming, told, IDF)


def test_one_near_article_does_not_carry_a_story_of_strangers(report: ReportOf) -> None:
    strangers = ["market-monday", "obituary-painter", "unrelated", "obituary-skier"]
    story = [Told(n, n, 1, report(name, 8)) for n, name in enumerate(["quake-b", *strangers])]
    assert place(report("quake-a", 8), story, IDF).story_id is None


def test_many_copies_in_one_cluster_count_as_one(report: ReportOf) -> None:
    copies = [Told(n, 5, 1, report("unrelated", 8)) for n in range(9)]
    both = place(report("quake-a", 8), [Told(50, 50, 1, report("quake-b", 8)), *copies], IDF)
    alone = place(report("quake-a", 8), [Told(50, 50, 1, report("quake-b", 8)), copies[0]], IDF)
    assert both.links == alone.links


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
