"""Trains the relation model: boosted trees on the features of `storyfold.matching.features`.

    python bench/matching/train.py DATA/matching [-o storyfold/matching/relation.json] [--without lun]

DATA/matching holds `matching-dev.in.jsonl.xz` and `matching-dev.gold.jsonl`. `--without` leaves out every pair that
touches a row of that collection (lun, politifact, llmfake), to measure on it afterwards with `run.py --model`.

The score is checked on texts of a kind that the model has not seen: each collection in turn is left out, and what the
model then says of its pairs is set beside what they are (`reliability` in the weights file).
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from dataset import matrix, nearest, prints, rows
from numpy.typing import NDArray
from pairs import Corpus, Pairs, natural, strange
from variations import perturbed, shortened, varied

from storyfold.matching.features import FEATURES
from storyfold.matching.idf import Idf

# Depth, count and cuts: as small as keeps the figures; deeper trees fit the rows at hand better, and no others, as do
# leaves held back less (`reg_lambda` 20: loss on left-out collections .0422, at 100 .0413).
DEPTH, TREES, RATE, CUTS = 3, 270, 0.15, 31
LEAF_UNIT = 0.01
USED = (
    "tfidf", "terms", "names", "order", "runs2", "runs3", "runs5", "words", "length_ratio", "terms_jaccard", "lead",
    "figures", "figures_kept", "together", "ascending", "names_kept",
)  # fmt: skip
COLLECTIONS = ("lun", "politifact", "llmfake")
LINE, DOUBT = 0.55, 0.2
OFFSET = 1.2  # on the log-odds: texts of a kind not seen in training score lower than they should

Booster = lightgbm.LGBMClassifier
Cut = tuple[int, float]  # column, threshold


def _table(pairs: Pairs) -> NDArray[np.float64]:
    return np.vstack(pairs.rows)[:, [FEATURES.index(name) for name in USED]]


def fit(pairs: Pairs, keep: NDArray[np.bool_]) -> Booster:
    """Trees on the pairs marked in `keep`."""
    table = _table(pairs)[keep]
    booster = lightgbm.LGBMClassifier(
        n_estimators=TREES, max_depth=DEPTH, num_leaves=2**DEPTH, learning_rate=RATE, max_bin=CUTS,
        min_child_samples=100, reg_lambda=100, colsample_bytree=0.8, subsample=0.8, subsample_freq=1, random_state=0,
        n_jobs=1, verbose=-1,
    )  # fmt: skip
    booster.fit(table, np.array(pairs.labels)[keep], sample_weight=np.array(pairs.weights)[keep])
    return booster


def reliability(pairs: Pairs, keep: NDArray[np.bool_], is_natural: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """(mean score, share of one text, pairs) by tenths of score, each collection judged by a model not shown it."""
    scores, labels = [], []
    for collection in COLLECTIONS:
        touches = np.array([collection in s for s in pairs.sources])
        judged = touches & is_natural & keep
        if judged.any():
            odds = fit(pairs, keep & ~touches).predict(_table(pairs)[judged], raw_score=True) + OFFSET
            scores.append(1 / (1 + np.exp(-odds)))
            labels.append(np.array(pairs.labels)[judged])
    score, label = np.concatenate(scores), np.concatenate(labels)
    tenth = np.minimum((score * 10).astype(int), 9)
    return [
        (round(float(score[tenth == t].mean()), 3), round(float(label[tenth == t].mean()), 3), int((tenth == t).sum()))
        for t in range(10)
        if (tenth == t).any()
    ]


def exported(booster: Booster) -> dict[str, Any]:
    """The trees as `Trees.from_json` reads them: complete, their cuts in one list, their leaves in hundredths."""
    trees = [_complete(tree["tree_structure"]) for tree in booster.booster_.dump_model()["tree_info"]]
    cuts = sorted({cut for nodes, _ in trees for cut in nodes if cut is not None})
    number = {cut: n for n, cut in enumerate(cuts)}
    by_feature: list[list[float]] = [[] for _ in USED]
    for feature, threshold in cuts:
        by_feature[feature].append(threshold)
    return {
        "depth": DEPTH,
        "cuts": by_feature,
        "nodes": [[-1 if cut is None else number[cut] for cut in nodes] for nodes, _ in trees],
        "leaf_unit": LEAF_UNIT,
        "leaves": [[round(leaf / LEAF_UNIT) for leaf in leaves] for _, leaves in trees],
    }


def _complete(root: dict[str, Any]) -> tuple[list[Cut | None], list[float]]:
    """Nodes, level by level, and leaves of a tree grown to its full depth."""
    inner = 2**DEPTH - 1
    nodes: list[Cut | None] = [None] * inner
    leaves = [0.0] * (inner + 1)
    todo = [(root, 0)]
    while todo:
        node, place = todo.pop()
        if "split_feature" in node:
            nodes[place] = (node["split_feature"], float(f"{node['threshold']:.3g}"))
            todo += [(node["left_child"], 2 * place + 1), (node["right_child"], 2 * place + 2)]
        elif place < inner:  # a leaf above the lowest level: what is below it says the same
            todo += [(node, 2 * place + 1), (node, 2 * place + 2)]
        else:
            leaves[place - inner] = node["leaf_value"]
    return nodes, leaves


def collected(data: Path, cache: Path | None) -> tuple[Pairs, NDArray[np.bool_]]:
    """All pairs, natural ones first, and which are natural. Takes minutes; `cache` keeps them."""
    if cache and cache.exists():
        found: tuple[Pairs, NDArray[np.bool_]] = pickle.loads(cache.read_bytes())
        return found
    articles = rows(data / "matching-dev.in.jsonl.xz", data / "matching-dev.gold.jsonl")
    fingerprints, idf = prints(articles), Idf(0)
    corpus = Corpus(articles, fingerprints, nearest(matrix(fingerprints, idf), 20), idf)
    all_pairs = natural(corpus)
    n = len(all_pairs.labels)
    for more in (varied(corpus), perturbed(corpus), shortened(corpus), strange(corpus)):
        for name in ("rows", "labels", "weights", "sources", "kinds"):
            getattr(all_pairs, name).extend(getattr(more, name))
    is_natural = np.arange(len(all_pairs.labels)) < n
    if cache:
        cache.write_bytes(pickle.dumps((all_pairs, is_natural)))
    return all_pairs, is_natural


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--without", choices=COLLECTIONS)
    parser.add_argument("--cache", type=Path, help="keep the pairs here between runs")
    given = parser.parse_args()
    if not (given.data / "matching-dev.in.jsonl.xz").exists():
        sys.exit(f"no labelled data at {given.data}: nothing trained")
    pairs, is_natural = collected(given.data, given.cache)
    keep = np.array([given.without not in s for s in pairs.sources])
    model = {
        "version": 2,
        "command": "python bench/matching/train.py DATA/matching -o storyfold/matching/relation.json",
        "features": list(USED),
        "line": LINE,
        "doubt": DOUBT,
        "calibration": [1.0, OFFSET],
        "trees": exported(fit(pairs, keep)),
    }
    if given.without:
        model["without"] = given.without
    else:
        model["reliability"] = reliability(pairs, keep, is_natural)
    given.out.write_text(json.dumps(model, separators=(",", ":")) + "\n")
    print(f"{given.out}: {given.out.stat().st_size} bytes, {sum(keep)} pairs, reliability {model.get('reliability')}")


if __name__ == "__main__":
    main()
