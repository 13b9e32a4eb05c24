"""Labelled pairs for the relation model, as retrieval puts them before it."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from dataset import Row, members, source_of
from numpy.typing import NDArray

from storyfold.matching.candidates import index_terms, query_terms
from storyfold.matching.features import features
from storyfold.matching.fingerprint import Fingerprint
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


def positives(corpus: Corpus) -> list[tuple[int, int]]:
    """All pairs of one source text."""
    return [(i, j) for g in members(corpus.rows).values() for n, i in enumerate(g) for j in g[n + 1 :]]


def same_events(corpus: Corpus) -> list[tuple[int, int]]:
    """All pairs of one event that are known not to be of one source text."""
    events: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(corpus.rows):
        if row.event is not None:
            events[row.event].append(i)
    pairs = [(i, j) for g in events.values() for n, i in enumerate(g) for j in g[n + 1 :]]
    return [(i, j) for i, j in pairs if label(corpus.rows[i], corpus.rows[j]) == 0]


def strangers(corpus: Corpus, rng: random.Random, count: int) -> list[tuple[int, int]]:
    """Articles that belong to nothing, each with one of its nearest."""
    plain = [i for i, s in enumerate(corpus.sources) if s == "other"]
    chosen = rng.sample(plain, min(count, len(plain)))
    pairs = [(i, int(corpus.near[i, min(14, int(rng.expovariate(0.5)))])) for i in chosen]
    return [(i, j) for i, j in pairs if label(corpus.rows[i], corpus.rows[j]) == 0]


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
