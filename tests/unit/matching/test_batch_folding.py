"""What a batch of incoming articles is folded with: hits as arrays, newcomers, who stands where, and comparisons."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.assign import Candidate
from storyfold.matching.candidates import Hits, Newcomers, query_terms, ranked
from storyfold.matching.comparisons import Comparisons
from storyfold.matching.event import Bond
from storyfold.matching.event_features import Report
from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.neighbourhood import Neighbourhood
from storyfold.matching.regroup import groups, regroup
from storyfold.matching.repair import Member

FERRY = (
    "The ferry Halvard ran aground off Tessling on Monday with 214 people aboard. Coastguard officer Ines Brandt said "
    "the captain had turned too late in thick fog. Divers will examine the hull before the ship is towed to Vellmar."
)
ORCHARD = (
    "Growers in the Ambra valley expect the smallest apple harvest for 30 years after a late frost. The cooperative "
    "under Tomas Relling asked the ministry for aid and warned that 40 orchards may be given up before spring."
)
IDF = Idf(0)


def made(text: str) -> Fingerprint:
    return fingerprint(text, title=None, language="en", published=None)


def standing(id: int, cluster: int, story: int) -> Candidate:
    return Candidate(id, cluster, story, made(FERRY))


HIT = st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(0, 1000))


@given(st.lists(HIT, max_size=60), st.lists(st.integers(1, 12), max_size=5))
def test_hits_as_arrays_are_ranked_like_hits_one_by_one(found: list[tuple[int, int, int]], banded: list[int]) -> None:
    asked = {term: float(term**2) for term in range(1, 7)}
    ids, weights = [id for id, _, _ in found], [asked[term] * share for _, term, share in found]
    hits = Hits(np.array(ids, np.int64), np.array(weights, np.float64), np.zeros(len(ids), np.int32))
    assert hits.summed().best(banded, 6) == ranked(found, asked, banded, 6)


DATED = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 9), st.integers(95, 105)), max_size=200)


def dated(found: list[tuple[int, int, int]]) -> Hits:
    ids, weights, days = zip(*found, strict=True) if found else ((), (), ())
    return Hits(np.array(ids, np.int64), np.array(weights, np.float64), np.array(days, np.int32)).summed()


@given(DATED, DATED, st.lists(st.integers(1, 300), max_size=20))
def test_of_shortened_hits_the_best_are_chosen_as_of_all(
    found: list[tuple[int, int, int]], later: list[tuple[int, int, int]], banded: list[int]
) -> None:
    came = dated([(id + 300, weight, day) for id, weight, day in later])
    every = Hits.joined([dated(found), came]).summed()
    few = dated(found).shortened(100, 2).meeting(came)
    assert few.best(banded) == every.best(banded)
    assert few.within(100, 2).best() == every.within(100, 2).best()


def test_what_is_met_again_counts_once() -> None:
    hits = dated([(7, 2, 100), (8, 1, 100)])
    assert hits.meeting(dated([(8, 1, 100), (9, 1, 100)])).weights.tolist() == [2, 1, 1]


def test_hits_outside_the_window_are_left_out_and_those_without_a_day_stay() -> None:
    hits = Hits(np.array([1, 2, 3]), np.ones(3), np.array([100, 110, 0], np.int32))
    assert hits.within(101, 4).best() == [1, 3]
    assert hits.within(None, 4).best() == [1, 2, 3]


def test_a_newcomer_is_found_by_its_terms_and_bands_and_a_stranger_is_not() -> None:
    newcomers, ferry = Newcomers(IDF), made(FERRY)
    newcomers.add(7, ferry)
    newcomers.add(8, made(ORCHARD))
    assert newcomers.banded(ferry.bands) == [7]
    assert newcomers.hits(query_terms(ferry, IDF)).summed().best()[0] == 7


def test_who_has_moved_stands_where_it_stands_now_and_who_has_gone_is_left_out() -> None:
    around = Neighbourhood()
    around.add([standing(1, 10, 100), standing(2, 20, 200), standing(3, 30, 300)])
    around.know({1: [0.5], 3: [0.2]})
    now = around.standing({1: (11, 101), 2: (20, 200)}, without={2})
    assert [(c.id, c.cluster_id, c.story_id) for c in now.by_id.values()] == [(1, 11, 101)]
    assert now.bonded(1) == [0.5]
    assert now.unknown([1, 3]) == {3}


def test_a_bond_made_in_a_batch_is_known_from_both_ends() -> None:
    around, first, second = Neighbourhood(), standing(1, 10, 100), standing(2, 20, 200)
    around.add([first, second])
    around.bond(second, [(1, Bond(0.4, 0.0, 0.0))])
    assert (around.bonded(1), around.bonded(2)) == ([0.4], [0.4])


def test_a_pair_is_compared_once_until_one_of_it_changes() -> None:
    compared, other = Comparisons(Report(made(FERRY)), IDF), standing(2, 20, 200)
    first = compared.judgements([other])[0]
    assert compared.judgements([other])[0] is first
    compared.forget([2])
    assert compared.judgements([other])[0] is not first


def test_groups_are_looked_at_once_and_only_where_there_is_something_to_see() -> None:
    found = groups([1, 2, 3, 4], {1: [2], 2: [1]}, {1: 1, 2: 1, 3: 2, 4: 3})
    assert found == [frozenset({1, 2}), frozenset({4})]


def test_clusters_of_one_text_merge_into_the_older_unless_an_editor_holds_them_apart() -> None:
    members = {1: [Member(1, made(FERRY))], 2: [Member(2, made(FERRY))], 3: [Member(3, made(ORCHARD))]}
    assert regroup(members, [{1, 2, 3}], IDF).merged == {2: 1}
    assert regroup(members, [{1, 2, 3}], IDF, apart=[frozenset({1, 2})]).merged == {}


def test_what_another_cluster_draws_moves_there_unless_an_editor_holds_the_two_apart() -> None:
    members = {1: [Member(1, made(ORCHARD)), Member(2, made(FERRY))], 3: [Member(3, made(FERRY))]}
    found = regroup(members, [{1, 3}], IDF)
    assert (found.left, found.moved) == ({2: 1}, {2: 3})
    held = regroup(members, [{1, 3}], IDF, apart=[frozenset({1, 3})])
    assert (held.left, held.moved) == ({}, {})


def test_what_moves_goes_where_the_cluster_that_drew_it_was_merged() -> None:
    members = {
        2: [Member(2, made(FERRY))],
        3: [Member(3, made(FERRY)), Member(9, made(ORCHARD))],
        4: [Member(4, made(ORCHARD))],
    }
    found = regroup(members, [{3, 4}, {2, 3}], IDF)
    assert (found.moved, found.merged) == ({9: 4}, {3: 2})
