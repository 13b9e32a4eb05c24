"""How much candidate retrieval misses: of the gold pairs of `matching-dev`, and of all pairs above a cosine.

    python bench/matching/retrieval.py [--asked 24 --indexed 40 --loaded 24]

Brute force is the judge: every pair with exact TF-IDF cosine of .25 or more between 1,000 articles of
`events/stream-dev` and all of `events/background`, same IDF snapshot, no time window.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from dataset import Row, folder, lines, matrix, members, prints, rows
from driver import BAND_CAP, TERM_CAP

from storyfold.matching import candidates
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf

COSINE = 0.25


class Index:
    """The inverted table and the bands, in memory."""

    def __init__(self, idf: Idf) -> None:
        self._idf = idf
        self._terms: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._bands: dict[int, list[int]] = defaultdict(list)

    def add(self, number: int, article: Fingerprint) -> None:
        """Index an article."""
        for term, share in candidates.index_terms(article, self._idf).items():
            self._terms[term].append((number, share))
        for band in article.bands:
            self._bands[band].append(number)

    def hits(self, article: Fingerprint) -> tuple[list[int], set[int]]:
        """The articles whose fingerprints would be loaded, and all that were hit at all."""
        asked = candidates.query_terms(article, self._idf)
        hits = [(i, term, share) for term in asked for i, share in self._terms[term][-TERM_CAP:]]
        banded = sorted({i for band in article.bands for i in self._bands[band][:BAND_CAP]})[:BAND_CAP]
        return candidates.ranked(hits, asked, banded, candidates.LOADED), {i for i, _, _ in hits} | set(banded)


def gold_pairs(data: Path, idf: Idf) -> None:
    """Each article asks for those before it, as it would on arrival."""
    articles = rows(data / "matching-dev.in.jsonl.xz", data / "matching-dev.gold.jsonl")
    cluster = {i: group for group in members(articles).values() for i in group}
    index, found = Index(idf), Counter[str]()
    for number, article in enumerate(prints(articles)):
        mates = {i for i in cluster.get(number, ()) if i < number}
        loaded, hit = index.hits(article) if mates else ([], set())
        reached = {j for i in loaded for j in cluster.get(i, ())} if mates & set(loaded) else set()
        found["pairs"] += len(mates)
        found["hit"] += len(mates & hit)
        found["loaded"] += len(mates & set(loaded))
        found["loaded or in the cluster of one"] += len(mates & (reached | set(loaded)))
        index.add(number, article)
    print("gold pairs:", {name: round(n / found["pairs"], 4) for name, n in found.items()}, found["pairs"])


def cosine_pairs(data: Path, idf: Idf, asking: int) -> None:
    """Pairs above `COSINE` between stream and background."""
    background = _articles(data / "background.jsonl.xz")
    stream = _articles(data / "stream-dev.in.jsonl.xz")[:: max(1, 10_000 // asking)][:asking]
    known, asked = prints(background), prints(stream)
    index = Index(idf)
    for number, article in enumerate(known):
        index.add(number, article)
    table = matrix([*known, *asked], idf)
    near = (table[len(known) :] @ table[: len(known)].T).tocsr()
    found = Counter[str]()
    for n, article in enumerate(asked):
        row = near[n]
        mates = set(row.indices[np.asarray(row.data) >= COSINE].tolist())
        loaded, hit = index.hits(article)
        found["pairs"] += len(mates)
        found["hit"] += len(mates & hit)
        found["loaded"] += len(mates & set(loaded))
        found["nearest"] += bool(mates) and int(row.indices[int(row.data.argmax())]) in loaded
        found["with any"] += bool(mates)
    print("pairs by cosine:", dict(found))


def _articles(path: Path) -> Sequence[Row]:
    return [Row(str(a["id"]), str(a["text"]), None, None, None, "") for a in lines(path)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("asked", "indexed", "loaded"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--asking", type=int, default=1000)
    given = parser.parse_args()
    if not (folder() / "events").is_dir():
        sys.exit(f"skipped: no labelled data at {folder()}; set STORYFOLD_BENCH_DATA")
    for name in ("asked", "indexed", "loaded"):
        if getattr(given, name):
            setattr(candidates, name.upper(), getattr(given, name))
    idf = Idf(0)
    gold_pairs(folder() / "matching", idf)
    cosine_pairs(folder() / "events", idf, given.asking)


if __name__ == "__main__":
    main()
