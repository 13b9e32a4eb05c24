from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from storyfold.matching.assign import Candidate, Tie, assign, cluster_link
from storyfold.matching.candidates import WHOLE, index_terms, query_terms, ranked
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Judgement, Relation, shipped_model
from storyfold.matching.repair import Member, Scores, repair
from storyfold.matching.weighed import NORM, weighed

Made = Callable[..., Fingerprint]


def tie(id: int, score: float, relation: Relation = Relation.REWRITE) -> Tie:
    return Tie(id, 1, Judgement(relation, score))


def test_without_candidates_an_article_is_new(made: Made, idf: Idf) -> None:
    assigned = assign(made("ferry"), [], idf)
    assert (assigned.relation, assigned.matched_id, assigned.cluster_id) == (Relation.NEW, None, None)


def test_a_rewrite_joins_the_cluster_of_its_source_and_names_it(made: Made, idf: Idf) -> None:
    known = [Candidate(1, 11, 21, made("hedgehogs")), Candidate(2, 12, 22, made("ferry"))]
    assigned = assign(made("ferry-rewritten"), known, idf)
    assert (assigned.relation, assigned.matched_id, assigned.cluster_id) == (Relation.REWRITE, 2, 12)


def test_what_is_reprinted_is_matched_with_its_wording_not_with_a_rewrite_that_stands_nearer(
    made: Made, idf: Idf
) -> None:
    known = [Candidate(1, 11, 21, made("ferry")), Candidate(2, 11, 21, made("ferry-rewritten"))]
    judged = [Judgement(Relation.REPRINT, 0.9), Judgement(Relation.REWRITE, 0.999)]
    assigned = assign(made("ferry-cut"), known, idf, judged=judged)
    assert (assigned.relation, assigned.matched_id, assigned.score) == (Relation.REPRINT, 1, 0.9)


def test_the_order_of_candidates_makes_no_difference(made: Made, idf: Idf) -> None:
    names = ["hedgehogs", "ferry", "ferry-cut", "market-monday", "ferry-independent"]
    known = [Candidate(n, n % 4, n % 4, made(name)) for n, name in enumerate(names)]
    first = assign(made("ferry-rewritten"), known, idf)
    for seed in range(5):
        random.Random(seed).shuffle(known)
        again = assign(made("ferry-rewritten"), known, idf)
        assert (again.relation, again.matched_id, again.cluster_id) == (
            first.relation,
            first.matched_id,
            first.cluster_id,
        )


def test_one_accidental_likeness_does_not_pull_an_article_into_a_cluster() -> None:
    assert cluster_link([tie(1, 0.9), tie(2, 0.01), tie(3, 0.02), tie(4, 0.0)]) < 0.5


def test_a_copy_of_one_member_belongs_however_unlike_the_others_are() -> None:
    assert cluster_link([tie(1, 0.99, Relation.COPY), *(tie(n, 0.0) for n in range(2, 9))]) == 0.99


def test_a_large_cluster_is_as_near_as_its_newest_members() -> None:
    old = [tie(n, 0.99) for n in range(10)]
    assert cluster_link([*old, *(tie(100 + n, 0.1) for n in range(12))]) < 0.2


def test_an_article_is_found_by_the_terms_it_is_about(made: Made, idf: Idf) -> None:
    indexed = index_terms(made("ferry"), idf)
    asked = query_terms(made("ferry-rewritten"), idf)
    hits = [(5, term, indexed[term]) for term in asked if term in indexed]
    assert len(hits) >= 4
    assert ranked(hits, asked, []) == [5]


def test_articles_that_share_a_band_are_loaded_first() -> None:
    assert ranked([(1, 7, 100), (2, 7, 100), (2, 8, 100)], {7: 3.0, 8: 2.0}, [9], loaded=2) == [9, 2]


def test_an_article_that_is_about_a_term_comes_before_one_that_holds_it_among_much_else() -> None:
    assert ranked([(1, 7, 100), (2, 7, 400)], {7: 3.0}, []) == [2, 1]


def test_a_text_shares_with_itself_what_its_foremost_terms_make_of_it(made: Made, idf: Idf) -> None:
    ferry = made("ferry")
    indexed, asked = index_terms(ferry, idf), query_terms(ferry, idf)
    cosine = sum(weight * indexed[term] for term, weight in asked.items()) / (
        WHOLE * weighed(ferry, idf).sums[NORM] ** 0.5
    )
    assert 0.5 < cosine <= 1.001


def test_copies_share_a_band_and_strangers_none(made: Made) -> None:
    ferry = set(made("ferry").bands)
    assert ferry & set(made("ferry-corrected").bands)
    assert not ferry & set(made("hedgehogs").bands)


def test_clusters_that_turn_out_to_be_one_text_are_merged_into_the_older(made: Made, idf: Idf) -> None:
    repairs = repair({5: [Member(1, made("ferry"))], 9: [Member(2, made("ferry-rewritten"))]}, idf)
    assert repairs.merges == ((5, 9),)
    assert repairs.splits == ()


def test_a_member_that_hangs_on_nothing_leaves(made: Made, idf: Idf) -> None:
    members = [Member(n, made(name)) for n, name in enumerate(["ferry", "ferry-rewritten", "hedgehogs", "ferry-cut"])]
    assert repair({1: members}, idf).splits == ((1, (2,)),)


def test_what_was_repaired_needs_no_more_repair(made: Made, idf: Idf) -> None:
    ferry = [Member(n, made(name)) for n, name in enumerate(["ferry", "ferry-rewritten", "ferry-cut"])]
    repairs = repair({1: ferry, 2: [Member(9, made("hedgehogs"))]}, idf)
    assert (repairs.merges, repairs.splits) == ((), ())


def test_a_member_moves_to_the_cluster_that_draws_it_more(made: Made, idf: Idf) -> None:
    early = [Member(1, made("hedgehogs")), Member(2, made("ferry"))]
    late = [Member(3, made("ferry-rewritten")), Member(4, made("ferry-cut"))]
    repairs = repair({1: early, 3: late}, idf)
    assert (repairs.splits, repairs.moves, repairs.merges) == (((1, (2,)),), ((2, 3),), ())


def test_what_came_in_later_draws_members_from_a_cluster_that_did_not_change(made: Made, idf: Idf) -> None:
    early = [Member(1, made("hedgehogs")), Member(2, made("ferry"))]
    late = [Member(3, made("ferry-rewritten")), Member(4, made("ferry-cut"))]
    assert repair({1: early, 3: late}, idf, changed={3}).moves == ((2, 3),)
    assert repair({1: early, 3: late, 5: []}, idf, changed={5}).moves == ()


def test_a_stray_draws_nobody_from_a_cluster_that_holds_together(made: Made, idf: Idf) -> None:
    ferry = [Member(n, made(name)) for n, name in enumerate(["ferry", "ferry-cut", "ferry-corrected"])]
    repairs = repair({1: ferry, 2: [Member(9, made("ferry-rewritten"))]}, idf)
    assert (repairs.splits, repairs.moves) == ((), ())


def test_two_crowds_that_a_chain_put_together_part(made: Made, idf: Idf) -> None:
    names = ["ferry", "hedgehogs", "ferry-cut", "ferry-corrected", "hedgehogs", "hedgehogs"]
    members = [Member(n, made(name)) for n, name in enumerate(names)]
    assert repair({1: members}, idf).splits == ((1, (1, 4, 5)),)


class Given(Scores):
    """Scores as given: within the articles 0 to 3, within those from 4 on, and between the two."""

    def __init__(self, idf: Idf, first: float, second: float, between: float) -> None:
        super().__init__(idf)
        self._first, self._second, self._between = first, second, between

    def between(self, article: Member, others: Sequence[Member]) -> NDArray[np.float64]:
        own = self._first if article.id < 4 else self._second
        return np.array([own if (other.id < 4) == (article.id < 4) else self._between for other in others])


@pytest.mark.parametrize(
    ("first", "second", "between", "one"),
    [
        (0.98, 0.95, 0.56, False),  # each is told apart by how closely it hangs together
        (0.98, 0.95, 0.6, True),
        (0.98, 0.7, 0.56, True),  # one is loose: what is as near as the line may be of it
        (0.98, 0.7, 0.5, True),  # below the line, but they were put together before
    ],
)
def test_two_crowds_that_each_hang_together_closely_ask_for_more_than_the_line(
    made: Made, idf: Idf, first: float, second: float, between: float, one: bool
) -> None:
    members = [Member(n, made("ferry")) for n in range(8)]
    scores = Given(idf, first, second, between)
    assert repair({1: members}, idf, scores=scores).splits == (() if one else ((1, (4, 5, 6, 7)),))
    merges = repair({1: members[:4], 2: members[4:]}, idf, scores=scores).merges
    assert merges == (((1, 2),) if one and between >= shipped_model().line else ())
