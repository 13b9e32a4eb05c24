"""Trains the event model and writes its weights.

    python -m bench.stories.train [--out storyfold/matching/weights/event.json] [--folds-only]

Pairs of labelled articles: of the dated stream as they are and without their dates, and of look-alike events, each with
the background's IDF and with the corpus's own; around each pair the neighbours as they are, and thinned out at random.
Folds: blocks of 45 days of the stream, topics of the look-alikes. What is printed first is scored out of fold.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss
from sklearn.preprocessing import StandardScaler

from bench.stories.corpus import LOOKALIKES, ROOT, STREAM, Corpus, load, nearest, own_counts, vectors
from storyfold.matching.event import COLUMNS, CROWDING, NEIGHBOURS, columns, surroundings
from storyfold.matching.event_features import F64
from storyfold.matching.idf import Idf

FOLDS = 5
THINNED = {1.0: 0.5, 0.3: 0.15, 0.1: 0.15, 0.02: 0.1, 0.0: 0.1}  # share of neighbours kept -> weight in training
WEIGHT = {"stream": 1.0, "undated": 0.5, "look-alikes": 0.3}
SHARE_SAME = 0.2
"""Of a kind with a smaller share of pairs of one event the others weigh less, by the root of their surplus: else the
model would learn from a text's length, or from any other mark of a kind, how many pairs of one event it holds."""
LINE = -0.5  # log-odds: the best line for the look-alikes, within .002 of the best B3 for the stream, both out of fold
SLOPE = 1.0
_NEAR_DAYS = 7
_LEAST, _LEAST_FAR = 0.05, 0.1
_C = 0.3


@dataclass
class Pairs:
    """Labelled pairs of one kind. `around`: per share of neighbours kept, (crowding, known) of each pair."""

    kind: str
    same: np.ndarray
    fold: np.ndarray
    rows: F64
    around: dict[float, tuple[F64, np.ndarray]]


def folds(corpus: Corpus, later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """The fold of each pair; -1 where its articles are of two folds (never scored, always trained on)."""
    if corpus.name == LOOKALIKES:
        number = {t: n % FOLDS for n, t in enumerate(sorted(set(corpus.topics)))}
        of = np.array([number[t] for t in corpus.topics])
    else:
        day = np.array([r.fingerprint.day for r in corpus.reports])
        of = (day // 45) % FOLDS
        return of[earlier]
    return np.where(of[later] == of[earlier], of[later], -1)


def labelled(corpus: Corpus, idf: Idf, *, near_only: bool) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of labelled articles worth learning from: of one event, or alike, or published close together."""
    known = np.flatnonzero(corpus.events != "")
    matrix = vectors(corpus, idf)[known]
    cosines = (matrix @ matrix.T).toarray()
    day, event = corpus.days[known], corpus.events[known]
    close = np.abs(day[:, None] - day[None, :]) <= _NEAR_DAYS
    same = event[:, None] == event[None, :]
    chosen = same | (close & (cosines > _LEAST)) | (cosines > _LEAST_FAR)
    if near_only:
        chosen &= close
    later, earlier = np.nonzero(np.tril(chosen, -1))
    return known[later], known[earlier]


def pairs(kind: str, dated: Corpus, idf: Idf, rng: np.random.Generator) -> Pairs:
    corpus = dated.without_dates() if kind == "undated" else dated
    later, earlier = labelled(dated, idf, near_only=kind == "stream")
    return Pairs(
        kind=kind,
        same=(corpus.events[later] == corpus.events[earlier]).astype(int),
        fold=folds(dated, later, earlier),
        rows=pair_columns(corpus, idf, later, earlier),
        around=all_surroundings(corpus, idf, later, earlier, rng),
    )


def pair_columns(corpus: Corpus, idf: Idf, later: np.ndarray, earlier: np.ndarray) -> F64:
    rows = np.empty((len(later), len(COLUMNS)))
    for i in np.unique(later):
        at = np.flatnonzero(later == i)
        rows[at] = columns([(corpus.reports[i], [corpus.reports[j] for j in earlier[at]])], idf)
    return rows


def all_surroundings(
    corpus: Corpus, idf: Idf, later: np.ndarray, earlier: np.ndarray, rng: np.random.Generator
) -> dict[float, tuple[F64, np.ndarray]]:
    found = nearest(corpus, idf, earlier=False, most=3 * NEIGHBOURS)
    matrix = vectors(corpus, idf)
    cosines = np.asarray(matrix[later].multiply(matrix[earlier]).sum(axis=1)).ravel()
    around = {}
    for share in THINNED:
        kept = rng.random(len(corpus.ids)) < share
        thin = [[(int(n), float(c)) for n, c in zip(*f, strict=True) if kept[n]][: NEIGHBOURS + 1] for f in found]
        crowding, known = np.empty((len(later), len(CROWDING))), np.empty(len(later))
        for row, (i, j, cosine) in enumerate(zip(later.tolist(), earlier.tolist(), cosines.tolist(), strict=True)):
            # the two are always known to each other
            a = surroundings([*thin[i], (j, cosine)], i)
            b = surroundings([*thin[j], (i, cosine)], j)
            both = list(zip(a.crowding, b.crowding, strict=True))
            crowding[row] = [min(p) for p in both] + [max(p) for p in both]
            known[row] = max(0, min(a.known, b.known) - 1) / (NEIGHBOURS - 1)
        around[share] = crowding, known
    return around


def design(rows: F64, crowding: F64, known: np.ndarray) -> F64:
    """What one logistic model sees of both: the pair alone, fading into the pair in its surroundings."""
    with_bias = np.hstack([rows, np.ones((len(rows), 1))])
    share = known[:, None]
    return np.hstack([(1 - share) * with_bias, share * with_bias, share * crowding])


class Fit:
    """Both models, fitted on standardised columns; `weights` are those of the plain columns."""

    def __init__(self, samples: list[Pairs], fold: int | None) -> None:
        parts = [(p, share, p.fold != fold) for p in samples for share in THINNED]
        rows = np.concatenate([p.rows[m] for p, _, m in parts])
        crowding = np.concatenate([p.around[s][0][m] for p, s, m in parts])
        known = np.concatenate([p.around[s][1][m] for p, s, m in parts])
        same = np.concatenate([p.same[m] for p, _, m in parts])
        weight = np.concatenate([WEIGHT[p.kind] * THINNED[s] * _balance(p.same[m]) for p, s, m in parts])
        scale, crowds = StandardScaler().fit(rows), StandardScaler().fit(crowding)
        model = LogisticRegression(C=_C, fit_intercept=False, max_iter=2000)
        model.fit(design(scale.transform(rows), crowds.transform(crowding), known), same, weight)
        self.weights = _plain(model.coef_[0], scale, crowds)

    def __call__(self, rows: F64, crowding: F64, known: np.ndarray) -> F64:
        alone, settled, crowd = self.weights
        odds_alone = rows @ alone[:-1] + alone[-1]
        return (1 - known) * odds_alone + known * (rows @ settled[:-1] + settled[-1] + crowding @ crowd)


def _balance(same: np.ndarray) -> F64:
    surplus = (1 - same).sum() * SHARE_SAME / (same.sum() * (1 - SHARE_SAME))
    return np.where(same == 1, 1.0, min(1.0, surplus**-0.5))


def _plain(weights: F64, scale: StandardScaler, crowds: StandardScaler) -> tuple[F64, F64, F64]:
    n = len(COLUMNS) + 1
    alone, settled, crowd = weights[:n].copy(), weights[n : 2 * n].copy(), weights[2 * n :] / crowds.scale_
    for part in (alone, settled):
        part[:-1] /= scale.scale_
        part[-1] -= part[:-1] @ scale.mean_
    settled[-1] -= crowd @ crowds.mean_
    return alone, settled, crowd


def report(samples: list[Pairs], models: list[Fit]) -> dict[str, float]:
    """Average precision and log loss of each kind, out of fold, for all neighbours and for none."""
    figures = {}
    for kind in WEIGHT:
        for share in (1.0, 0.3, 0.0):
            odds, same = [], []
            for p in samples:
                for fold, model in enumerate(models):
                    m = p.fold == fold
                    if p.kind == kind:
                        odds.append(model(p.rows[m], *(a[m] for a in p.around[share])))
                        same.append(p.same[m])
            z, y = np.clip(np.concatenate(odds), -6, 4), np.concatenate(same)
            name = f"{kind}, {share:.0%} of neighbours"
            figures[f"{name}: average precision"] = round(float(average_precision_score(y, z)), 4)
            figures[f"{name}: log loss"] = round(float(log_loss(y, 1 / (1 + np.exp(-z)))), 4)
    return figures


def content(model: Fit, figures: dict[str, float], line: float, slope: float) -> dict[str, object]:
    alone, settled, crowd = model.weights
    named = [dict(zip((*COLUMNS, "bias"), (_short(w) for w in part), strict=True)) for part in (alone, settled)]
    return {
        "command": "python -m bench.stories.train",
        "figures": figures,
        "decision": {"line": line, "slope": slope},
        "alone": named[0],
        "settled": named[1],
        "crowding": dict(zip(CROWDING, (_short(w) for w in crowd), strict=True)),
    }


def _short(weight: float) -> float:
    return float(f"{weight:.5g}")


def samples() -> list[Pairs]:
    stream, look_alikes = load(STREAM), load(LOOKALIKES)
    rng = np.random.default_rng(1)
    made = []
    for own in (False, True):
        for kind in WEIGHT:
            corpus = look_alikes if kind == "look-alikes" else stream
            made.append(pairs(kind, corpus, own_counts(corpus) if own else Idf(0), rng))
            print(f"{kind}: {len(made[-1].same)} pairs, {made[-1].same.sum()} of one event", file=sys.stderr)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "storyfold/matching/weights/event.json")
    parser.add_argument("--folds", type=Path, help="write the model of each fold here too, as fold-N.json")
    arguments = parser.parse_args()
    made = samples()
    models = [Fit(made, fold) for fold in range(FOLDS)]
    figures = report(made, models)
    print(json.dumps(figures, indent=1))
    if arguments.folds:
        arguments.folds.mkdir(parents=True, exist_ok=True)
        for fold, model in enumerate(models):
            path = arguments.folds / f"fold-{fold}.json"
            path.write_text(json.dumps(content(model, {}, LINE, SLOPE), indent=1))
    arguments.out.write_text(json.dumps(content(Fit(made, None), figures, LINE, SLOPE), indent=1) + "\n")


if __name__ == "__main__":
    main()
