"""What two reports have in common that says whether they tell one event: a short row of named numbers.

What a report is about stands in its title and its first sentences; what it is told along with stands further down and
is shared by every article on the same people. So head and lead are compared by themselves, against the other's whole
text too: one outlet's headline is another's third paragraph. Every feature is symmetric, and nothing here knows when
anything was published: `event` adds the days between, where both are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from storyfold.matching import features as shared
from storyfold.matching.dates import agreement
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.lookup import Lookup
from storyfold.matching.overlap import Beside, shared_terms
from storyfold.matching.weighed import HEAD, OPENING, OPENING_NORM, Weighed, weigh_all, weighed

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


class Report(NamedTuple):
    """An article as the story level sees it. `event_days` comes from `dates.event_days`; it may be empty."""

    fingerprint: Fingerprint
    event_days: tuple[int, ...] = ()


Told = tuple[Report, Sequence[Report]]
"""A report, and those it is compared with: as many pairs. Pairs of several reports are numbered end to end."""


def event_features(article: Report, others: Sequence[Report], idf: Idf, relation: F64 | None = None) -> F64:
    """One row of `FEATURES` for each of `others`, which may be empty.

    `relation` may hand in the rows of `features.features` for the same pairs, where they are known already.
    """
    return event_features_of([(article, others)], idf, relation)


def event_features_of(asked: Sequence[Told], idf: Idf, relation: F64 | None = None) -> F64:
    """`event_features` of several reports, each beside its others: the rows of all pairs, end to end."""
    asked = [(article, others) for article, others in asked if others]
    if not asked:
        return np.zeros((0, len(FEATURES)))
    prints = [(article.fingerprint, [o.fingerprint for o in others]) for article, others in asked]
    rows = shared.features_of(prints, idf) if relation is None else relation
    columns = [rows[:, list(_FROM_SHARED)], _opening_columns(prints, idf)]
    days = [agreement(article.event_days, other.event_days) for article, others in asked for other in others]
    return np.hstack([*columns, np.array(days, dtype=np.float64)])


def from_template(relation: F64) -> NDArray[np.bool_]:
    """Of each row of `features.features`, whether the pair reuses wording while its figures differ.

    Market reports, weather and results are written like that from day to day: another event, in the same words.
    """
    runs, kept, count = (relation[:, shared.FEATURES.index(n)] for n in ("runs2", "figures_kept", "figure_count"))
    return np.asarray((runs >= TEMPLATE_RUNS) & (kept < TEMPLATE_KEPT) & (count >= TEMPLATE_FIGURES), dtype=np.bool_)


def _opening_columns(asked: Sequence[Beside], idf: Idf) -> F64:
    """The columns `lead` to `head_high`: openings and heads beside each other, and each in the other's whole text."""
    lookup = Lookup()
    sides = [(weighed(article, idf), weigh_all(others, idf)) for article, others in asked]
    mine, theirs = [one for one, others in sides for _ in others], [other for _, others in sides for other in others]
    sums, my_sums = np.array([o.opening_sums for o in theirs]), np.array([o.opening_sums for o in mine])
    table, my_table = _Openings.of(theirs), _Openings.of(mine)
    n = len(theirs)
    texts = [(one.opening, [o.terms for o in others]) for (one, _), (_, others) in zip(sides, asked, strict=True)]
    whose, _, here = shared_terms(texts, lookup)
    forth = _sums(whose, my_table.at(whose, here), n) / np.maximum(my_sums[:, :2], 1e-12)
    openings = [[o.opening for o in others] for _, others in sides]
    whose, there, _ = shared_terms([(a.terms, t) for (a, _), t in zip(asked, openings, strict=True)], lookup)
    back = _sums(whose, table.at(whose, there), n) / np.maximum(sums[:, :2], 1e-12)
    whose, there, here = shared_terms([(one.opening, t) for (one, _), t in zip(sides, openings, strict=True)], lookup)
    product = _sums(whose, my_table.at(whose, here)[:1] * table.at(whose, there)[:1], n)[:, 0]
    norms = np.sqrt(sums[:, OPENING_NORM] * my_sums[:, OPENING_NORM])
    low, high = np.minimum(forth, back), np.maximum(forth, back)
    cosine = product / np.maximum(norms, 1e-12)
    return np.column_stack([cosine, low[:, OPENING], high[:, OPENING], low[:, HEAD], high[:, HEAD]])


@dataclass(frozen=True, slots=True, eq=False)
class _Openings:
    """The tables of openings end to end, each once; `starts` says where that of each of the pairs begins."""

    table: NDArray[np.float32]
    starts: NDArray[np.intp]

    @staticmethod
    def of(articles: Sequence[Weighed]) -> _Openings:
        once = list({id(one): one for one in articles}.values())
        ends = np.cumsum([len(one.opening) for one in once]).tolist()
        starts = {id(one): end - len(one.opening) for one, end in zip(once, ends, strict=True)}
        table = np.concatenate([one.opening_table for one in once], axis=1)
        return _Openings(table, np.array([starts[id(one)] for one in articles]))

    def at(self, whose: NDArray[np.intp], place: NDArray[np.intp]) -> NDArray[np.float32]:
        """The weights at these places of the openings of these pairs."""
        found: NDArray[np.float32] = self.table[:, self.starts[whose] + place]
        return found


def _sums(owner: NDArray[np.intp], rows: NDArray[np.float32], n: int) -> F64:
    """Sums of each of the `rows` by owner: a row for each of `n` owners."""
    return np.column_stack([np.bincount(owner, row, minlength=n) for row in rows])
