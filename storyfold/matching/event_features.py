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
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.lookup import Lookup, end_to_end
from storyfold.matching.weighed import HEAD, OPENING, OPENING_NORM, Weighed, side_by_side, weighed

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
TEMPLATE_RUNS = 0.35
TEMPLATE_KEPT = 1 / 3
TEMPLATE_FIGURES = 4
"""Wording reused without its figures: of labelled pairs of one event 3 in 814 and 7 in 2,925 look like that."""

_FROM_SHARED = tuple(shared.FEATURES.index(name) for name in FEATURES[:6])


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


def from_template(relation: F64) -> NDArray[np.bool_]:
    """Of each row of `features.features`, whether the pair reuses wording while its figures differ.

    Market reports, weather and results are written like that from day to day: another event, in the same words.
    """
    runs, kept, count = (relation[:, shared.FEATURES.index(n)] for n in ("runs2", "figures_kept", "figure_count"))
    return np.asarray((runs >= TEMPLATE_RUNS) & (kept < TEMPLATE_KEPT) & (count >= TEMPLATE_FIGURES), dtype=np.bool_)


def _opening_columns(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> F64:
    """The columns `lead` to `head_high`: openings and heads beside each other, and each in the other's whole text."""
    n, mine, theirs = len(others), weighed(article, idf), [weighed(other, idf) for other in others]
    sums = np.array([o.opening_sums for o in theirs])
    forth = _held(mine, others) / np.maximum(mine.opening_sums[:2], 1e-12)
    terms, owner = end_to_end([o.opening for o in theirs])
    table = side_by_side([o.opening_table for o in theirs])
    there, _ = Lookup(article.terms).found(terms)
    back = _sums(owner[there], table[:, there], n) / np.maximum(sums[:, :2], 1e-12)
    there, here = Lookup(mine.opening).found(terms)
    product = _sums(owner[there], mine.opening_table[:1, here] * table[:1, there], n)[:, 0]
    cosine = product / np.maximum(np.sqrt(sums[:, OPENING_NORM] * mine.opening_sums[OPENING_NORM]), 1e-12)
    low, high = np.minimum(forth, back), np.maximum(forth, back)
    return np.column_stack([cosine, low[:, OPENING], high[:, OPENING], low[:, HEAD], high[:, HEAD]])


def _held(mine: Weighed, others: Sequence[Fingerprint]) -> F64:
    """How much weight of an opening, and of its head, stands in the whole text of each of the others."""
    terms, owner = end_to_end([other.terms for other in others])
    there, here = Lookup(mine.opening).found(terms)
    return _sums(owner[there], mine.opening_table[:, here], len(others))


def _sums(owner: NDArray[np.intp], rows: NDArray[np.float32], n: int) -> F64:
    """Sums of each of the `rows` by owner: a row for each of `n` owners."""
    return np.column_stack([np.bincount(owner, row, minlength=n) for row in rows])
