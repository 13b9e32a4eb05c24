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
TEMPLATE_RUNS = 0.35
TEMPLATE_KEPT = 1 / 3
TEMPLATE_FIGURES = 4
"""Wording reused without its figures: of labelled pairs of one event 3 in 814 and 7 in 2,925 look like that."""

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


@dataclass(frozen=True, slots=True, eq=False)
class _Openings:
    """Leads end to end: their terms, whose each is, its weight, and the same weight where it stands in the head too."""

    terms: U32
    owner: NDArray[np.intp]
    lead: F64
    head: F64

    def shares(self, held: NDArray[np.bool_], n: int) -> tuple[F64, F64]:
        """Of each of the `n` leads, and of each head, the share of the weight that is `held`."""
        lead = _ratio(_sums(self.owner, self.lead * held, n), _sums(self.owner, self.lead, n))
        head = _ratio(_sums(self.owner, self.head * held, n), _sums(self.owner, self.head, n))
        return lead, head


def from_template(relation: F64) -> NDArray[np.bool_]:
    """Of each row of `features.features`, whether the pair reuses wording while its figures differ.

    Market reports, weather and results are written like that from day to day: another event, in the same words.
    """
    runs, kept, count = (relation[:, shared.FEATURES.index(n)] for n in ("runs2", "figures_kept", "figure_count"))
    return np.asarray((runs >= TEMPLATE_RUNS) & (kept < TEMPLATE_KEPT) & (count >= TEMPLATE_FIGURES), dtype=np.bool_)


def _opening_columns(article: Fingerprint, others: Sequence[Fingerprint], idf: Idf) -> F64:
    """The columns `lead` to `head_high`."""
    n, mine, theirs = len(others), _openings([article], idf), _openings(others, idf)
    held = np.array([_among(mine.terms, o.terms) for o in others])
    forth = [_ratio(held @ w, np.full(n, w.sum())) for w in (mine.lead, mine.head)]
    back = theirs.shares(_among(theirs.terms, article.terms), n)
    both = [column for f, b in zip(forth, back, strict=True) for column in (np.minimum(f, b), np.maximum(f, b))]
    return np.column_stack([_cosines(mine, theirs, n), *both])


def _openings(articles: Sequence[Fingerprint], idf: Idf) -> _Openings:
    leads = [_lead(a) for a in articles]
    heads = [_head(a) for a in articles]
    owner = np.repeat(np.arange(len(leads)), [len(lead) for lead in leads])
    terms = np.concatenate(leads)
    weights = _weights(terms, leads, articles, idf)
    in_head = np.concatenate([_among(lead, head) for lead, head in zip(leads, heads, strict=True)])
    return _Openings(terms, owner, weights, weights * in_head)


def _weights(terms: U32, leads: Sequence[U32], articles: Sequence[Fingerprint], idf: Idf) -> F64:
    languages = {a.language for a in articles}
    if len(languages) == 1:
        weights = idf.weights(terms, languages.pop())
    else:
        weights = np.concatenate([idf.weights(t, a.language) for t, a in zip(leads, articles, strict=True)])
    return np.where(weights > _COMMON_WORD, weights, 0.0).astype(np.float64)


def _lead(article: Fingerprint) -> U32:
    """Title and first sentences, sorted. The head is part of it."""
    first = _first(article, LEAD_WORDS)
    return np.union1d(article.title, first) if len(article.title) else first


def _head(article: Fingerprint) -> U32:
    return article.title if len(article.title) else _first(article, HEAD_WORDS)


def _first(article: Fingerprint, words: int) -> U32:
    """The terms among the first `words` of the text, sorted as all terms are."""
    limit = words * 0xFFFF // max(1, article.words)
    return article.terms[article.places < limit]


def _among(terms: U32, sorted_terms: U32) -> NDArray[np.bool_]:
    if not len(sorted_terms):
        return np.zeros(len(terms), dtype=np.bool_)
    at = sorted_terms.searchsorted(terms)
    at[at == len(sorted_terms)] = 0
    return np.equal(sorted_terms[at], terms)


def _cosines(mine: _Openings, theirs: _Openings, n: int) -> F64:
    """Of one lead with each of `n`."""
    if not len(mine.terms):
        return np.zeros(n)
    at = np.minimum(mine.terms.searchsorted(theirs.terms), len(mine.terms) - 1)
    product = np.where(mine.terms[at] == theirs.terms, mine.lead[at] * theirs.lead, 0.0)
    lengths = _sums(theirs.owner, theirs.lead**2, n) * float(mine.lead @ mine.lead)
    return _ratio(_sums(theirs.owner, product, n), np.sqrt(lengths))


def _sums(owner: NDArray[np.intp], values: F64, n: int) -> F64:
    return np.bincount(owner, values, minlength=n).astype(np.float64)


def _ratio(part: F64, whole: F64) -> F64:
    return np.where(whole > 0, part / np.maximum(whole, 1e-12), 0.0)
