"""Whether two reports tell one news event: log-odds from the pair, and from what stands around each of the two.

How near two reports must be to tell one event depends on how crowded it is around them. In a quiet corner two reports
that share a fifth of their weighted words are alone with each other; in the week of a big hearing every article shares
twice as much with twenty others. So beside the pair's own features the model sees how near each of the two is to its 3,
10 and 20 nearest neighbours. Copies and reprints have no bonds and are nobody's neighbours: forty copies of one text
are not a crowd. What tells it in other words is, whatever cluster it is in: counted once per cluster, or without its
own, neighbours of well-covered events were too few to tell two quakes apart (look-alikes, B3 .91 against .96).

While little is known around an article (a fresh installation, a quiet week) that says nothing. So there are two linear
models, one for the pair alone and one for the pair in known surroundings, and the share of the 20 neighbours that is
known blends from the first to the second. Both were trained together, on surroundings thinned out at random.

The pair's part of both is a `Bond`, computed once when the later article comes in and kept. Surroundings fill up as
articles come in: log-odds are computed from bonds whenever they are needed, without a look at any text.

Days between two publications are evidence where both are known; a missing date is evidence neither way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.event_features import F64, FEATURES, Report, Told, event_features_of, from_template
from storyfold.matching.features import features_of
from storyfold.matching.idf import Idf

I64 = NDArray[np.int64]

VERSION = 1
WINDOW_DAYS = 4
"""Reports that were published further apart tell no one event: 99 % of labelled pairs are within 3 days."""

NEAREST = (3, 10, 20)
NEIGHBOURS = NEAREST[-1]
LOGGED = ("tfidf", "lead", "names")  # likeness counts by its ratio too: from .1 to .2 is as far as from .2 to .4
GAPS = ("day_0", "day_1", "day_2", "day_3", "day_4")
CROWDING = tuple(f"{side}_{k}" for side in ("calmer", "busier") for k in NEAREST)
COLUMNS = (*FEATURES, *(f"log_{name}" for name in LOGGED), *GAPS)

_STRANGERS = 0.06  # cosine of two unrelated articles: what an unknown neighbour is taken for
_SOFT = 0.03  # added before a logarithm
_LOGGED = tuple(FEATURES.index(name) for name in LOGGED)
_LOWEST, _HIGHEST = -6.0, 4.0  # log-odds beyond these are no more telling, and would rule an average
_ANOTHER_EVENT = -20.0  # of two texts from one template (see `from_template`), whatever surrounds them


class Bond(NamedTuple):
    """What a pair of reports has in common by itself: the cosine, and the two models' log-odds without surroundings."""

    cosine: float
    alone: float
    settled: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Logarithms of the mean cosine to the 3, 10 and 20 nearest neighbours, and how many of the 20 are known."""

    crowding: tuple[float, float, float]
    known: int


@dataclass(frozen=True, slots=True)
class BondTable:
    """Bonds of many pairs by column: row for row the two articles, each pair once, and their `Bond`."""

    one: I64
    other: I64
    cosine: F64
    alone: F64
    settled: F64

    @staticmethod
    def of(rows: Iterable[tuple[int, int, Bond]]) -> BondTable:
        """From (article, article, bond)."""
        numbers = [(one, other, bond.cosine, bond.alone, bond.settled) for one, other, bond in rows]
        one, other, cosine, alone, settled = zip(*numbers, strict=True) if numbers else ((),) * 5
        ends = np.array(one, np.int64), np.array(other, np.int64)
        return BondTable(*ends, np.array(cosine, float), np.array(alone, float), np.array(settled, float))

    def __len__(self) -> int:
        return len(self.one)

    def rows(self, which: NDArray[Any]) -> BondTable:
        """Some of them, by mask or by place."""
        return BondTable(*(column[which] for column in self._columns()))

    def with_rows(self, of: BondTable) -> BondTable:
        """These, and those of another table after them."""
        return BondTable(*map(np.concatenate, zip(self._columns(), of._columns(), strict=True)))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return (self.one, self.other, self.cosine, self.alone, self.settled)


@dataclass(frozen=True, slots=True)
class SurroundingsTable:
    """`Surroundings` of many articles, a row each."""

    crowding: F64
    known: I64


@dataclass(frozen=True, slots=True)
class EventModel:
    """The weights of both models. A pair belongs to one event where log-odds, less `line`, are above 0."""

    alone: F64
    settled: F64
    alone_bias: float
    settled_bias: float
    crowding: tuple[float, ...]
    line: float
    slope: float

    @staticmethod
    def from_json(content: Mapping[str, object]) -> EventModel:
        """Raises `KeyError` where a weight is missing."""
        alone, settled, crowding = (_weights(content[part]) for part in ("alone", "settled", "crowding"))
        return EventModel(
            alone=np.array([alone[name] for name in COLUMNS]),
            settled=np.array([settled[name] for name in COLUMNS]),
            alone_bias=alone["bias"],
            settled_bias=settled["bias"],
            crowding=tuple(crowding[name] for name in CROWDING),
            line=_weights(content["decision"])["line"],
            slope=_weights(content["decision"])["slope"],
        )


def _weights(part: object) -> dict[str, float]:
    if not isinstance(part, dict):
        raise TypeError("weights are an object of numbers")
    return {str(name): float(value) for name, value in part.items()}


@lru_cache(maxsize=1)
def shipped_model() -> EventModel:
    """The model in `weights/event.json`."""
    return EventModel.from_json(json.loads(files("storyfold.matching").joinpath("weights/event.json").read_text()))


def within_window(day: int | None, other: int | None) -> bool:
    """Whether two days of publication (ordinals) allow one event. A missing day allows all."""
    return day is None or other is None or abs(day - other) <= WINDOW_DAYS


def columns(asked: Sequence[Told], idf: Idf, relation: F64 | None = None) -> F64:
    """The rows of `COLUMNS` for all pairs: what the models weigh. `relation` as in `event_features`."""
    rows = event_features_of(asked, idf, relation)
    days = [(article.fingerprint.day, other.fingerprint.day) for article, others in asked for other in others]
    gaps = np.zeros((len(rows), len(GAPS)))
    for n, (one, other) in enumerate(days):
        if one is not None and other is not None:
            gaps[n, min(abs(one - other), WINDOW_DAYS)] = 1.0
    return np.hstack([rows, np.log(rows[:, list(_LOGGED)] + _SOFT), gaps])


def bonds(
    article: Report,
    others: Sequence[Report],
    idf: Idf,
    *,
    relation: F64 | None = None,
    model: EventModel | None = None,
) -> list[Bond]:
    """The bond with each of `others`, in their order. Bonds are symmetric."""
    return bonds_of([(article, others)], idf, relation=relation, model=model)


def bonds_of(
    asked: Sequence[Told], idf: Idf, *, relation: F64 | None = None, model: EventModel | None = None
) -> list[Bond]:
    """`bonds` of several reports, each beside its others: those of all pairs, end to end.

    `relation` may hand in the rows of `features.features_of` for the same pairs.
    """
    if not any(others for _, others in asked):
        return []
    model = model or shipped_model()
    if relation is None:
        relation = features_of([(a.fingerprint, [o.fingerprint for o in others]) for a, others in asked], idf)
    rows = columns(asked, idf, relation)
    alone, settled = rows @ model.alone + model.alone_bias, rows @ model.settled + model.settled_bias
    templates = from_template(relation)
    alone[templates] = settled[templates] = _ANOTHER_EVENT
    return [Bond(*numbers) for numbers in zip(rows[:, 0].tolist(), alone.tolist(), settled.tolist(), strict=True)]


def surroundings(neighbours: Iterable[tuple[int, float]], own: int | None = None) -> Surroundings:
    """From (name, cosine) of what was compared with this article and lies in its window.

    Of each name the nearest counts; that of `own` does not. The service names each article by its id.
    """
    nearest: dict[int, float] = {}
    for name, cosine in neighbours:
        if name != own and cosine >= nearest.get(name, 0.0):
            nearest[name] = cosine
    cosines = [max(cosine, _STRANGERS) for cosine in sorted(nearest.values(), reverse=True)[:NEIGHBOURS]]
    filled = cosines + [_STRANGERS] * (NEIGHBOURS - len(cosines))
    near, middle, wide = (math.log(sum(filled[:k]) / k + _SOFT) for k in NEAREST)
    return Surroundings((near, middle, wide), len(cosines))


def log_odds(bond: Bond, around: Surroundings, other: Surroundings, *, model: EventModel | None = None) -> float:
    """Log-odds that the pair tells one event, above 0 where it rather does. Symmetric; from -6 to 4 about the line."""
    model = model or shipped_model()
    known = (min(around.known, other.known) - 1) / (NEIGHBOURS - 1)
    known = max(0.0, known)  # the pair itself is always known
    pairs = list(zip(around.crowding, other.crowding, strict=True))
    crowding = [min(pair) for pair in pairs] + [max(pair) for pair in pairs]
    settled = bond.settled + sum(w * c for w, c in zip(model.crowding, crowding, strict=True))
    odds = (1 - known) * bond.alone + known * settled
    return min(max(odds, _LOWEST), _HIGHEST) - model.line


def surroundings_of(articles: int, whose: I64, cosines: F64) -> SurroundingsTable:
    """`surroundings` of the articles 0 to `articles` - 1 at once.

    `cosines[i]` is how near a neighbour is to the article `whose[i]`; each neighbour of an article is named once.
    """
    order = np.argsort(4.0 * whose - cosines)  # by article, the nearest first: a cosine is never beyond 1
    owner, near = whose[order], cosines[order]
    count = np.bincount(whose, minlength=articles)
    rank = np.arange(len(owner)) - np.repeat(count.cumsum() - count, count)
    counted = (rank < NEIGHBOURS) & (near >= 0)
    filled = np.full((articles, NEIGHBOURS), _STRANGERS)
    filled[owner[counted], rank[counted]] = np.maximum(near[counted], _STRANGERS)
    means = filled.cumsum(axis=1)[:, [k - 1 for k in NEAREST]] / np.array(NEAREST)
    return SurroundingsTable(np.log(means + _SOFT), np.bincount(owner[counted], minlength=articles))


def log_odds_of(
    bonds: BondTable, around: SurroundingsTable, one: I64, other: I64, *, model: EventModel | None = None
) -> F64:
    """`log_odds` of all bonds at once. `one` and `other` say which rows of `around` belong to the ends of each bond."""
    model = model or shipped_model()
    known = np.maximum(np.minimum(around.known[one], around.known[other]) - 1, 0) / (NEIGHBOURS - 1)
    mine, theirs = around.crowding[one], around.crowding[other]
    crowding = np.hstack([np.minimum(mine, theirs), np.maximum(mine, theirs)])
    settled = bonds.settled + crowding @ np.array(model.crowding)
    odds: F64 = (1 - known) * bonds.alone + known * settled
    return np.clip(odds, _LOWEST, _HIGHEST) - model.line


def probability(link: float, *, model: EventModel | None = None) -> float:
    """The calibrated probability behind a (mean of) log-odds: the score of an assignment, above .5 where it holds."""
    model = model or shipped_model()
    return 1.0 / (1.0 + math.exp(-model.slope * link))
