"""What two fingerprints have in common, as a short row of named numbers that a person can read.

Every feature is symmetric. Shares are of the *shorter* text, as a rewrite shrinks: of a text cut to a third, all may
stand in the other, and Jaccard would see a third. Nothing here depends on a language beyond its word weights, nor on
dates; `order` asks whether what both hold stands in the same order in both, which a retold text keeps and an
independent report of the same event does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
)
_RARE = 4.0  # weight of a term held by fewer than 1 in 55 articles
LEAD_WORDS = 80  # a first paragraph or two: compared by itself, so that long texts are not alike by length alone
_SLOTS = 1 << 16
_LAST_PLACE = float(0xFFFF)


def features(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> F64:
    """One row of `FEATURES` for each of `others`. `others` may be empty."""
    if not others:
        return np.zeros((0, len(FEATURES)))
    columns = _term_columns(article, others, idf)
    for name, place in (("runs2", 0), ("runs3", 1), ("runs5", 2)):
        columns[name] = _run_share(article, others, name, place)
    columns["quotes"] = _quote_share(article, others)
    mine, theirs = float(article.words), np.array([o.words for o in others], dtype=np.float64)
    columns["length_ratio"] = np.minimum(mine, theirs) / np.maximum(1.0, np.maximum(mine, theirs))
    columns["words"] = np.log1p(np.minimum(mine, theirs))
    return np.column_stack([columns[name] for name in FEATURES])


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


def _term_columns(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> dict[str, F64]:
    n = len(others)
    flat, owner = _flat([o.terms for o in others])
    terms = flat.astype(np.uint32, copy=False)
    counts = np.concatenate([o.counts for o in others])
    flags = np.concatenate([o.flags for o in others])
    places = np.concatenate([o.places for o in others])
    weights = _weights(terms, others, idf)
    mine = idf.weights(article.terms, article.language).astype(np.float64)
    there, here = _found(article.terms, terms)
    whose, shared = owner[there], np.minimum(mine[here], weights[there])

    def total(values: F64) -> F64:
        return np.bincount(owner, values, minlength=n).astype(np.float64)

    def common(values: F64) -> F64:
        return np.bincount(whose, values, minlength=n).astype(np.float64)

    their_tf, my_tf = weights * (1 + np.log(counts)), mine * (1 + np.log(article.counts))
    norm = np.sqrt(total(their_tf**2) * float(my_tf @ my_tf))
    columns = {"tfidf": _ratio(common(their_tf[there] * my_tf[here]), norm)}
    both, theirs_all = common(shared), total(weights)
    columns["terms"] = _ratio(both, np.minimum(theirs_all, mine.sum()))
    columns["terms_jaccard"] = _ratio(both, theirs_all + mine.sum() - both)
    for name, bit in (("names", NAME), ("figures", FIGURE)):
        here_bit, there_bit = (article.flags & bit) != 0, (flags & bit) != 0
        columns[name] = np.sqrt(
            _ratio(common(shared * here_bit[here]), np.full(n, mine[here_bit].sum()))
            * _ratio(common(shared * there_bit[there]), total(weights * there_bit))
        )
    my_lead = article.places < _lead_end(article)
    their_lead = places < np.array([_lead_end(o) for o in others])[owner]
    columns["lead"] = _ratio(
        common(shared * (my_lead[here] & their_lead[there])),
        np.minimum(total(weights * their_lead), mine[my_lead].sum()),
    )
    columns |= _figures(article, flags, owner, here, there, n)
    rare = shared * (shared >= _RARE) * (counts[there] == 1) * (article.counts[here] == 1)
    columns["order"] = _correlation(common, rare, article.places[here] / _LAST_PLACE, places[there] / _LAST_PLACE)
    return columns


def _lead_end(article: Fingerprint) -> int:
    return LEAD_WORDS * 0xFFFF // max(1, article.words)


def _figures(
    article: Fingerprint, flags: NDArray[np.uint8], owner: Ints, here: Ints, there: Ints, n: int
) -> dict[str, F64]:
    """How many figures the text with fewer of them has, and which share of them the other repeats."""
    theirs = np.bincount(owner, (flags & FIGURE) != 0, minlength=n).astype(np.float64)
    fewer = np.minimum(theirs, float(np.count_nonzero(article.flags & FIGURE)))
    both = ((article.flags[here] & flags[there]) & FIGURE) != 0
    return {
        "figures_kept": _ratio(np.bincount(owner[there], both, minlength=n).astype(np.float64), fewer),
        "figure_count": fewer,
    }


def _weights(terms: U32, others: Sequence[Fingerprint], idf: Idf) -> F64:
    languages = {o.language for o in others}
    if len(languages) == 1:
        return idf.weights(terms, languages.pop()).astype(np.float64)
    rows: list[F32] = [idf.weights(o.terms, o.language) for o in others]
    return np.concatenate(rows).astype(np.float64)


def _correlation(common: object, weight: F64, x: F64, y: F64) -> F64:
    """Weighted correlation of places, shrunk towards 0 where few terms stand in both: 0 where nothing can be said."""
    assert callable(common)
    total = common(weight) + 1e-9
    mx, my = common(weight * x) / total, common(weight * y) / total
    vx, vy = common(weight * x * x) / total - mx**2, common(weight * y * y) / total - my**2
    cov = common(weight * x * y) / total - mx * my
    spread = np.sqrt(np.maximum(vx, 0) * np.maximum(vy, 0))
    n = common((weight > 0).astype(np.float64))
    row: F64 = np.where(spread > 1e-6, cov / np.maximum(spread, 1e-6), 0.0) * n / (n + 5.0)
    return row


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
