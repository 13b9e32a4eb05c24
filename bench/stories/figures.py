"""How the story level does on labelled events, as the service runs it.

    python -m bench.stories.figures [--folds FOLDER] [--shuffles 3] [--rewrites]

With --folds (written by `bench.stories.train --folds`) every article is judged by a model that has seen neither its
block of days nor its topic. Without, by the shipped weights, which have.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from bench.stories.corpus import LOOKALIKES, REWRITES, ROOT, STREAM, Corpus, data_folder, load, nearest
from bench.stories.drive import drive
from storyfold.matching.dates import event_days
from storyfold.matching.event import BondTable, EventModel, bonds, shipped_model
from storyfold.matching.event_features import Report
from storyfold.matching.fingerprint import fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.story_links import cluster_links
from storyfold.matching.story_repair import repair_stories

SHOWN = ("b3_precision", "b3_recall", "b3_f1", "pair_precision", "pair_recall", "pair_f1", "ari")
Labels = dict[str, object]
Score = Callable[[dict[str, str], Labels], dict[str, float]]


def scorer() -> ModuleType:
    path = data_folder().parent / "tools" / "score_clusters.py"
    spec = importlib.util.spec_from_file_location("score_clusters", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"skipped: no scorer at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fold_numbers(corpus: Corpus) -> np.ndarray:
    from bench.stories.train import FOLDS

    if corpus.name == LOOKALIKES:
        number = {t: n % FOLDS for n, t in enumerate(sorted(set(corpus.topics)))}
        return np.array([number[t] for t in corpus.topics])
    return (corpus.days // 45) % FOLDS


def stories(corpus: Corpus, model: EventModel | None, *, repairs: bool = True) -> tuple[Labels, dict[str, float]]:
    start = time.perf_counter()
    found = nearest(corpus, Idf(0), earlier=True)
    seconds = {"nearest": time.perf_counter() - start}
    service = drive(corpus, Idf(0), found, model=model, repairs=repairs)
    return {corpus.ids[i]: s for i, s in service.story_of.items()}, seconds | service.seconds


def out_of_fold(corpus: Corpus, folder: Path, *, repairs: bool = True) -> Labels:
    """Each fold judged by the model that has not seen it. Stream blocks run by themselves, look-alikes all together."""
    labels: Labels = {}
    fold = fold_numbers(corpus)
    for path in sorted(folder.glob("fold-*.json")):
        number = int(path.stem.split("-")[1])
        model = EventModel.from_json(json.loads(path.read_text()))
        part = corpus if corpus.name == LOOKALIKES else corpus.in_order(np.flatnonzero(fold == number))
        mine = {corpus.ids[i] for i in np.flatnonzero(fold == number)}
        found, _ = stories(part, model, repairs=repairs)
        # a story of another fold's model is another story; one that this model put together over folds is this fold's
        labels |= {i: (number, s) for i, s in found.items() if i in mine}
    return labels


def line(name: str, figures: dict[str, float]) -> str:
    return f"{name:48}" + " ".join(f"{figures[k]:{len(k)}.3f}" for k in SHOWN)


def labels_in_order(corpus: Corpus, seed: int) -> Labels:
    order = np.random.default_rng(seed).permutation(len(corpus.ids))
    return stories(corpus.in_order(order), None)[0]


def report(corpus: Corpus, score: Score, folds: Path | None) -> None:
    gold = {i: e for i, e in zip(corpus.ids, corpus.events.tolist(), strict=True) if e}
    for repairs in (False, True):
        name = f"{corpus.name}, {'repaired' if repairs else 'before repair'}"
        if folds and corpus.name != REWRITES:
            labels = out_of_fold(corpus, folds, repairs=repairs)
            print(line(name + ", out of fold", score(gold, labels)), flush=True)
        else:
            labels, seconds = stories(corpus, None, repairs=repairs)
            print(line(name, score(gold, labels)), {k: round(s, 1) for k, s in seconds.items()}, flush=True)


def report_orders(corpus: Corpus, score: Score, shuffles: int) -> None:
    """The least agreement between any two of several orders of arrival, over all articles."""
    found = [labels_in_order(corpus, seed) for seed in range(shuffles)]
    agree = [score({i: str(s) for i, s in a.items()}, b)["ari"] for n, a in enumerate(found) for b in found[n + 1 :]]
    if agree:
        print(
            f"{corpus.name}: ARI between {shuffles} orders of arrival {min(agree):.3f} to {max(agree):.3f}", flush=True
        )


def report_seeds(folder: Path) -> None:
    """Log-odds of one event between the seed texts, each pair as it stands alone, and all five together."""
    reports = [article(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.txt"))]
    found = {(i, j): bonds(reports[j], [reports[i]], Idf(0))[0] for j in range(len(reports)) for i in range(j)}
    ids = np.arange(len(reports))
    table = cluster_links(BondTable.of((i, j, b) for (i, j), b in found.items()), ids, ids)
    links = dict(zip(zip(table.one.tolist(), table.other.tolist(), strict=True), table.link.tolist(), strict=True))
    at = shipped_model().line
    for (i, j), bond in sorted(found.items()):
        print(f"seeds {i}-{j}: cosine {bond.cosine:.2f}, alone {bond.alone - at:+.2f}, together {links[i, j]:+.2f}")
    groups = repair_stories({i: i for i in range(len(reports))}, {}, table)
    print("stories of the seeds put together:", [g.clusters for g in groups])


def article(text: str) -> Report:
    made = fingerprint(text, title=None, language=None, published=None)
    return Report(made, event_days(text, language=made.language, published=None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=(STREAM, LOOKALIKES, REWRITES))
    parser.add_argument("--folds", type=Path)
    parser.add_argument("--shuffles", type=int, default=0, help="orders of arrival to compare")
    parser.add_argument("--rewrites", action="store_true", help="the events of matching-dev too")
    arguments = parser.parse_args()
    score = scorer().score
    report_seeds(ROOT / "seeds")
    print(f"{'':48}" + " ".join(SHOWN))
    names = (STREAM, LOOKALIKES, *([REWRITES] if arguments.rewrites else []))
    for name in [arguments.only] if arguments.only else names:
        corpus = load(name)
        report(corpus, score, arguments.folds)
        report_orders(corpus, score, arguments.shuffles)


if __name__ == "__main__":
    main()
