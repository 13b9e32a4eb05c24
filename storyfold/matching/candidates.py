"""Which articles are worth comparing with an incoming one: what is written to the indexes and what is asked of them.

Two roads lead to a candidate. Bands (`Fingerprint.bands`) find copies and reprints. An inverted table from term to
article finds the rest: each article is written under its `INDEXED` weightiest terms, and found by the `ASKED`
weightiest of the incoming one. Weight is rarity times how often the text says it: what a text is about comes first.
The store answers with raw hits, capped per term; `ranked` says whose fingerprints to load.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf

INDEXED = 32
ASKED = 16
LOADED = 20


def index_terms(article: Fingerprint, idf: Idf) -> tuple[int, ...]:
    """The terms to write to the inverted table, weightiest first: at most `INDEXED`."""
    return tuple(_weighed(article, idf, INDEXED))


def query_terms(article: Fingerprint, idf: Idf) -> dict[int, float]:
    """The terms to look up and the weight of each, weightiest first: at most `ASKED`."""
    return _weighed(article, idf, ASKED)


def _weighed(article: Fingerprint, idf: Idf, bound: int) -> dict[int, float]:
    idfs = idf.weights(article.terms, article.language)
    weights = idfs * (1 + np.log(article.counts))
    # ties are broken by the hash, so that two texts with the same terms choose the same ones
    best = np.lexsort((article.terms, -weights))[:bound]
    return dict(zip(article.terms[best].tolist(), (idfs[best] ** 2).tolist(), strict=True))


def ranked(
    hits: Iterable[tuple[int, int]], asked: Mapping[int, float], banded: Iterable[int], loaded: int = LOADED
) -> list[int]:
    """The article ids to load, best first, at most `loaded`.

    `hits` are (article id, shared term) from the inverted table, `asked` the answer of `query_terms`, `banded` the ids
    that share a band: they come first, as a band seldom errs.
    """
    scores: dict[int, float] = {}
    for article_id, term in hits:
        scores[article_id] = scores.get(article_id, 0.0) + asked.get(term, 0.0)
    first = list(dict.fromkeys(banded))[: loaded // 2]
    rest = sorted((i for i in scores if i not in set(first)), key=lambda i: (-scores[i], i))
    return [*first, *rest[: loaded - len(first)]]
