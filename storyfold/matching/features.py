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
from storyfold.matching.tokens import FIGURE, NAME

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]

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
_RARE = 4.0  # weight of a term held by fewer than 1 in 55 articles
LEAD_WORDS = 80  # a first paragraph or two: compared by itself, so that long texts are not alike by length alone
_SLOTS = 1 << 16
_LAST_PLACE = 0xFFFF


def features(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> F64:
    """One row of `FEATURES` for each of `others`. `others` may be empty."""
    if not others:
        return np.zeros((0, len(FEATURES)))
    overlap = _overlap(article, others, idf)
    columns = _likeness(overlap) | _names_and_figures(overlap) | _lead(overlap) | _figures(overlap)
    columns |= _arrangement(overlap)
    for name, place in (("runs2", 0), ("runs3", 1), ("runs5", 2)):
        columns[name] = _run_share(article, others, name, place)
    columns["quotes"] = _quote_share(article, others)
    mine, theirs = float(article.words), np.array([o.words for o in others], dtype=np.float64)
    columns["length_ratio"] = np.minimum(mine, theirs) / np.maximum(1.0, np.maximum(mine, theirs))
    columns["words"] = np.log1p(np.minimum(mine, theirs))
    return np.column_stack([columns[name] for name in FEATURES])


@dataclass(frozen=True, slots=True, eq=False)
class _Overlap:
    """The terms of an article (`mine`: their weights) and those of `n` others, end to end (`owner`: whose).

    `here` and `there` are the places of what is shared in either, `shared` its weights, `whose` the owner of each.
    """

    article: Fingerprint
    others: Sequence[Fingerprint]
    n: int
    mine: F64
    owner: Ints
    weights: F64
    counts: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    places: NDArray[np.uint16]
    here: Ints
    there: Ints
    whose: Ints
    shared: F64

    def common(self, values: NDArray[np.generic]) -> F64:
        """Sums over what each of the others shares."""
        return np.bincount(self.whose, values, minlength=self.n).astype(np.float64)

    def total(self, values: NDArray[np.generic]) -> F64:
        """Sums over all terms of each of the others."""
        return np.bincount(self.owner, values, minlength=self.n).astype(np.float64)


def _overlap(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> _Overlap:
    flat, owner = _flat([o.terms for o in others])
    terms = flat.astype(np.uint32, copy=False)
    weights = _weights(terms, others, idf)
    mine = idf.weights(article.terms, article.language).astype(np.float64)
    there, here = _found(article.terms, terms)
    return _Overlap(
        article=article,
        others=others,
        n=len(others),
        mine=mine,
        owner=owner,
        weights=weights,
        counts=np.concatenate([o.counts for o in others]),
        flags=np.concatenate([o.flags for o in others]),
        places=np.concatenate([o.places for o in others]),
        here=here,
        there=there,
        whose=owner[there],
        shared=np.minimum(mine[here], weights[there]),
    )


def _flat(arrays: Sequence[NDArray[np.generic]]) -> tuple[NDArray[np.generic], Ints]:
    """Arrays end to end, and beside each element the index of its array."""
    lengths = [len(a) for a in arrays]
    return np.concatenate(arrays), np.repeat(np.arange(len(arrays)), lengths)


def _found(mine: U32, theirs: U32) -> tuple[Ints, Ints]:
    """Places in `theirs` that stand in the sorted `mine`, and where. A bitmap rules out nearly all others cheaply."""
    if not len(mine) or not len(theirs):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    bitmap = np.zeros(_SLOTS, dtype=np.bool_)
    bitmap[mine & np.uint32(_SLOTS - 1)] = True
    maybe = np.flatnonzero(bitmap[theirs & np.uint32(_SLOTS - 1)])
    at = np.minimum(np.searchsorted(mine, theirs[maybe]), len(mine) - 1)
    sure = mine[at] == theirs[maybe]
    return maybe[sure], at[sure]


def _likeness(o: _Overlap) -> dict[str, F64]:
    """The cosine, and the shared weight as a share of the shorter text and of both."""
    their_tf, my_tf = o.weights * (1 + np.log(o.counts)), o.mine * (1 + np.log(o.article.counts))
    norm = np.sqrt(o.total(their_tf**2) * float(my_tf @ my_tf))
    both, theirs_all = o.common(o.shared), o.total(o.weights)
    return {
        "tfidf": _ratio(o.common(their_tf[o.there] * my_tf[o.here]), norm),
        "terms": _ratio(both, np.minimum(theirs_all, o.mine.sum())),
        "terms_jaccard": _ratio(both, theirs_all + o.mine.sum() - both),
    }


def _names_and_figures(o: _Overlap) -> dict[str, F64]:
    """Shared names and figures by weight, between both texts; of names also the share of the text with fewer."""
    columns = {}
    for name, bit in (("names", NAME), ("figures", FIGURE)):
        here, there = (o.article.flags & bit) != 0, (o.flags & bit) != 0
        mine, theirs = np.full(o.n, o.mine[here].sum()), o.total(o.weights * there)
        columns[name] = np.sqrt(
            _ratio(o.common(o.shared * here[o.here]), mine) * _ratio(o.common(o.shared * there[o.there]), theirs)
        )
        if bit == NAME:
            either = here[o.here] | there[o.there]
            columns["names_kept"] = _ratio(o.common(o.shared * either), np.minimum(mine, theirs))
    return columns


def _lead(o: _Overlap) -> dict[str, F64]:
    mine = o.article.places < _lead_end(o.article)
    theirs = o.places < np.array([_lead_end(other) for other in o.others])[o.owner]
    both = o.common(o.shared * (mine[o.here] & theirs[o.there]))
    return {"lead": _ratio(both, np.minimum(o.total(o.weights * theirs), o.mine[mine].sum()))}


def _lead_end(article: Fingerprint) -> int:
    return LEAD_WORDS * _LAST_PLACE // max(1, article.words)


def _figures(o: _Overlap) -> dict[str, F64]:
    """How many figures the text with fewer of them has, and which share of them the other repeats."""
    theirs = o.total((o.flags & FIGURE) != 0)
    fewer = np.minimum(theirs, float(np.count_nonzero(o.article.flags & FIGURE)))
    both = ((o.article.flags[o.here] & o.flags[o.there]) & FIGURE) != 0
    return {"figures_kept": _ratio(o.common(both), fewer), "figure_count": fewer}


def _arrangement(o: _Overlap) -> dict[str, F64]:
    """See `arrangement`. What a text says more than once has no one place: order is asked of the rest alone."""
    words = np.array([o.article.words, *(other.words for other in o.others)]) / _LAST_PLACE
    rare = np.flatnonzero(o.shared >= _RARE)
    here, there, whose = o.here[rare], o.there[rare], o.whose[rare]
    shared = Shared(o.n, whose, o.shared[rare], o.article.places[here] * words[0], o.places[there] * words[1:][whose])
    together, ascending = together_and_ascending(shared)
    once = (o.counts[there] == 1) & (o.article.counts[here] == 1)
    return {"order": order(shared.only(once)), "together": together, "ascending": ascending}


def _weights(terms: U32, others: Sequence[Fingerprint], idf: Idf) -> F64:
    languages = {o.language for o in others}
    if len(languages) == 1:
        return idf.weights(terms, languages.pop()).astype(np.float64)
    rows: list[F32] = [idf.weights(o.terms, o.language) for o in others]
    return np.concatenate(rows).astype(np.float64)


def _ratio(part: F64, whole: F64) -> F64:
    ratio: F64 = np.where(whole > 0, part / np.maximum(whole, 1e-12), 0.0)
    return ratio


def _run_share(article: Fingerprint, others: Sequence[Fingerprint], name: str, place: int) -> F64:
    """The share of the shorter text's runs that stand in the other, over the part where both samples are complete."""
    mine: U32 = getattr(article, name)
    flat, owner = _flat([getattr(o, name) for o in others])
    theirs = flat.astype(np.uint32, copy=False)
    limits = np.array([min(article.ceilings[place], o.ceilings[place]) for o in others], dtype=np.uint32)
    my_size = np.searchsorted(mine, limits, side="right")
    if (limits != FULL).any():
        below = theirs <= limits[owner]
        theirs, owner = theirs[below], owner[below]
    there, _ = _found(mine, theirs)
    n = len(others)
    shared = np.bincount(owner[there], minlength=n)
    return _ratio(shared.astype(np.float64), np.minimum(np.bincount(owner, minlength=n), my_size))


def _quote_share(article: Fingerprint, others: Sequence[Fingerprint]) -> F64:
    """Runs of four terms quoted in both, as a share of the text that quotes less."""
    flat, owner = _flat([o.quotes for o in others])
    there, _ = _found(article.quotes, flat.astype(np.uint32, copy=False))
    shared = np.bincount(owner[there], minlength=len(others)).astype(np.float64)
    sizes = np.minimum([len(o.quotes) for o in others], len(article.quotes))
    return _ratio(shared, sizes)
