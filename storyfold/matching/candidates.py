"""Which articles are worth comparing with an incoming one: what is written to the indexes and what is asked of them.

Two roads lead to a candidate. Bands (`Fingerprint.bands`) find copies and reprints. An inverted table from term to
article finds the rest: each article is written under its `INDEXED` weightiest terms, and found by the `ASKED`
weightiest of the incoming one. Weight is rarity times how often the text says it: what a text is about comes first.
Beside each term stands what share it has in the article, so that the sum over shared terms is the cosine of the two as
far as these terms tell. The store answers with raw hits, capped per term; `ranked` says whose fingerprints to load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.fingerprint import U32, Fingerprint
from storyfold.matching.idf import F32, Idf
from storyfold.matching.postings import SHARE, SHARE_BITS
from storyfold.matching.weighed import NORM, TF, weigh_all, weighed

# 99.8 % of the labelled rewrites that have a text of their cluster before them find one (99.5 % by 40 and 24 terms and
# the weight in the incoming article alone). 99.57 % of all pairs are among the 12 best, or stand in a cluster that is;
# 99.61 % among 16. What is folded is as good by 12 or better, in half the comparisons of 24.
INDEXED = 48
ASKED = 32
LOADED = 12

WHOLE = 1000
"""Shares are given in thousandths."""


def index_terms(article: Fingerprint, idf: Idf) -> dict[int, int]:
    """The terms to write to the inverted table, weightiest first: at most `INDEXED`. With the share of each: its weight
    by the length of the article's term vector, in thousandths."""
    terms, weights = _weightiest(article, idf)
    length = max(float(np.sqrt(weighed(article, idf).sums[NORM])), 1e-9)
    shares = np.round(weights * (WHOLE / length)).astype(np.int64)
    return dict(zip(terms.tolist(), shares.tolist(), strict=True))


def query_terms(article: Fingerprint, idf: Idf) -> dict[int, float]:
    """The terms to look up and the weight of each, weightiest first: at most `ASKED`."""
    terms, weights = _weightiest(article, idf)
    return dict(zip(terms[:ASKED].tolist(), weights[:ASKED].tolist(), strict=True))


def _weightiest(article: Fingerprint, idf: Idf) -> tuple[U32, F32]:
    """Terms and the weight of each. Worked out on first use, and kept with the fingerprint."""
    known = article.derived.get(("weightiest", idf))
    if isinstance(known, tuple):
        return known
    weights = weighed(article, idf).table[TF]
    # ties are broken by the hash, so that two texts with the same terms choose the same ones
    best = np.lexsort((article.terms, -weights))[:INDEXED]
    made = article.terms[best], weights[best]
    article.derived["weightiest", idf] = made
    return made


def ranked(
    hits: Iterable[tuple[int, int, int]], asked: Mapping[int, float], banded: Iterable[int], loaded: int = LOADED
) -> list[int]:
    """The article ids to load, best first, at most `loaded`.

    `hits` are (article id, shared term, its share there) from the inverted table, `asked` the answer of `query_terms`,
    `banded` the ids that share a band: they come first, as a band seldom errs.
    """
    scores: dict[int, float] = {}
    for article_id, term, share in hits:
        scores[article_id] = scores.get(article_id, 0.0) + asked.get(term, 0.0) * share
    first = list(dict.fromkeys(banded))[: loaded // 2]
    rest = sorted((i for i in scores if i not in set(first)), key=lambda i: (-scores[i], i))
    return [*first, *rest[: loaded - len(first)]]


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Postings as columns, all of one length. A day is an ordinal, 0 where none is known; shares are in thousandths."""

    ids: NDArray[np.int64]
    days: NDArray[np.int32]
    shares: NDArray[np.int64]

    @staticmethod
    def from_bytes(packed: bytes) -> Postings:
        """Those of `packed`, in its order."""
        ids, told = np.frombuffer(packed, ">u4").reshape(-1, 2).T.astype(np.int64)
        return Postings(ids, (told >> SHARE_BITS).astype(np.int32), told & SHARE)


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What the inverted table holds under the terms asked for: article, weight asked for by share, day of publication.

    All arrays have one length. A day is an ordinal; 0 where it is not known.
    """

    ids: NDArray[np.int64]
    weights: NDArray[np.float64]
    days: NDArray[np.int32]

    @staticmethod
    def joined(parts: Sequence[Hits]) -> Hits:
        """All of them."""
        none = Hits(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int32))
        columns = zip(*((p.ids, p.weights, p.days) for p in (none, *parts)), strict=True)
        return Hits(*(np.concatenate(column) for column in columns))

    def summed(self) -> Hits:
        """Each article once, in order of the ids, with the sum of its weights."""
        # as np.unique, in half the time: an id and its place as one number, which sorts without being looked up
        ordered = np.sort(self.ids.astype(np.uint64) << _PLACE | np.arange(len(self.ids), dtype=np.uint64))
        ids, places = (ordered >> _PLACE).astype(np.int64), (ordered & _LAST_PLACE).astype(np.intp)
        begins = np.concatenate(([True], ids[1:] != ids[:-1]))[: len(ids)]
        weights = np.bincount(begins.cumsum() - 1, self.weights[places]).astype(np.float64, copy=False)
        return Hits(ids[begins], weights, self.days[places[begins]])

    def within(self, day: int | None, days: int) -> Hits:
        """Those published at most `days` from `day`; where one of the two is not known, they count as near."""
        return self._rows(self._near(day, days))

    def _near(self, day: int | None, days: int) -> NDArray[np.bool_]:
        if day is None:
            return np.ones(len(self.ids), dtype=np.bool_)
        near: NDArray[np.bool_] = (self.days == 0) | (np.abs(self.days - day) <= days)
        return near

    def _rows(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Hits:
        return Hits(self.ids[which], self.weights[which], self.days[which])

    def shortened(self, day: int | None, days: int) -> Hits:
        """Those of which the best are chosen, whatever bands lead to: of all, and of those `within`. Of `summed` hits,
        in their order."""
        kept = np.zeros(len(self.ids), dtype=np.bool_)
        kept[_foremost(self.weights, _MOST_TAKEN)] = True
        near = np.flatnonzero(self._near(day, days))
        kept[near[_foremost(self.weights[near], _MOST_TAKEN)]] = True
        return self._rows(kept)

    def meeting(self, others: Hits) -> Hits:
        """These and others, in order of the ids; what is in both is as it is in these."""
        both = Hits.joined([self, others])
        return both._rows(np.unique(both.ids, return_index=True)[1])

    def best(self, banded: Iterable[int] = (), loaded: int = LOADED) -> list[int]:
        """The article ids to load, best first, at most `loaded`: as `ranked`. Of `summed` hits."""
        first = list(dict.fromkeys(banded))[: loaded // 2]
        taken = set(first)
        foremost = self.ids[_foremost(self.weights, loaded + len(first))]
        return [*first, *(id for id in foremost.tolist() if id not in taken)][:loaded]


_MOST_TAKEN = LOADED + LOADED // 2  # half of what is loaded may stand among the best and be taken by its band

_PLACE, _LAST_PLACE = np.uint64(32), np.uint64(2**32 - 1)


def _foremost(weights: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Where the greatest weights stand, greatest first; of equal ones, the first first."""
    if len(weights) > most:
        enough = np.flatnonzero(weights >= np.partition(weights, -most)[-most])
    else:
        enough = np.arange(len(weights))
    return enough[np.argsort(-weights[enough], kind="stable")][:most]


@dataclass(slots=True)
class Newcomers:
    """Articles that came in since the indexes were asked, as the indexes would give them."""

    idf: Idf
    _terms: defaultdict[int, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))
    _bands: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add_all(self, articles: Iterable[tuple[int, Fingerprint]]) -> None:
        """`add` of several, weighed in one go."""
        asked = list(articles)
        weigh_all([article for _, article in asked], self.idf)
        for id, article in asked:
            self.add(id, article)

    def add(self, id: int, article: Fingerprint) -> None:
        """From now on, it is found."""
        for term, share in index_terms(article, self.idf).items():
            self._terms[term].append((id, share, article.day or 0))
        for band in article.bands:
            self._bands[band].append(id)

    def hits(self, asked: Mapping[int, float]) -> Hits:
        """What stands under the terms of `asked`."""
        found = [
            (id, weight * share, day)
            for term, weight in asked.items()
            if term in self._terms
            for id, share, day in self._terms[term]
        ]
        ids, weights, days = zip(*found, strict=True) if found else ((), (), ())
        return Hits(np.array(ids, np.int64), np.array(weights, np.float64), np.array(days, np.int32))

    def banded(self, bands: Iterable[int]) -> list[int]:
        """Those that share a band."""
        return sorted({id for band in bands if band in self._bands for id in self._bands[band]})
