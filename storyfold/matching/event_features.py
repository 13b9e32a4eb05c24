"""What two reports have in common that says whether they tell one event: a short row of named numbers.

What a report is about stands in its title and its first sentences; what it is told along with stands further down and
is shared by every article on the same people. So head and lead are compared by themselves, against the other's whole
text too: one outlet's headline is another's third paragraph. Every feature is symmetric, and nothing here knows when
anything was published: `event` adds the days between, where both are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyfold.matching import features as shared
from storyfold.matching.dates import agreement
from storyfold.matching.fingerprint import U32, Fingerprint
from storyfold.matching.idf import Idf

F64 = NDArray[np.float64]

FEATURES = (
    "tfidf",
    "names",
    "figures",
    "runs2",
    "words",
    "length_ratio",
    "lead",
    "lead_low",
    "lead_high",
    "head_low",
    "head_high",
    "days_agree",
    "days_differ",
)
LEAD_WORDS = 60
HEAD_WORDS = 15  # stands in for a title where there is none
_FROM_SHARED = tuple(shared.FEATURES.index(name) for name in FEATURES[:6])
_COMMON_WORD = 1.0  # a word that more than one article in three holds tells nothing about an event


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """An article as the story level sees it. `event_days` comes from `dates.event_days`; it may be empty."""

    fingerprint: Fingerprint
    event_days: tuple[int, ...] = ()


def event_features(article: Report, others: Sequence[Report], idf: Idf, relation: F64 | None = None) -> F64:
    """One row of `FEATURES` for each of `others`, which may be empty.

    `relation` may hand in the rows of `features.features` for the same pairs, where they are known already.
    """
    if not others:
        return np.zeros((0, len(FEATURES)))
    prints = [o.fingerprint for o in others]
    rows = shared.features(article.fingerprint, prints, idf) if relation is None else relation
    columns = [rows[:, list(_FROM_SHARED)], _opening_columns(article.fingerprint, prints, idf)]
    columns.append(np.array([agreement(article.event_days, o.event_days) for o in others], dtype=np.float64))
    return np.hstack(columns)


def _opening_columns(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> F64:
    """The columns `lead` to `head_high`."""
    mine_lead, my_lead_weights = _weighed(_lead(article), article, idf)
    leads = [_weighed(_lead(o), o, idf) for o in others]
    columns = [np.array([_cosine(mine_lead, my_lead_weights, *lead) for lead in leads])]
    mine_head, my_head_weights = _weighed(_head(article), article, idf)
    heads = [_weighed(_head(o), o, idf) for o in others]
    for mine, weights, theirs in ((mine_lead, my_lead_weights, leads), (mine_head, my_head_weights, heads)):
        forth = np.array([_held(mine, weights, o.terms) for o in others])
        back = np.array([_held(*opening, article.terms) for opening in theirs])
        columns += [np.minimum(forth, back), np.maximum(forth, back)]
    return np.column_stack(columns)


def _lead(article: Fingerprint) -> U32:
    """Title and first sentences, sorted."""
    return np.union1d(article.title, _first(article, LEAD_WORDS))


def _head(article: Fingerprint) -> U32:
    return article.title if len(article.title) else _first(article, HEAD_WORDS)


def _first(article: Fingerprint, words: int) -> U32:
    """The terms among the first `words` of the text, sorted as all terms are."""
    limit = words * 0xFFFF // max(1, article.words)
    return article.terms[article.places < limit]


def _weighed(terms: U32, article: Fingerprint, idf: Idf) -> tuple[U32, F64]:
    weights = idf.weights(terms, article.language).astype(np.float64)
    return terms, np.where(weights > _COMMON_WORD, weights, 0.0)


def _places(terms: U32, among: U32) -> NDArray[np.intp]:
    return np.minimum(np.searchsorted(among, terms), len(among) - 1)


def _held(terms: U32, weights: F64, among: U32) -> float:
    """The share of the weight of `terms` that also stands in the sorted `among`."""
    total = float(weights.sum())
    if not len(among) or total <= 0:
        return 0.0
    return float(weights[among[_places(terms, among)] == terms].sum()) / total


def _cosine(terms: U32, weights: F64, others: U32, other_weights: F64) -> float:
    length = float(np.sqrt((weights @ weights) * (other_weights @ other_weights)))
    if not len(others) or length <= 0:
        return 0.0
    at = _places(terms, others)
    both = others[at] == terms
    return float(weights[both] @ other_weights[at[both]]) / length
