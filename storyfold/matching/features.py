"""What two fingerprints have in common, as a short row of named numbers that a person can read.

Every feature is symmetric. Shares are of the *shorter* text, as a rewrite shrinks: of a text cut to a third, all may
stand in the other, and Jaccard would see a third. Nothing here depends on a language beyond its word weights, nor on
dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.arrangement import Shared, order, together_and_ascending
from storyfold.matching.fingerprint import FULL, U32, Fingerprint
from storyfold.matching.idf import F32, Idf
from storyfold.matching.lookup import Ints, Lookup, end_to_end
from storyfold.matching.weighed import (
    FIGURE_COUNT,
    FIGURES,
    IS_FIGURE,
    IS_LEAD,
    IS_NAME,
    IS_ONCE,
    LEAD,
    NAMES,
    NORM,
    PLACE,
    TF,
    TOTAL,
    WEIGHT,
    WORDS,
    Weighed,
    side_by_side,
    weighed,
)

F64 = NDArray[np.float64]
Marks = NDArray[np.uint8]

FEATURES = (
    "tfidf",
    "terms",
    "names",
    "figures",
    "figures_kept",
    "figure_count",
    "order",
    "runs2",
    "runs3",
    "runs5",
    "quotes",
    "length_ratio",
    "words",
    "terms_jaccard",
    "lead",
    "names_kept",
    "together",
    "ascending",
)
_PLACES = {name: place for place, name in enumerate(FEATURES)}
_RARE = 4.0  # weight of a term held by fewer than 1 in 55 articles
# Of 3,357 labelled pairs of one text 71 lie below .04, and the model knows none; at .06 averages over clusters suffer.
LEAST_ALIKE = 0.02


def features(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> F64:
    """One row of `FEATURES` for each of `others`, which may be empty.

    Of what is `far` off, shared runs, quotes and arrangement are not looked at: they are 0.
    """
    if not others:
        return np.zeros((0, len(FEATURES)))
    overlap = _overlap(article, others, idf)
    columns = _likeness(overlap) | _names_and_figures(overlap)
    mine, theirs = overlap.mine.sums[WORDS], overlap.sums[:, WORDS]
    columns["length_ratio"] = np.minimum(mine, theirs) / np.maximum(1.0, np.maximum(mine, theirs))
    columns["words"] = np.log1p(np.minimum(mine, theirs))
    rows = np.zeros((len(others), len(FEATURES)))
    near = np.flatnonzero(~far(columns["tfidf"]))
    if len(near):
        wording = _wording(article, [others[n] for n in near.tolist()]) | _arrangement(overlap, near)
        for name, values in wording.items():
            rows[near, _PLACES[name]] = values
    for name, values in columns.items():
        rows[:, _PLACES[name]] = values
    return rows


def far(cosine: F64) -> NDArray[np.bool_]:
    """Where as good as nothing is shared there is nothing to judge."""
    nothing: NDArray[np.bool_] = cosine < LEAST_ALIKE
    return nothing


def _wording(article: Fingerprint, others: Sequence[Fingerprint]) -> dict[str, F64]:
    runs = (("runs2", 0), ("runs3", 1), ("runs5", 2))
    return {name: _run_share(article, others, name, place) for name, place in runs} | {
        "quotes": _quote_share(article, others)
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Overlap:
    """What an article shares with `n` others, end to end: `whose` says with which of them.

    `here` and `there` are the columns of both sides' tables for what is shared, `marked_here` and `marked_there` its
    marks, `shared` the weight of each. `sums` has a row for each of the others.
    """

    mine: Weighed
    n: int
    sums: F64
    whose: Ints
    here: F32
    there: F32
    marked_here: Marks
    marked_there: Marks
    shared: F32

    def common(self, values: NDArray[np.generic]) -> F64:
        """Sums over what each of the others shares."""
        return np.bincount(self.whose, values, minlength=self.n).astype(np.float64, copy=False)

    def marked(self, marks: Marks, bit: int) -> F64:
        """The shared weight that is marked."""
        which = ((marks & np.uint8(bit)) != 0).nonzero()[0]
        return np.bincount(self.whose[which], self.shared[which], minlength=self.n).astype(np.float64, copy=False)


def _overlap(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> _Overlap:
    mine, theirs = weighed(article, idf), [weighed(other, idf) for other in others]
    terms, owner = end_to_end([other.terms for other in others])
    at, place = Lookup(article.terms).found(terms)
    here, there = mine.table[:, place], side_by_side([other.table for other in theirs])[:, at]
    return _Overlap(
        mine=mine,
        n=len(others),
        sums=np.array([other.sums for other in theirs]),
        whose=owner[at],
        here=here,
        there=there,
        marked_here=mine.marks[place],
        marked_there=np.concatenate([other.marks for other in theirs])[at],
        shared=np.minimum(here[WEIGHT], there[WEIGHT]),
    )


def _likeness(o: _Overlap) -> dict[str, F64]:
    """The cosine, and the shared weight as a share of the shorter text, of both, and of the shorter first paragraph."""
    both, mine, theirs = o.common(o.shared), o.mine.sums[TOTAL], o.sums[:, TOTAL]
    leads = o.marked(o.marked_here & o.marked_there, IS_LEAD)
    return {
        "tfidf": _ratio(o.common(o.here[TF] * o.there[TF]), np.sqrt(o.mine.sums[NORM] * o.sums[:, NORM])),
        "terms": _ratio(both, np.minimum(theirs, mine)),
        "terms_jaccard": _ratio(both, theirs + mine - both),
        "lead": _ratio(leads, np.minimum(o.mine.sums[LEAD], o.sums[:, LEAD])),
    }


def _names_and_figures(o: _Overlap) -> dict[str, F64]:
    """Shared names and figures by weight, between both texts; of names also the share of the text with fewer; how many
    figures the text with fewer of them has, and which share of them the other repeats."""
    columns = {}
    for name, bit, place in (("names", IS_NAME, NAMES), ("figures", IS_FIGURE, FIGURES)):
        here, there = o.marked(o.marked_here, bit), o.marked(o.marked_there, bit)
        columns[name] = np.sqrt(_ratio(here, np.full(o.n, o.mine.sums[place])) * _ratio(there, o.sums[:, place]))
    either = o.marked(o.marked_here | o.marked_there, IS_NAME)
    columns["names_kept"] = _ratio(either, np.minimum(o.mine.sums[NAMES], o.sums[:, NAMES]))
    fewer = np.minimum(o.mine.sums[FIGURE_COUNT], o.sums[:, FIGURE_COUNT])
    both = ((o.marked_here & o.marked_there & np.uint8(IS_FIGURE)) != 0).nonzero()[0]
    kept = _ratio(np.bincount(o.whose[both], minlength=o.n).astype(np.float64), fewer)
    return columns | {"figures_kept": kept, "figure_count": fewer}


def _arrangement(o: _Overlap, near: Ints) -> dict[str, F64]:
    """See `arrangement`. What a text says more than once has no one place: order is asked of the rest alone."""
    number = np.full(o.n, -1)
    number[near] = np.arange(len(near))
    rare = np.flatnonzero((o.shared >= _RARE) & (number[o.whose] >= 0))
    places = (o.here[PLACE, rare].astype(np.float64), o.there[PLACE, rare].astype(np.float64))
    shared = Shared(len(near), number[o.whose[rare]], o.shared[rare].astype(np.float64), *places)
    together, ascending = together_and_ascending(shared)
    once = (o.marked_here[rare] & o.marked_there[rare] & np.uint8(IS_ONCE)) != 0
    return {"order": order(shared.only(once)), "together": together, "ascending": ascending}


def _ratio(part: F64, whole: F64) -> F64:
    ratio: F64 = np.where(whole > 0, part / np.maximum(whole, 1e-12), 0.0)
    return ratio


def _run_share(article: Fingerprint, others: Sequence[Fingerprint], name: str, place: int) -> F64:
    """The share of the shorter text's runs that stand in the other, over the part where both samples are complete."""
    mine: U32 = getattr(article, name)
    arrays: list[U32] = [getattr(o, name) for o in others]
    theirs, owner = end_to_end(arrays)
    there, _ = Lookup(mine).found(theirs)
    whose = owner[there]
    ceilings = np.array([o.ceilings[place] for o in others], dtype=np.uint32)
    limits = np.minimum(ceilings, np.uint32(article.ceilings[place]))
    sizes, my_size = np.array([len(a) for a in arrays]), np.full(len(others), len(mine))
    if (limits != FULL).any():
        whose = whose[theirs[there] <= limits[whose]]
        for cut in np.flatnonzero(limits < ceilings).tolist():
            sizes[cut] = np.searchsorted(arrays[cut], limits[cut], side="right")
        my_size = np.searchsorted(mine, limits, side="right")
    shared = np.bincount(whose, minlength=len(others))
    return _ratio(shared.astype(np.float64), np.minimum(sizes, my_size))


def _quote_share(article: Fingerprint, others: Sequence[Fingerprint]) -> F64:
    """Runs of four terms quoted in both, as a share of the text that quotes less."""
    if not len(article.quotes):
        return np.zeros(len(others))
    theirs, owner = end_to_end([o.quotes for o in others])
    there, _ = Lookup(article.quotes).found(theirs)
    shared = np.bincount(owner[there], minlength=len(others)).astype(np.float64)
    sizes = np.minimum([len(o.quotes) for o in others], len(article.quotes))
    return _ratio(shared, sizes)
