"""Labelled pairs for the relation model, as retrieval puts them before it, and variations of them.

Rewrites in the labelled data are short and the articles they must be told from are long. A model that is shown only
those learns that short means rewritten. So each kind is also shown at the other's length: unrelated and same-event
pairs cut down, rewrites cut down further or joined to longer texts (several rewrites one after the other, against their
sources in the same order).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from dataset import Row, members, source_of
from numpy.typing import NDArray

from storyfold.matching.candidates import index_terms, query_terms
from storyfold.matching.features import features
from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf


@dataclass(slots=True)
class Pairs:
    """Rows of features with a label (1: one source text), a weight, and the collections whose rows they touch."""

    rows: list[NDArray[np.float64]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    sources: list[frozenset[str]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, row: NDArray[np.float64], label: int, weight: float, sources: frozenset[str], kind: str) -> None:
        """One pair."""
        self.rows.append(row)
        self.labels.append(label)
        self.weights.append(weight)
        self.sources.append(sources)
        self.kinds.append(kind)


@dataclass(slots=True)
class Corpus:
    """`matching-dev` with its fingerprints, neighbours and the source of each row."""

    rows: list[Row]
    prints: list[Fingerprint]
    near: NDArray[np.intp]
    idf: Idf
    sources: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources = ["other"] * len(self.rows)
        for indexes in members(self.rows).values():
            source = source_of([self.rows[i] for i in indexes])
            for i in indexes:
                self.sources[i] = source

    def touched(self, *indexes: int) -> frozenset[str]:
        """The collections that these rows belong to."""
        return frozenset(s for i in indexes for s in belongs(self.rows[i], self.sources[i]))


def belongs(row: Row, cluster_source: str) -> tuple[str, ...]:
    """A row's collections: an original that was rewritten for two of them belongs to both."""
    if row.style.startswith("reframed-") and cluster_source != "lun":
        return ("politifact",)
    if cluster_source == "llmfake" and row.style == "original":
        return ("llmfake", "politifact")
    return (cluster_source,)


def label(a: Row, b: Row) -> int | None:
    """1: one source text, 0: not, None: nobody knows."""
    if a.syndication is not None and b.syndication is not None:
        return int(a.syndication == b.syndication)
    if a.style == b.style == "same-event" and (a.event is None or a.event == b.event):
        return None
    return 0


def natural(corpus: Corpus, k: int = 15) -> Pairs:
    """All pairs of one cluster, and each article's `k` nearest by TF-IDF."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for i in range(len(corpus.rows)):
        for j in corpus.near[i, :k].tolist():
            wanted[min(i, j)].add(max(i, j))
    for indexes in members(corpus.rows).values():
        for i in indexes:
            wanted[i] |= {j for j in indexes if j > i}
    events: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(corpus.rows):
        if row.event is not None:
            events[row.event].append(i)
    for indexes in events.values():
        for i in indexes:
            wanted[i] |= {j for j in indexes if j > i}
    found = Pairs()
    for i, js in sorted(wanted.items()):
        others = sorted(js)
        table = features(corpus.prints[i], [corpus.prints[j] for j in others], corpus.idf)
        for j, row in zip(others, table, strict=True):
            _add_natural(found, corpus, i, j, row)
    return found


def _add_natural(found: Pairs, corpus: Corpus, i: int, j: int, row: NDArray[np.float64]) -> None:
    a, b = corpus.rows[i], corpus.rows[j]
    known = label(a, b)
    if known is None:
        return
    event = not known and a.event is not None and a.event == b.event
    kind = "event" if event else "rewrite" if known else "other"
    found.add(row, known, 3.0 if event else 1.0, corpus.touched(i, j), kind)


def strange(corpus: Corpus, seed: int = 2) -> Pairs:
    """Pairs with next to nothing in common: at random, and what the term index finds beyond the nearest.

    Without them the trees have never seen such pairs and say anything.
    """
    rng = random.Random(seed)
    index: dict[int, list[int]] = defaultdict(list)
    for i, article in enumerate(corpus.prints):
        for term in index_terms(article, corpus.idf):
            index[term].append(i)
    found = Pairs()
    for i, article in enumerate(corpus.prints):
        others = {rng.randrange(len(corpus.prints)) for _ in range(4)}
        for term in list(query_terms(article, corpus.idf))[:4]:
            others.add(rng.choice(index[term]))
        kept = sorted(j for j in others if j != i and label(corpus.rows[i], corpus.rows[j]) == 0)
        table = features(article, [corpus.prints[j] for j in kept], corpus.idf)
        for j, row in zip(kept, table, strict=True):
            found.add(row, 0, 1.0, corpus.touched(i, j), "stranger")
    return found


def _cut(text: str, words: int, start: int = 0) -> str:
    return " ".join(text.split(" ")[start : start + words])


def _print(text: str) -> Fingerprint:
    return fingerprint(text, title=None, language="en", published=None)


def varied(corpus: Corpus, seed: int = 1) -> Pairs:
    """The variations: see the module."""
    rng = random.Random(seed)
    found = Pairs()
    lengths = [len(r.text.split(" ")) for r in corpus.rows if r.style.startswith(("reframed", "paraphrase", "rewrite"))]
    _cut_negatives(found, corpus, rng, lengths)
    _cut_positives(found, corpus, rng)
    _joined(found, corpus, rng)
    return found


def _cut_negatives(found: Pairs, corpus: Corpus, rng: random.Random, lengths: Sequence[int]) -> None:
    events: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(corpus.rows):
        if row.event is not None:
            events[row.event].append(i)
    pairs = [(i, j, "event") for g in events.values() for n, i in enumerate(g) for j in g[n + 1 :]]
    pairs = [p for p in pairs if label(corpus.rows[p[0]], corpus.rows[p[1]]) == 0] * 3
    plain = [i for i, s in enumerate(corpus.sources) if s == "other"]
    for i in rng.sample(plain, min(4000, len(plain))):
        j = int(corpus.near[i, min(14, int(rng.expovariate(0.5)))])
        if label(corpus.rows[i], corpus.rows[j]) == 0:
            pairs.append((i, j, "other"))
    for i, j, kind in pairs:
        a, b = (_print(_cut(corpus.rows[x].text, rng.choice(lengths))) for x in (i, j))
        found.add(features(a, [b], corpus.idf)[0], 0, 2.0, corpus.touched(i, j), kind + "-cut")


def _positive_pairs(corpus: Corpus) -> list[tuple[int, int]]:
    return [(i, j) for g in members(corpus.rows).values() for n, i in enumerate(g) for j in g[n + 1 :]]


def _cut_positives(found: Pairs, corpus: Corpus, rng: random.Random) -> None:
    """One of the two loses its end, as summaries and broken-off rewrites do."""
    pairs = _positive_pairs(corpus)
    for i, j in rng.sample(pairs, min(2500, len(pairs))):
        whole, cut = (i, j) if rng.random() < 0.5 else (j, i)
        size = len(corpus.rows[cut].text.split(" "))
        short = _print(_cut(corpus.rows[cut].text, max(60, int(size * rng.uniform(0.4, 0.9)))))
        row = features(short, [corpus.prints[whole]], corpus.idf)[0]
        found.add(row, 1, 0.5, corpus.touched(i, j), "rewrite-cut")


def _joined(found: Pairs, corpus: Corpus, rng: random.Random) -> None:
    """Long rewrites: two to four of one collection one after the other, against their counterparts."""
    by_source: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for i, j in _positive_pairs(corpus):
        by_source["+".join(sorted(corpus.touched(i, j)))].append((i, j))
    for pairs in by_source.values():
        for _ in range(min(900, len(pairs))):
            chosen = rng.sample(pairs, min(len(pairs), rng.choice((2, 3, 3, 4))))
            if rng.random() < 0.5:
                chosen = [(j, i) for i, j in chosen]
            a = _print("\n".join(corpus.rows[i].text for i, _ in chosen))
            b = _print("\n".join(corpus.rows[j].text for _, j in chosen))
            touched = corpus.touched(*(x for pair in chosen for x in pair))
            found.add(features(a, [b], corpus.idf)[0], 1, 1.0, touched, "rewrite-joined")
