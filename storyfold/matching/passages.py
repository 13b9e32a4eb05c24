"""Sentences of two texts that say the same, with their offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.fingerprint import U32
from storyfold.matching.idf import F32, Idf
from storyfold.matching.tokens import distinct_by_line

_SENTENCE = re.compile(r"[^.!?。！？؟।\n]+(?:[.!?](?=\w)[^.!?。！？؟।\n]+)*[.!?。！？؟।]*[”»」』\"']?")
MAX_SENTENCES = 200  # of each text are aligned: evidence is to be read, not complete. A byte counts them
_ALIKE = 0.3  # cosine from which two sentences are shown side by side
_DIGITS = 6  # of a cosine: sentences that are alike to these are taken in the order of the text
_LEAST_WORDS = 4

F64 = NDArray[np.float64]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """`[start, end)` in characters of the one text, the same in the other, and how alike they are, 0 to 1."""

    start: int
    end: int
    other_start: int
    other_end: int
    alike: float


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """The sentences of a text that can be compared: where each stands, and the distinct terms it holds.

    `spans` are `[start, end)`, one row a sentence; `vocabulary` all their terms, sorted. Sentence `rows[i]` holds the
    term `vocabulary[at[i]]`.
    """

    spans: NDArray[np.int32]
    vocabulary: U32
    rows: NDArray[np.uint8]
    at: NDArray[np.uint16] | U32

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        return sum(part.nbytes for part in (self.spans, self.vocabulary, self.rows, self.at))


def aligned(text: str, other: str, language: str, idf: Idf, bound: int = 8) -> list[Passage]:
    """The best aligned sentences, at most `bound`, each used once, in the order of `text`."""
    return aligned_sentences(sentences(text), sentences(other), language, idf, bound)


def aligned_sentences(mine: Sentences, theirs: Sentences, language: str, idf: Idf, bound: int = 8) -> list[Passage]:
    """`aligned`, for texts whose sentences are known."""
    if not len(mine.spans) or not len(theirs.spans):
        return []
    alike = _cosines(mine, theirs, language, idf).ravel()
    enough = np.flatnonzero(alike >= _ALIKE)
    best = enough[np.argsort(-np.round(alike[enough], _DIGITS), kind="stable")][: 20 * bound]
    found: list[Passage] = []
    taken: set[int] = set()
    other_taken: set[int] = set()
    for flat, likeness in zip(best.tolist(), alike[best].tolist(), strict=True):
        i, j = divmod(flat, len(theirs.spans))
        if i not in taken and j not in other_taken:
            taken.add(i)
            other_taken.add(j)
            (start, end), (other_start, other_end) = mine.spans[i].tolist(), theirs.spans[j].tolist()
            found.append(Passage(start, end, other_start, other_end, round(likeness, 3)))
        if len(found) == bound:
            break
    return sorted(found, key=lambda p: p.start)


def sentence_spans(text: str) -> Iterator[Span]:
    """`[start, end)` of every sentence with a word in it, in order; blanks around it are left out."""
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        bare = sentence.strip()
        if bare:
            start = match.start() + sentence.index(bare)
            yield start, start + len(bare)


def sentences(text: str) -> Sentences:
    """The first `MAX_SENTENCES` sentences of at least four different words."""
    spans: list[Span] = []
    rows, terms = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.uint32)]
    all_spans = sentence_spans(text)
    while len(spans) < MAX_SENTENCES and (some := list(islice(all_spans, MAX_SENTENCES))):
        lines, held = distinct_by_line("\n".join(text[start:end] for start, end in some))
        long = np.bincount(lines, minlength=len(some)) >= _LEAST_WORDS
        numbers = len(spans) + np.cumsum(long) - 1
        long &= numbers < MAX_SENTENCES
        kept = long[lines]
        rows.append(numbers[lines[kept]])
        terms.append(held[kept])
        spans += [span for span, is_long in zip(some, long.tolist(), strict=True) if is_long]
    held, rows_held = np.concatenate(terms), np.concatenate(rows)
    if len(terms) > 2:  # what was looked through in one go is sorted by its terms
        order = np.argsort(held, kind="stable")
        held, rows_held = held[order], rows_held[order]
    first = np.ones(len(held), dtype=np.bool_)
    np.not_equal(held[1:], held[:-1], out=first[1:])
    vocabulary = held[first]
    at = first.cumsum() - 1
    narrow = at.astype(np.uint16) if len(vocabulary) < 1 << 16 else at.astype(np.uint32)
    return Sentences(np.array(spans, dtype=np.int32).reshape(-1, 2), vocabulary, rows_held.astype(np.uint8), narrow)


def _cosines(mine: Sentences, theirs: Sentences, language: str, idf: Idf) -> F64:
    both = np.intersect1d(mine.vocabulary, theirs.vocabulary, assume_unique=True)
    a, b = (_matrix(some, both, idf.weights(some.vocabulary, language)) for some in (mine, theirs))
    # not `a @ b.T`: for matrices this small a BLAS with threads takes a hundred times longer than its work
    cosines: F64 = np.einsum("ik,jk->ij", a, b)
    return cosines


def _matrix(some: Sentences, both: U32, weights: F32) -> F64:
    """A row a sentence, of length 1 over all its terms, with the columns of the terms that stand in both texts."""
    weight = weights.astype(np.float64)[some.at]
    lengths = np.sqrt(np.bincount(some.rows, weight**2, minlength=len(some.spans)))
    column = np.full(len(some.vocabulary), -1)
    column[np.searchsorted(some.vocabulary, both)] = np.arange(len(both))
    columns = column[some.at]
    shared = columns >= 0
    rows = some.rows[shared]
    matrix = np.zeros((len(some.spans), len(both)))
    matrix[rows, columns[shared]] = weight[shared] / np.maximum(lengths[rows], 1e-9)
    return matrix
