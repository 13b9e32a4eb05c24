"""Sentences of two texts that say the same, with their offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.fingerprint import U32
from storyfold.matching.idf import Idf
from storyfold.matching.tokens import distinct_terms

_SENTENCE = re.compile(r"[^.!?。！？؟।\n]+(?:[.!?](?=\w)[^.!?。！？؟।\n]+)*[.!?。！？؟।]*[”»」』\"']?")
MAX_SENTENCES = 200  # of each text are aligned: evidence is to be read, not complete
_ALIKE = 0.3  # cosine from which two sentences are shown side by side
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Passage:
    """`[start, end)` in characters of the one text, the same in the other, and how alike they are, 0 to 1."""

    start: int
    end: int
    other_start: int
    other_end: int
    alike: float


@dataclass(frozen=True, slots=True, eq=False)
class _Sentence:
    start: int
    end: int
    terms: U32


def aligned(text: str, other: str, language: str, idf: Idf, bound: int = 8) -> list[Passage]:
    """The best aligned sentences, at most `bound`, each used once, in the order of `text`."""
    mine, theirs = _sentences(text), _sentences(other)
    if not mine or not theirs:
        return []
    alike = _cosines(mine, theirs, language, idf)
    found: list[Passage] = []
    for flat in np.argsort(-alike, axis=None, kind="stable")[: 20 * bound].tolist():
        i, j = divmod(flat, len(theirs))
        if alike[i, j] < _ALIKE or len(found) == bound:
            break
        a, b = mine[i], theirs[j]
        if not any(p.start == a.start or p.other_start == b.start for p in found):
            found.append(Passage(a.start, a.end, b.start, b.end, round(float(alike[i, j]), 3)))
    return sorted(found, key=lambda p: p.start)


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """`[start, end)` of every sentence with a word in it, in order; blanks around it are left out."""
    for match in _SENTENCE.finditer(text):
        lead = len(match.group()) - len(match.group().lstrip())
        if lead < len(match.group()):
            yield match.start() + lead, match.start() + len(match.group().rstrip())


def _sentences(text: str) -> list[_Sentence]:
    found = []
    for start, end in sentence_spans(text):
        terms = distinct_terms(text[start:end])
        if len(terms) >= _LEAST_WORDS:
            found.append(_Sentence(start, end, terms))
        if len(found) == MAX_SENTENCES:
            break
    return found


def _cosines(mine: list[_Sentence], theirs: list[_Sentence], language: str, idf: Idf) -> NDArray[np.float64]:
    vocabulary = np.unique(np.concatenate([s.terms for s in (*mine, *theirs)]))
    weights = idf.weights(vocabulary, language).astype(np.float64)
    a, b = (_matrix(sentences, vocabulary, weights) for sentences in (mine, theirs))
    # not `a @ b.T`: for matrices this small a BLAS with threads takes a hundred times longer than its work
    cosines: NDArray[np.float64] = np.einsum("ik,jk->ij", a, b)
    return cosines


def _matrix(sentences: list[_Sentence], vocabulary: U32, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = np.zeros((len(sentences), len(vocabulary)))
    for row, sentence in enumerate(sentences):
        at = np.searchsorted(vocabulary, sentence.terms)
        matrix[row, at] = weights[at]
    norms = np.sqrt((matrix**2).sum(axis=1, keepdims=True))
    unit: NDArray[np.float64] = matrix / np.maximum(norms, 1e-9)
    return unit
