"""Storyfold's syndication level beside its peers, on `matching-dev`, in one run and one table.

    python bench/matching/run.py [--model WEIGHTS --rows lun] [--shuffles 5] [--no-peers]

Data: `../shared/data` from the project's root, or `STORYFOLD_BENCH_DATA`. `--model` takes other weights than the
shipped ones (see `train.py --without`), `--rows` scores the rows of one collection alone. Storyfold runs in memory
here, on the functions that the service runs on (`driver.py`); `storyfold cluster` measures the service itself.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from dataset import Row, folder, members, prints, rows, source_of
from driver import fold
from pairs import belongs
from peers import PEERS
from scores import put_together, scores

from storyfold.matching.idf import Idf
from storyfold.matching.relation import Model, model_of, shipped_model

COLUMNS = ("b3_p", "b3_r", "b3_f1", "pair_p", "pair_r", "ari")


def labels(articles: list[Row], collection: str | None) -> dict[int, str]:
    """Syndication label by number, of the rows to be scored."""
    sources = {i: source_of([articles[j] for j in group]) for group in members(articles).values() for i in group}
    return {
        i: a.syndication
        for i, a in enumerate(articles)
        if a.syndication is not None and (collection is None or collection in belongs(a, sources[i]))
    }


def line(name: str, articles: list[Row], gold: Mapping[int, str], found: Mapping[int, int], seconds: float) -> str:
    """One row of the table."""
    figures = scores(gold, found)
    together = put_together([a.event for a in articles], gold, found)
    cells = [f"{figures[c]:.4f}" for c in COLUMNS] + [f"{together:.4f}", f"{1000 * seconds / len(articles):.1f}"]
    return f"| {name} | " + " | ".join(cells) + " |"


def shuffled(articles: list[Row], idf: Idf, model: Model, times: int) -> None:
    """The same articles in other orders: how alike the outcomes are."""
    fingerprints, outcomes = prints(articles), []
    gold = labels(articles, None)
    for seed in range(times):
        order = list(range(len(articles)))
        random.Random(seed).shuffle(order)
        corpus = fold([fingerprints[i] for i in order], idf, model, every=1000)
        outcomes.append({i: corpus.cluster_of[n] for n, i in enumerate(order)})
        share = corpus.seconds["repair"] / sum(corpus.seconds.values())
        print(f"shuffle {seed}: B3 F1 {scores(gold, outcomes[-1])['b3_f1']:.4f}, repair {share:.0%} of the time")
    pairs = itertools.combinations(outcomes, 2)
    print(f"lowest ARI between two orders: {min(scores(a, b)['ari'] for a, b in pairs):.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rows", choices=("lun", "politifact", "llmfake"))
    parser.add_argument("--shuffles", type=int, default=0)
    parser.add_argument("--no-peers", action="store_true")
    given = parser.parse_args()
    data = folder() / "matching"
    if not (data / "matching-dev.in.jsonl.xz").exists():
        sys.exit(f"skipped: no labelled data at {data}; set STORYFOLD_BENCH_DATA")
    articles = rows(data / "matching-dev.in.jsonl.xz", data / "matching-dev.gold.jsonl")
    model = model_of(given.model.read_text()) if given.model else shipped_model()
    gold, idf = labels(articles, given.rows), Idf(0)
    print("| system | " + " | ".join(COLUMNS) + " | one event together | ms an article |\n" + "|---" * 9 + "|")
    for name, every in (("Storyfold before repair", 0), ("Storyfold", 1000)):
        start = time.perf_counter()
        corpus = fold(prints(articles), idf, model, every)
        found = dict(enumerate(corpus.cluster_of))
        print(line(name, articles, gold, found, time.perf_counter() - start), flush=True)
    for name, peer in () if given.no_peers else PEERS.items():
        start = time.perf_counter()
        found = peer([a.text for a in articles])
        print(line(name, articles, gold, found, time.perf_counter() - start), flush=True)
    if given.shuffles:
        shuffled(articles, idf, model, given.shuffles)


if __name__ == "__main__":
    main()
