"""What two fingerprints have in common, as a short row of named numbers that a person can read.

Every feature is symmetric. Shares are of the *shorter* text, as a rewrite shrinks: of a text cut to a third, all may
stand in the other, and Jaccard would see a third. Nothing here depends on a language beyond its word weights, nor on
dates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.arrangement import Shared, order, together_and_ascending
from storyfold.matching.fingerprint import FULL, U32, Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.lookup import Ints, Lookup, end_to_end
from storyfold.matching.overlap import Beside, Overlap, overlap, shared_terms
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
    WORDS,
)

F64 = NDArray[np.float64]

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
_MARK = np.uint32(1)  # see `Fingerprint.beginnings`


def features(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> F64:
    """One row of `FEATURES` for each of `others`, which may be empty.

    Of what is `far` off, shared runs, quotes and arrangement are not looked at: they are 0.
    """
    return features_of([(article, others)], idf)


def features_of(asked: Sequence[Beside], idf: Idf) -> F64:
    """`features` of several articles, each beside its others: the rows of all pairs, end to end."""
    asked = [(article, others) for article, others in asked if others]
    if not asked:
        return np.zeros((0, len(FEATURES)))
    lookup = Lookup()
    shared = overlap(asked, idf, lookup)
    columns = _likeness(shared) | _names_and_figures(shared)
    words = np.minimum(shared.mine[:, WORDS], shared.theirs[:, WORDS])
    columns["length_ratio"] = words / np.maximum(1.0, np.maximum(shared.mine[:, WORDS], shared.theirs[:, WORDS]))
    columns["words"] = np.log1p(words)
    rows = np.zeros((shared.n, len(FEATURES)))
    near = ~far(columns["tfidf"])
    if near.any():
        for name, values in (_wording(_only(asked, near), lookup) | _arrangement(shared, np.flatnonzero(near))).items():
            rows[near, _PLACES[name]] = values
    for name, values in columns.items():
        rows[:, _PLACES[name]] = values
    return rows


def far(cosine: F64) -> NDArray[np.bool_]:
    """Where as good as nothing is shared there is nothing to judge."""
    nothing: NDArray[np.bool_] = cosine < LEAST_ALIKE
    return nothing


def _only(asked: Sequence[Beside], which: NDArray[np.bool_]) -> list[Beside]:
    """Those pairs alone."""
    wanted = iter(which.tolist())
    kept = [(article, [other for other in others if next(wanted)]) for article, others in asked]
    return [(article, others) for article, others in kept if others]


def _likeness(o: Overlap) -> dict[str, F64]:
    """The cosine, and the shared weight as a share of the shorter text, of both, and of the shorter first paragraph."""
    both, mine, theirs = o.common(o.shared), o.mine[:, TOTAL], o.theirs[:, TOTAL]
    leads = o.marked(o.marked_here & o.marked_there, IS_LEAD)
    return {
        "tfidf": _ratio(o.common(o.here[TF] * o.there[TF]), np.sqrt(o.mine[:, NORM] * o.theirs[:, NORM])),
        "terms": _ratio(both, np.minimum(theirs, mine)),
        "terms_jaccard": _ratio(both, theirs + mine - both),
        "lead": _ratio(leads, np.minimum(o.mine[:, LEAD], o.theirs[:, LEAD])),
    }


def _names_and_figures(o: Overlap) -> dict[str, F64]:
    """Shared names and figures by weight, between both texts; how many figures the text with fewer of them has, and
    which share of them the other repeats."""
    columns = {}
    for name, bit, place in (("names", IS_NAME, NAMES), ("figures", IS_FIGURE, FIGURES)):
        here, there = o.marked(o.marked_here, bit), o.marked(o.marked_there, bit)
        columns[name] = np.sqrt(_ratio(here, o.mine[:, place]) * _ratio(there, o.theirs[:, place]))
    fewer = np.minimum(o.mine[:, FIGURE_COUNT], o.theirs[:, FIGURE_COUNT])
    both = ((o.marked_here & o.marked_there & np.uint8(IS_FIGURE)) != 0).nonzero()[0]
    kept = _ratio(np.bincount(o.whose[both], minlength=o.n).astype(np.float64), fewer)
    return columns | {"figures_kept": kept, "figure_count": fewer}


def _arrangement(o: Overlap, near: Ints) -> dict[str, F64]:
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


def _wording(asked: Sequence[Beside], lookup: Lookup) -> dict[str, F64]:
    runs = (("runs2", 0), ("runs3", 1), ("runs5", 2))
    return {name: _run_share(asked, name, place, lookup) for name, place in runs} | {
        "quotes": _quote_share(asked, lookup),
        "names_kept": _names_kept(asked, lookup),
    }


def _run_share(asked: Sequence[Beside], name: str, place: int, lookup: Lookup) -> F64:
    """The share of the shorter text's runs that stand in the other, over the part where both samples are complete."""
    runs: list[tuple[U32, list[U32]]] = [(getattr(a, name), [getattr(o, name) for o in os]) for a, os in asked]
    whose, _, here = shared_terms(runs, lookup)
    both = [(mine, other) for mine, others in runs for other in others]
    sizes = np.array([(len(mine), len(other)) for mine, other in both])
    ceilings = np.array([(a.ceilings[place], o.ceilings[place]) for a, os in asked for o in os], dtype=np.uint32)
    limits = ceilings.min(axis=1)
    if (limits != FULL).any():
        whose = whose[_hashes(runs, whose, here) <= limits[whose]]
        for n, side in zip(*(axis.tolist() for axis in (limits[:, None] < ceilings).nonzero()), strict=True):
            sizes[n, side] = both[n][side].searchsorted(limits[n], side="right")
    shared = np.bincount(whose, minlength=len(both))
    return _ratio(shared.astype(np.float64), sizes.min(axis=1))


def _hashes(runs: Sequence[tuple[U32, Sequence[U32]]], whose: Ints, here: Ints) -> U32:
    """What stands at the places `here` of the articles of the pairs `whose`."""
    lengths = np.array([len(mine) for mine, _ in runs])
    starts = np.repeat(lengths.cumsum() - lengths, [len(others) for _, others in runs])
    flat: U32 = np.concatenate([mine for mine, _ in runs])
    return flat[starts[whose] + here]


def _quote_share(asked: Sequence[Beside], lookup: Lookup) -> F64:
    """Runs of four terms quoted in both, as a share of the text that quotes less."""
    quotes = [(article.quotes, [other.quotes for other in others]) for article, others in asked]
    whose, _, _ = shared_terms(quotes, lookup)
    sizes = np.array([min(len(mine), len(other)) for mine, theirs in quotes for other in theirs])
    return _ratio(np.bincount(whose, minlength=len(sizes)).astype(np.float64), sizes)


def _names_kept(asked: Sequence[Beside], lookup: Lookup) -> F64:
    """Names of either that begin as some word of the other does, by the names of the text that has fewer.

    A name that is retold changes its form (Russia, Russian), or its capital where a text has none, rather than go.
    """
    words = [(article.beginnings, [other.beginnings for other in others]) for article, others in asked]
    named = [(mine & _MARK, [other & _MARK for other in others]) for mine, others in words]
    plain = [(mine >> _MARK, [other >> _MARK for other in others]) for mine, others in words]
    whose, there, here = shared_terms(plain, lookup)
    theirs, owner = end_to_end([other for _, others in named for other in others])
    n = sum(len(others) for _, others in named)
    lengths = np.bincount(owner, minlength=n)
    either = _hashes(named, whose, here) | theirs[(lengths.cumsum() - lengths)[whose] + there]
    mine = np.repeat([np.count_nonzero(m) for m, _ in named], [len(others) for _, others in named])
    fewer = np.minimum(mine, np.bincount(owner, theirs, minlength=n))
    return _ratio(np.bincount(whose, either, minlength=n).astype(np.float64), fewer.astype(np.float64))
