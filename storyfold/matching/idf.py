"""How much a shared term tells: the weight of each term, from how rare it is.

A background (word frequencies per language, from the `wordfreq` package) is blended with the corpus's own counts, so
that an empty corpus weighs words sensibly and a large one goes by its own. A snapshot is numbered and immutable: a job
makes the next one, and every score names the snapshot that it was computed with.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import langcodes
import msgpack
import numpy as np
from numpy.typing import NDArray

from storyfold.errors import BadInput
from storyfold.matching.fingerprint import U32, Fingerprint
from storyfold.matching.normalise import normal_form
from storyfold.matching.tokens import character_pair, is_unspaced, term_hash

F32 = NDArray[np.float32]

TYPICAL_WORDS = 400  # a news article's length: turns a word's frequency into the share of articles that hold it
PRIOR_ARTICLES = 2000  # the background weighs as much as this many articles of the corpus
CEILING = 9.0  # no weight above: rarer than 1 in 8,000 articles is all alike, be it a rare name or a misprint
_FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Of `articles` articles, `having[i]` hold `terms[i]`; `terms` are sorted and distinct."""

    articles: int
    terms: U32
    having: NDArray[np.uint32]


class Table:
    """Weights of distinct sorted terms; every other term weighs `unseen`.

    Each term stands in the slot of its low bits, but for those that find it taken, which are searched for. Terms of
    many articles at once take half the time of a binary search, which jumps through memory. A `Lookup` is made for what
    is mostly not found, and most terms are found here: by it they take more than twice as long.
    """

    def __init__(self, terms: U32, weights: F32, unseen: float) -> None:
        self._unseen = np.float32(unseen)
        self._terms = np.zeros(_SLOTS, dtype=np.uint32)
        self._weights = np.full(_SLOTS, self._unseen)  # a free slot is term 0, unseen
        slots = _slots(terms)
        self._terms[slots], self._weights[slots] = terms, weights
        apart = self._terms[slots] != terms
        self._apart, self._apart_weights = terms[apart], weights[apart]

    def __call__(self, terms: U32) -> F32:
        slots = _slots(terms)
        same = self._terms.take(slots) == terms
        found: F32 = np.where(same, self._weights.take(slots), self._unseen)
        if len(self._apart):
            rest = (~same).nonzero()[0]
            left = terms.take(rest)
            at = np.minimum(self._apart.searchsorted(left), len(self._apart) - 1)
            known = (self._apart.take(at) == left).nonzero()[0]
            found[rest.take(known)] = self._apart_weights.take(at.take(known))
        return found


_SLOTS = 1 << 16  # for the 50,000 words of a list: 650 kB a language, with those that stand apart


def _slots(terms: U32) -> NDArray[np.intp]:
    return (terms & np.uint32(_SLOTS - 1)).astype(np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Idf:
    """One snapshot. `Idf(0)` is the background alone."""

    version: int
    corpus: Mapping[str, Counts] = field(default_factory=dict)
    _tables: dict[str, Table] = field(default_factory=dict, repr=False)

    def weights(self, terms: U32, language: str) -> F32:
        """The weight of each term in a text of `language`, from 0 to `CEILING`."""
        table = self._tables.get(language)
        if table is None:
            table = self._tables[language] = _blend(language, self.corpus.get(language))
        return table(terms)

    def to_bytes(self) -> bytes:
        """The stored form: the version and the corpus's counts; the background comes with the code."""
        parts = [struct.pack("<BiH", _FORMAT, self.version, len(self.corpus))]
        for language, counts in sorted(self.corpus.items()):
            parts.append(struct.pack("<8sII", language.encode()[:8], counts.articles, len(counts.terms)))
            parts += [counts.terms.astype("<u4").tobytes(), counts.having.astype("<u4").tobytes()]
        return b"".join(parts)

    @staticmethod
    def from_bytes(stored: bytes) -> Idf:
        """Raises `BadInput` for what `to_bytes` did not write."""
        if not stored or stored[0] != _FORMAT:
            raise BadInput("Not a stored IDF snapshot of this version.")
        _, version, languages = struct.unpack_from("<BiH", stored)
        at, corpus = struct.calcsize("<BiH"), {}
        for _ in range(languages):
            name, articles, n = struct.unpack_from("<8sII", stored, at)
            at += struct.calcsize("<8sII")
            terms = np.frombuffer(stored, dtype="<u4", count=n, offset=at)
            having = np.frombuffer(stored, dtype="<u4", count=n, offset=at + 4 * n)
            corpus[name.rstrip(b"\0").decode()] = Counts(articles, terms, having)
            at += 8 * n
        return Idf(version, corpus)


class Tally:
    """Counts articles per language for the next snapshot. Bounded: beyond `limit` terms the rarest are dropped."""

    def __init__(self, limit: int = 300_000) -> None:
        self._limit = limit
        self._articles: dict[str, int] = {}
        self._having: dict[str, dict[int, int]] = {}

    def add(self, article: Fingerprint) -> None:
        """Counts one article's terms."""
        self._articles[article.language] = self._articles.get(article.language, 0) + 1
        having = self._having.setdefault(article.language, {})
        for term in article.terms.tolist():
            having[term] = having.get(term, 0) + 1
        if len(having) > self._limit:
            self._having[article.language] = {t: n for t, n in having.items() if n > 1}

    def snapshot(self, version: int) -> Idf:
        """The snapshot so far. Terms held by one article alone are left out: they weigh the most in any case."""
        corpus = {}
        for language, having in self._having.items():
            kept = sorted((t, n) for t, n in having.items() if n > 1)
            terms = np.array([t for t, _ in kept], dtype=np.uint32)
            corpus[language] = Counts(self._articles[language], terms, np.array([n for _, n in kept], dtype=np.uint32))
        return Idf(version, corpus)


def _blend(language: str, counts: Counts | None) -> Table:
    terms, share = background(language)
    if counts is not None:
        both = np.union1d(terms, counts.terms)
        prior, having = np.zeros(len(both)), np.zeros(len(both))
        prior[np.searchsorted(both, terms)] = share
        having[np.searchsorted(both, counts.terms)] = counts.having
        terms, share = both, (having + PRIOR_ARTICLES * prior) / (counts.articles + PRIOR_ARTICLES)
    weights = np.clip(-np.log(np.maximum(share, 1e-9)), 0.0, CEILING).astype(np.float32)
    return Table(terms.astype(np.uint32), weights, CEILING)


@lru_cache(maxsize=32)
def background(language: str) -> tuple[U32, NDArray[np.float64]]:
    """Sorted terms and the share of articles in `language` that hold each; empty where no frequencies are known."""
    shares: dict[int, float] = {}
    for word, frequency in _frequencies(language):
        for term in _terms_of(word):
            shares[term] = shares.get(term, 0.0) + frequency
    terms = np.array(sorted(shares), dtype=np.uint32)
    frequencies = np.array([shares[t] for t in terms.tolist()], dtype=np.float64)
    return terms, 1.0 - np.exp(-frequencies * TYPICAL_WORDS)


def _frequencies(language: str) -> Iterator[tuple[str, float]]:
    """The words of a language and how often each stands in its texts, the commonest first, as far as they tell apart.

    Read from the package's list bucket by bucket (see `wordfreq.read_cBpack`): a bucket holds the words of one
    frequency, of which its place is the logarithm. The whole of it, as the package would give it, takes 25 MB more.
    """
    import wordfreq

    lists = wordfreq.available_languages()
    best, _ = langcodes.closest_match(language or "und", list(lists), max_distance=_NEAR_LANGUAGE)
    if best == "und":
        return
    floor = np.exp(-CEILING) / TYPICAL_WORDS
    with gzip.open(lists[best]) as packed:
        buckets = msgpack.Unpacker(packed)
        last = buckets.read_array_header() - 1
        if buckets.unpack() != {"format": "cB", "version": 1}:
            raise RuntimeError(f"the word list of {best!r} is of a form not known here: is it wordfreq's?")
        for place in range(last):
            frequency = 10 ** (-place / 100)
            if frequency <= floor:
                return
            for word in buckets.unpack():
                yield word, frequency


_NEAR_LANGUAGE = 60  # as wordfreq does: one list serves both scripts of Chinese


def _terms_of(word: str) -> list[int]:
    if all(is_unspaced(c) for c in word):
        hashes = np.array([term_hash(c) for c in word], dtype=np.uint32)
        return [int(h) for h in (character_pair(hashes[:-1], hashes[1:]) if len(word) > 1 else hashes)]
    return [term_hash(normal_form(part)) for part in word.replace("'", " ").split()]
