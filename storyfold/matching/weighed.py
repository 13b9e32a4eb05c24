"""An article's terms with what each weighs, and the sums that every comparison with it asks for.

An article is compared with many others, most of which share little with it. What depends on one article alone is
worked out once, so that a comparison looks only at what is shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.fingerprint import U32, Fingerprint
from storyfold.matching.idf import F32, Idf
from storyfold.matching.lookup import Ints, end_to_end
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

    table: F32
    marks: NDArray[np.uint8]
    sums: F64
    opening: U32
    opening_table: F32
    opening_sums: F64


def weighed(article: Fingerprint, idf: Idf) -> Weighed:
    """Worked out on first use, and kept with the fingerprint."""
    return weigh_all([article], idf)[0]


def weigh_all(articles: Sequence[Fingerprint], idf: Idf) -> list[Weighed]:
    """`weighed` of each: what is new among them is worked out in one go for each language."""
    fresh: dict[str, list[Fingerprint]] = {}
    for article in {id(a): a for a in articles if idf not in a.derived}.values():
        fresh.setdefault(article.language, []).append(article)
    for language, those in fresh.items():
        for article, made in zip(those, _weigh(_Row.of(those), idf, language), strict=True):
            article.derived[idf] = made
    return [_known(article, idf) for article in articles]


def _known(article: Fingerprint, idf: Idf) -> Weighed:
    made = article.derived[idf]
    if not isinstance(made, Weighed):
        raise TypeError("something else was kept under the snapshot's name")
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """Articles end to end: for each term whose it is, beside what the fingerprints say of it."""

    articles: Sequence[Fingerprint]
    ends: Ints
    owner: Ints
    terms: U32
    counts: NDArray[np.uint16]
    places: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    words: NDArray[np.int64]

    @staticmethod
    def of(articles: Sequence[Fingerprint]) -> _Row:
        lengths = np.array([len(a.terms) for a in articles])
        owner = np.repeat(np.arange(len(articles)), lengths)
        terms, counts, places, flags = (
            np.concatenate([getattr(a, name) for a in articles]) for name in ("terms", "counts", "places", "flags")
        )
        words = np.array([max(1, a.words) for a in articles])
        return _Row(articles, lengths.cumsum(), owner, terms, counts, places, flags, words)

    def first(self, words: int) -> NDArray[np.bool_]:
        """The terms among the first `words` of their texts."""
        early: NDArray[np.bool_] = self.places < (words * _LAST_PLACE // self.words)[self.owner]
        return early

    def sums(self, values: NDArray[np.generic], which: NDArray[np.bool_] | None = None) -> F64:
        """Sums over each article's terms, or over those of `which`."""
        owner = self.owner if which is None else self.owner[which]
        made = np.bincount(owner, values if which is None else values[which], minlength=len(self.articles))
        return made.astype(np.float64, copy=False)


def _weigh(row: _Row, idf: Idf, language: str) -> Iterator[Weighed]:
    weights = idf.weights(row.terms, language)
    table = np.empty((3, len(weights)), dtype=np.float32)
    table[WEIGHT] = weights
    table[TF] = weights * (1 + np.log(row.counts.astype(np.float32)))
    table[PLACE] = row.places * (np.array([a.words for a in row.articles]) / _LAST_PLACE)[row.owner]
    marks = _marks(row)
    sums = _sums(row, table, marks)
    openings = _openings(row, idf, language)
    start = 0
    for number, end in enumerate(row.ends.tolist()):
        # copies: a view would keep all of the row alive as long as one of them
        own = table[:, start:end].copy(), marks[start:end].copy(), sums[number].copy()
        yield Weighed(*own, *next(openings))
        start = end


def _marks(row: _Row) -> NDArray[np.uint8]:
    marks: NDArray[np.uint8] = row.flags & np.uint8(NAME | FIGURE)
    marks |= row.first(LEAD_WORDS).view(np.uint8) * np.uint8(IS_LEAD)
    marks |= (row.counts == 1).view(np.uint8) * np.uint8(IS_ONCE)
    return marks


def _sums(row: _Row, table: F32, marks: NDArray[np.uint8]) -> F64:
    weights, tf = table[:2].astype(np.float64)
    marked = {bit: (marks & np.uint8(bit)) != 0 for bit in (IS_NAME, IS_FIGURE, IS_LEAD)}
    return np.column_stack(
        [
            row.sums(weights),
            row.sums(tf * tf),
            *(row.sums(weights, which) for which in marked.values()),
            row.sums(marked[IS_FIGURE]),
            [article.words for article in row.articles],
        ]
    )


def _openings(row: _Row, idf: Idf, language: str) -> Iterator[tuple[U32, F32, F64]]:
    """Of each article the terms of its opening, the table over them, and its sums."""
    titled = np.array([len(a.title) > 0 for a in row.articles])
    titles, whose = end_to_end([a.title for a in row.articles])
    title = _keys(whose, titles)
    opening = distinct(np.concatenate([title, _keys(row.owner, row.terms)[row.first(OPENING_WORDS)]]))
    head = np.concatenate([title, _keys(row.owner, row.terms)[row.first(HEAD_WORDS) & ~titled[row.owner]]])
    terms, owner = opening.astype(np.uint32), (opening >> _KEY).astype(np.intp)
    table = np.zeros((2, len(terms)), dtype=np.float32)
    weights = idf.weights(terms, language)
    table[0] = np.where(weights > _COMMON_WORD, weights, np.float32(0))
    at = opening.searchsorted(head)  # the head is part of the opening
    table[1, at] = table[0, at]
    both, n = table.astype(np.float64), len(row.articles)
    sums = np.column_stack([np.bincount(owner, values, minlength=n) for values in (*both, both[0] ** 2)])
    ends = np.bincount(owner, minlength=n).cumsum().tolist()
    for number, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        yield terms[start:end].copy(), table[:, start:end].copy(), sums[number].copy()


_KEY = np.uint64(32)


def _keys(owner: Ints, terms: U32) -> NDArray[np.uint64]:
    """Whose term, as one number that sorts by both."""
    return owner.astype(np.uint64) << _KEY | terms
