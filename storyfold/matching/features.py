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
from storyfold.matching.fingerprint import (
    BEGINNINGS,
    FULL,
    QUOTES,
    RUNS2,
    RUNS3,
    RUNS5,
    U32,
    Fingerprint,
    sets_of,
)
from storyfold.matching.idf import Idf
from storyfold.matching.lookup import Ints, Lookup
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
    """The shares of the shorter text's runs, and of the quoted runs of the text that quotes less, that stand in the
    other; and the names that are kept. All are looked up in one go."""
    words = [(a.wording, [other.wording for other in others]) for a, others in asked]
    both = [(article, other) for article, others in asked for other in others]
    whose, there, here = shared_terms(words, lookup)
    hashes = _hashes(words, whose, here)
    sets = sets_of(hashes)
    begin = (sets == BEGINNINGS).nonzero()[0]
    kept = _names_kept(both, whose[begin], there[begin], here[begin])
    shares = _shares(both, whose, sets, hashes)
    return {name: shares[:, which] for name, which in _SETS.items()} | {"names_kept": kept}


_SETS = {"runs2": RUNS2, "runs3": RUNS3, "runs5": RUNS5, "quotes": QUOTES}


def _shares(both: Sequence[tuple[Fingerprint, Fingerprint]], whose: Ints, sets: Ints, hashes: U32) -> F64:
    """Of each pair and each set of `wording` what both have, by what the one with less has; over the part where both
    samples are complete."""
    sizes = np.array([(one.sizes, other.sizes) for one, other in both])
    ceilings = np.array([(one.ceilings, other.ceilings) for one, other in both], dtype=np.uint32)
    limits = ceilings.min(axis=1)
    if (limits != FULL).any():
        complete = hashes <= limits[whose, sets]
        whose, sets = whose[complete], sets[complete]
        cut = limits[:, None] < ceilings
        rows = cut.any(axis=2).nonzero()
        ends = [both[n][side].wording.searchsorted(limits[n], side="right") for n, side in zip(*rows, strict=True)]
        starts = sizes[rows].cumsum(axis=1) - sizes[rows]
        sizes[rows] = np.where(cut[rows], np.array(ends).reshape(starts.shape) - starts, sizes[rows])
    n_sets = sizes.shape[-1]
    shared = np.bincount(whose * n_sets + sets, minlength=n_sets * len(both)).reshape(-1, n_sets)
    return _ratio(shared.astype(np.float64), sizes.min(axis=1))


def _hashes(runs: Sequence[tuple[U32, Sequence[U32]]], whose: Ints, here: Ints) -> U32:
    """What stands at the places `here` of the articles of the pairs `whose`."""
    lengths = np.array([len(mine) for mine, _ in runs])
    starts = np.repeat(lengths.cumsum() - lengths, [len(others) for _, others in runs])
    flat: U32 = np.concatenate([mine for mine, _ in runs])
    return flat[starts[whose] + here]


def _names_kept(both: Sequence[tuple[Fingerprint, Fingerprint]], whose: Ints, there: Ints, here: Ints) -> F64:
    """Names of either that begin as some word of the other does, by the names of the text that has fewer; of the shared
    beginnings of pairs, whose they are and where they stand in `wording`.

    A name that is retold changes its form (Russia, Russian), or its capital where a text has none, rather than go.
    """
    mine, theirs = _Named.of([one for one, _ in both]), _Named.of([other for _, other in both])
    either = mine.at(whose, here) | theirs.at(whose, there)
    fewer = np.minimum(mine.counts, theirs.counts)
    return _ratio(np.bincount(whose, either, minlength=len(both)).astype(np.float64), fewer)


@dataclass(frozen=True, slots=True, eq=False)
class _Named:
    """`Fingerprint.named` of many articles end to end: `starts` says where that of each begins, less what stands before
    the beginnings in its `wording`; `counts` how many names each has."""

    named: NDArray[np.uint8]
    starts: Ints
    counts: F64

    @staticmethod
    def of(articles: Sequence[Fingerprint]) -> _Named:
        lengths = np.array([len(one.named) for one in articles])
        before = np.array([len(one.wording) for one in articles]) - lengths
        named, owner = np.concatenate([one.named for one in articles]), np.repeat(np.arange(len(articles)), lengths)
        counts = np.bincount(owner, named, minlength=len(articles)).astype(np.float64)
        return _Named(named, lengths.cumsum() - lengths - before, counts)

    def at(self, whose: Ints, places: Ints) -> NDArray[np.uint8]:
        """Of these places in the wording of these articles, whether a name begins so."""
        marks: NDArray[np.uint8] = self.named[self.starts[whose] + places]
        return marks
