"""An article's terms with what each weighs, and the sums that every comparison with it asks for.

An article is compared with many others, most of which share little with it. What depends on one article alone is
worked out once, so that a comparison looks only at what is shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.fingerprint import U32, Fingerprint
from storyfold.matching.idf import F32, Idf
from storyfold.matching.tokens import FIGURE as FIGURE_FLAG
from storyfold.matching.tokens import NAME as NAME_FLAG

F64 = NDArray[np.float64]

LEAD_WORDS = 80  # a first paragraph or two: compared by itself, so that long texts are not alike by length alone
OPENING_WORDS = 60
HEAD_WORDS = 15  # stands in for a title where there is none
_COMMON_WORD = 1.0  # a word that more than one article in three holds tells nothing about an event
_LAST_PLACE = 0xFFFF

WEIGHT, TF, NAME_WEIGHT, FIGURE_WEIGHT, LEAD_WEIGHT, FIGURE, ONCE, PLACE = range(8)
"""Rows of `Weighed.table`."""

TOTAL, NORM, NAMES, FIGURES, LEAD, FIGURE_COUNT, WORDS = range(7)
"""Places in `Weighed.sums`: of the weights, of the squared TF-IDF, of names, figures and the lead; two counts."""

OPENING, HEAD, OPENING_NORM = range(3)
"""Places in `Weighed.opening_sums`."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """An article in one IDF snapshot. `table` has a row for each of `WEIGHT` to `PLACE` and a column for each term.

    `PLACE` is where a term first stands, in words. `opening` are the terms of title and first sentences, sorted;
    `opening_table` their weights, and the weights of those of the head (0 for the others).
    """

    fingerprint: Fingerprint
    table: F32
    sums: F64
    opening: U32
    opening_table: F32
    opening_sums: F64


def weighed(article: Fingerprint, idf: Idf) -> Weighed:
    """Worked out on first use, and kept with the fingerprint."""
    known = article.derived.get(idf)
    if not isinstance(known, Weighed):
        known = article.derived[idf] = _weigh(article, idf)
    return known


def side_by_side(tables: Sequence[F32]) -> F32:
    """Tables with the same rows, one after the other."""
    joined: F32 = np.concatenate(tables, axis=1)
    return joined


def _weigh(article: Fingerprint, idf: Idf) -> Weighed:
    weights = idf.weights(article.terms, article.language)
    table = _table(article, weights)
    figures = np.count_nonzero(article.flags & FIGURE_FLAG)
    sums = table[:5].sum(axis=1, dtype=np.float64)
    sums[TF] = float((table[TF].astype(np.float64) ** 2).sum())
    opening, opening_table = _opening(article, idf)
    return Weighed(
        article,
        table,
        np.append(sums, [float(figures), float(article.words)]),
        opening,
        opening_table,
        np.append(opening_table.sum(axis=1, dtype=np.float64), float((opening_table[0].astype(np.float64) ** 2).sum())),
    )


def _table(article: Fingerprint, weights: F32) -> F32:
    table = np.empty((8, len(article.terms)), dtype=np.float32)
    table[WEIGHT] = weights
    table[TF] = weights * (1 + np.log(article.counts.astype(np.float32)))
    table[NAME_WEIGHT] = weights * ((article.flags & NAME_FLAG) != 0)
    table[FIGURE_WEIGHT] = weights * ((article.flags & FIGURE_FLAG) != 0)
    table[LEAD_WEIGHT] = weights * (article.places < LEAD_WORDS * _LAST_PLACE // max(1, article.words))
    table[FIGURE] = (article.flags & FIGURE_FLAG) != 0
    table[ONCE] = article.counts == 1
    table[PLACE] = article.places * (article.words / _LAST_PLACE)
    return table


def _opening(article: Fingerprint, idf: Idf) -> tuple[U32, F32]:
    first = _first(article, OPENING_WORDS)
    terms = np.union1d(article.title, first) if len(article.title) else first
    head = article.title if len(article.title) else _first(article, HEAD_WORDS)
    weights = idf.weights(terms, article.language)
    weights = np.where(weights > _COMMON_WORD, weights, np.float32(0))
    return terms, np.stack([weights, weights * np.isin(terms, head, assume_unique=True)])


def _first(article: Fingerprint, words: int) -> U32:
    """The terms among the first `words` of the text, sorted as all terms are."""
    return article.terms[article.places < words * _LAST_PLACE // max(1, article.words)]
