"""What pairs of articles share: for every term that stands in both, the weights and places of both sides.

Many pairs are looked at in one go: a pair by itself costs as much in calls as a hundred do. What is left to do for each
article is to look the others' terms up among its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.fingerprint import U32, Fingerprint
from storyfold.matching.idf import F32, Idf
from storyfold.matching.lookup import Ints, Lookup, in_common
from storyfold.matching.weighed import F64, WEIGHT, weigh_all

Marks = NDArray[np.uint8]
A = TypeVar("A")
B = TypeVar("B")

Beside = tuple[Fingerprint, Sequence[Fingerprint]]
"""An article, and those it is compared with: as many pairs. Pairs of several articles are numbered end to end."""

AT_ONCE = 1024  # pairs looked at in one go: enough to make up for the calls, in some 20 MB


def in_portions(asked: Iterable[tuple[A, Sequence[B]]]) -> Iterator[list[tuple[A, Sequence[B]]]]:
    """One and those it is compared with, in lists of `AT_ONCE` pairs or little more: memory does not grow with what is
    asked."""
    portion: list[tuple[A, Sequence[B]]] = []
    pairs = 0
    for one, others in asked:
        portion.append((one, others))
        pairs += len(others)
        if pairs >= AT_ONCE:
            yield portion
            portion, pairs = [], 0
    if portion:
        yield portion


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """What `n` pairs share, end to end: `whose` says which pair it is.

    `here` and `there` are the columns of both sides' tables for what is shared, `marked_here` and `marked_there` its
    marks, `shared` the weight of each. `mine` and `theirs` have a row of sums for each pair.
    """

    n: int
    mine: F64
    theirs: F64
    whose: Ints
    here: F32
    there: F32
    marked_here: Marks
    marked_there: Marks
    shared: F32

    def common(self, values: NDArray[np.generic]) -> F64:
        """Sums over what each pair shares."""
        return np.bincount(self.whose, values, minlength=self.n).astype(np.float64, copy=False)

    def marked(self, marks: Marks, bit: int) -> F64:
        """The shared weight that is marked."""
        which = ((marks & np.uint8(bit)) != 0).nonzero()[0]
        return np.bincount(self.whose[which], self.shared[which], minlength=self.n).astype(np.float64, copy=False)


def overlap(asked: Sequence[Beside], idf: Idf, lookup: Lookup) -> Overlap:
    """All pairs of `asked`, which are one at least."""
    tables = _Tables.of(asked, idf)
    mine = tables.numbers(article for article, others in asked for _ in others)
    theirs = tables.numbers(other for _, others in asked for other in others)
    whose, there, here = shared_terms([(a.terms, [o.terms for o in others]) for a, others in asked], lookup)
    here, there = tables.starts[mine[whose]] + here, tables.starts[theirs[whose]] + there
    columns, columns_there = tables.table[:, here], tables.table[:, there]
    return Overlap(
        n=len(mine),
        mine=tables.sums[mine],
        theirs=tables.sums[theirs],
        whose=whose,
        here=columns,
        there=columns_there,
        marked_here=tables.marks[here],
        marked_there=tables.marks[there],
        shared=np.minimum(columns[WEIGHT], columns_there[WEIGHT]),
    )


def shared_terms(asked: Sequence[tuple[U32, Sequence[U32]]], lookup: Lookup) -> tuple[Ints, Ints, Ints]:
    """Of sets beside others, for every hash that stands in both: (number of the pair, place there, place here)."""
    found, pairs = [], 0
    for mine, theirs in asked:
        whose, there, here = in_common(lookup, mine, theirs)
        found.append((whose + pairs, there, here.astype(np.intp)))
        pairs += len(theirs)
    one, two, three = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return one, two, three


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """The tables of all articles of a call, end to end, each article once; `starts` says where one begins."""

    number: dict[int, int]
    starts: Ints
    table: F32
    marks: Marks
    sums: F64

    @staticmethod
    def of(asked: Sequence[Beside], idf: Idf) -> _Tables:
        prints = list({id(one): one for article, others in asked for one in (article, *others)}.values())
        known = weigh_all(prints, idf)
        lengths = np.array([len(one.marks) for one in known])
        return _Tables(
            number={id(one): number for number, one in enumerate(prints)},
            starts=lengths.cumsum() - lengths,
            table=np.concatenate([one.table for one in known], axis=1),
            marks=np.concatenate([one.marks for one in known]),
            sums=np.array([one.sums for one in known]),
        )

    def numbers(self, articles: Iterable[Fingerprint]) -> Ints:
        return np.array([self.number[id(one)] for one in articles])
