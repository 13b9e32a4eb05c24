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
from storyfold.matching.tokens import FIGURE, NAME, distinct

F64 = NDArray[np.float64]

LEAD_WORDS = 80  # a first paragraph or two: compared by itself, so that long texts are not alike by length alone
OPENING_WORDS = 60
HEAD_WORDS = 15  # stands in for a title where there is none
_COMMON_WORD = 1.0  # a word that more than one article in three holds tells nothing about an event
_LAST_PLACE = 0xFFFF

WEIGHT, TF, PLACE = range(3)
"""Rows of `Weighed.table`."""

TOTAL, NORM, NAMES, FIGURES, LEAD, FIGURE_COUNT, WORDS = range(7)
"""Places in `Weighed.sums`: of the weights, of the squared TF-IDF, of names, figures and the lead; two counts."""

OPENING, HEAD, OPENING_NORM = range(3)
"""Places in `Weighed.opening_sums`."""

IS_NAME, IS_FIGURE, IS_LEAD, IS_ONCE = 1, 2, 4, 8
"""Bits of `Weighed.marks`: what a term is, and whether it stands in the lead, and only once."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """An article in one IDF snapshot. `table` has a row for each of `WEIGHT` to `PLACE` and a column for each term.

    `PLACE` is where a term first stands, in words; `marks` go with the columns. `opening` are the terms of title and
    first sentences, sorted; `opening_table` their weights, and the weights of those of the head (0 for the others).
    """

    fingerprint: Fingerprint
    table: F32
    marks: NDArray[np.uint8]
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
    table = np.empty((3, len(weights)), dtype=np.float32)
    table[WEIGHT] = weights
    table[TF] = weights * (1 + np.log(article.counts.astype(np.float32)))
    table[PLACE] = article.places * (article.words / _LAST_PLACE)
    marks = _marks(article)
    opening, opening_table = _opening(article, idf)
    both = opening_table.astype(np.float64)
    opening_sums = np.array([both[0].sum(), both[1].sum(), both[0] @ both[0]])
    return Weighed(article, table, marks, _sums(article, table, marks), opening, opening_table, opening_sums)


def _marks(article: Fingerprint) -> NDArray[np.uint8]:
    lead = article.places < LEAD_WORDS * _LAST_PLACE // max(1, article.words)
    marks: NDArray[np.uint8] = article.flags & np.uint8(NAME | FIGURE)
    marks |= lead.view(np.uint8) * np.uint8(IS_LEAD)
    marks |= (article.counts == 1).view(np.uint8) * np.uint8(IS_ONCE)
    return marks


def _sums(article: Fingerprint, table: F32, marks: NDArray[np.uint8]) -> F64:
    weights, tf = table[:2].astype(np.float64)
    parts = [weights[(marks & np.uint8(bit)) != 0].sum() for bit in (IS_NAME, IS_FIGURE, IS_LEAD)]
    figures = np.count_nonzero(marks & np.uint8(IS_FIGURE))
    return np.array([weights.sum(), tf @ tf, *parts, figures, article.words], dtype=np.float64)


def _opening(article: Fingerprint, idf: Idf) -> tuple[U32, F32]:
    terms = _first(article, OPENING_WORDS)
    if len(article.title):
        terms = distinct(np.concatenate([article.title, terms]))
    head = article.title if len(article.title) else _first(article, HEAD_WORDS)
    table = np.zeros((2, len(terms)), dtype=np.float32)
    if len(terms):
        weights = idf.weights(terms, article.language)
        table[0] = np.where(weights > _COMMON_WORD, weights, np.float32(0))
        at = terms.searchsorted(head)  # the head is part of the opening
        table[1, at] = table[0, at]
    return terms, table


def _first(article: Fingerprint, words: int) -> U32:
    """The terms among the first `words` of the text, sorted as all terms are."""
    return article.terms[article.places < words * _LAST_PLACE // max(1, article.words)]
