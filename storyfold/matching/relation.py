"""How two articles are related, and how sure that is.

The probability that two articles go back to one source text comes from a small model on the features of `features`,
its weights in `relation.json` beside this file, with the command that made them and the figures it reached. The words
for it are then read off what stands verbatim in both:

- `copy`: the same text nearly word for word, either way round, and the same figures;
- `reprint`: most of one text stands in the other;
- `rewrite`: one source text, in other words.

A report made from a template (markets, weather, results) shares its wording with the next day's and not its figures:
where wording is reused and figures are not, it is another report, whatever the model says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.features import FEATURES, far, features_of
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.overlap import Beside
from storyfold.matching.trees import F64, Trees


class Relation(StrEnum):
    """What an incoming article is to the article it matched."""

    NEW = "new"
    COPY = "copy"
    REPRINT = "reprint"
    REWRITE = "rewrite"
    SAME_EVENT = "same_event"
    UNCERTAIN = "uncertain"


SYNDICATED = frozenset((Relation.COPY, Relation.REPRINT, Relation.REWRITE))

COPY_RUNS, COPY_LENGTH = 0.8, 0.9  # a correction changes a few runs of five terms, and hardly the length
REPRINT_RUNS = 0.5  # "most of one text stands in the other"
TEMPLATE_RUNS, TEMPLATE_FIGURES = 0.35, 0.5  # runs of two terms reused, figures not: 1 of 2,638 rewrites, 16 others
TEMPLATE_COUNT = 4  # fewer figures than this tell nothing


class Judgement(NamedTuple):
    """`score` is the probability of one source text, 0 to 1; `relation` is what it is called from the line upward.

    `row` are the numbers of `FEATURES`.
    """

    relation: Relation
    score: float
    row: Sequence[float] = ()

    @property
    def features(self) -> dict[str, float]:
        """By name."""
        return dict(zip(FEATURES, self.row, strict=True)) if self.row else {}


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The relation model. `line`: from this probability on two articles are tied; from `doubt` on it is uncertain.

    `columns` are the features that the trees read. `slope` and `offset` turn their log-odds into those of texts from
    sources that the trees were not shown.
    """

    version: int
    columns: tuple[int, ...]
    trees: Trees
    slope: float
    offset: float
    line: float
    doubt: float

    def scores(self, rows: F64) -> F64:
        """The probability of one source text for each row of `FEATURES`."""
        if not len(rows):
            return np.zeros(0)
        column = {name: rows[:, i] for i, name in enumerate(FEATURES)}
        scores = np.zeros(len(rows))
        asked = np.flatnonzero(~(_template(column) | far(column["tfidf"])))
        if len(asked):
            odds = self.slope * self.trees(rows[asked][:, self.columns]) + self.offset
            runs = column["runs5"][asked]
            likely = 1.0 / (1.0 + np.exp(-odds))
            scores[asked] = np.where(runs >= REPRINT_RUNS, np.maximum(likely, 0.5 + runs / 2), likely)
        return scores


def _template(column: dict[str, F64]) -> NDArray[np.bool_]:
    reused = (column["runs2"] >= TEMPLATE_RUNS) & (column["figure_count"] >= TEMPLATE_COUNT)
    fresh: NDArray[np.bool_] = reused & (column["figures_kept"] < TEMPLATE_FIGURES)
    return fresh


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """The model whose weights come with the package."""
    return model_of(files("storyfold.matching").joinpath("relation.json").read_text())


def model_of(weights: str) -> Model:
    """The model in the text of a weights file. Raises ValueError where it names a feature that is not computed."""
    stored = json.loads(weights)
    slope, offset = stored["calibration"]
    columns = tuple(FEATURES.index(name) for name in stored["features"])
    trees = Trees.from_json(stored["trees"])
    return Model(stored["version"], columns, trees, slope, offset, stored["line"], stored["doubt"])


def judge(
    article: Fingerprint,
    others: Sequence[Fingerprint],
    idf: Idf,
    model: Model | None = None,
    *,
    rows: F64 | None = None,
) -> list[Judgement]:
    """What `article` is to each of `others`, as far as the wording tells (`same_event` is not asked here).

    `rows` are those of `features.features` for the same pairs, where they are known.
    """
    return judge_all([(article, others)], idf, model, rows=rows)


def judge_all(
    asked: Sequence[Beside], idf: Idf, model: Model | None = None, *, rows: F64 | None = None
) -> list[Judgement]:
    """`judge` of several articles, each beside its others: what is said of all pairs, end to end."""
    model = model or shipped_model()
    rows = features_of(asked, idf) if rows is None else rows
    scores = model.scores(rows)
    same = [a.exact == other.exact and a.words > 0 for a, others in asked for other in others]
    return [
        _judgement(exact, row, score, model)
        for exact, row, score in zip(same, rows.tolist(), scores.tolist(), strict=True)
    ]


def _judgement(exact: bool, row: list[float], score: float, model: Model) -> Judgement:
    if exact:
        return Judgement(Relation.COPY, 1.0, row)
    if score < model.line:
        return Judgement(Relation.UNCERTAIN if score >= model.doubt else Relation.NEW, score, row)
    return Judgement(_kind(dict(zip(FEATURES, row, strict=True))), score, row)


def _kind(named: dict[str, float]) -> Relation:
    same_figures = named["figures_kept"] >= TEMPLATE_FIGURES or named["figure_count"] == 0
    if named["runs5"] >= COPY_RUNS and named["length_ratio"] >= COPY_LENGTH and same_figures:
        return Relation.COPY
    return Relation.REPRINT if named["runs5"] >= REPRINT_RUNS else Relation.REWRITE
