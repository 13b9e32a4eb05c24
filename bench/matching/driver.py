"""Folding in memory: the decisions that the service makes, on the same pure functions, without a database.

For measuring models and thresholds. What the store does with tables is done here with dictionaries: the inverted table
gives the newest `TERM_CAP` articles of a term, bands give `BAND_CAP`, clusters their newest representatives.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from storyfold.matching.assign import REPRESENTATIVES, Assignment, Candidate, assign
from storyfold.matching.candidates import index_terms, query_terms, ranked
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Model, Relation
from storyfold.matching.repair import Member, Repairs, repair

TERM_CAP, BAND_CAP = 700, 40  # as in `storyfold.store.candidates`
LOOKED_AT = 200  # clusters that one repair looks at


@dataclass(slots=True)
class Fold:
    """A corpus in memory. Articles are numbered as they come in."""

    idf: Idf
    model: Model | None = None
    prints: list[Fingerprint] = field(default_factory=list)
    cluster_of: list[int] = field(default_factory=list)
    relations: list[Assignment] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _members: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _terms: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    _bands: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _near: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    _changed: set[int] = field(default_factory=set)
    _drawn: int = 0

    def near(self, article: Fingerprint) -> list[int]:
        """The articles that retrieval finds."""
        asked = query_terms(article, self.idf)
        hits = [(i, term, share) for term in asked for i, share in self._terms[term][-TERM_CAP:]]
        banded = sorted({i for band in article.bands for i in self._bands[band][:BAND_CAP]})[:BAND_CAP]
        return ranked(hits, asked, banded)

    def add(self, article: Fingerprint) -> Assignment:
        """Fold one article in."""
        start = time.perf_counter()
        found = dict.fromkeys(self.near(article))
        for cluster in {self.cluster_of[i] for i in found}:
            found |= dict.fromkeys(self._members[cluster][-REPRESENTATIVES:])
        self.seconds["candidates"] += time.perf_counter() - start
        start = time.perf_counter()
        candidates = [Candidate(i, self.cluster_of[i], self.cluster_of[i], self.prints[i]) for i in found]
        decided = assign(article, candidates, self.idf, self.model)
        self.seconds["assign"] += time.perf_counter() - start
        self._write(article, decided)
        return decided

    def _write(self, article: Fingerprint, decided: Assignment) -> None:
        number = len(self.prints)
        cluster = number if decided.cluster_id is None else decided.cluster_id
        self.prints.append(article)
        self.cluster_of.append(cluster)
        self.relations.append(decided)
        self._members[cluster].append(number)
        self._changed.add(cluster)
        for tie in decided.ties:
            if tie.cluster_id != cluster and tie.judgement.relation is not Relation.NEW:
                self._near[number].add(tie.id)
                self._near[tie.id].add(number)
        for term, share in index_terms(article, self.idf).items():
            self._terms[term].append((number, share))
        for band in article.bands:
            self._bands[band].append(number)

    def repair(self) -> int:
        """Look at what changed since the last time. -> merges and splits made."""
        start = time.perf_counter()
        made, changed = 0, sorted(self._changed)
        self._changed.clear()
        for first in range(0, len(changed), LOOKED_AT):
            for group in self._groups([c for c in changed[first : first + LOOKED_AT] if self._members[c]]):
                made += self._repair_group(group)
        self.seconds["repair"] += time.perf_counter() - start
        return made

    def _groups(self, changed: Sequence[int]) -> list[set[int]]:
        """Each changed cluster with those that its members have ties to; alone if it has none and is small."""
        groups = []
        for cluster in changed:
            ties = {self.cluster_of[j] for i in self._members[cluster] for j in self._near[i]}
            group = {cluster, *ties}
            if len(group) > 1 or len(self._members[cluster]) > 2:
                groups.append(group)
        return groups

    def _repair_group(self, group: set[int]) -> int:
        members = {
            c: [Member(i, self.prints[i]) for i in self._members[c][-REPRESENTATIVES:]]
            for c in group
            if self._members[c]
        }
        made: Repairs = repair(members, self.idf, self.model)
        moves = dict(made.moves)
        for cluster, leaving in made.splits:
            self._move(leaving, cluster, moves.get(leaving[0], self._free()))
        for stays, goes in made.merges:
            self._move(list(self._members[goes]), goes, stays)
        return len(made.merges) + len(made.splits)

    def _free(self) -> int:
        """An id of its own: those of the others are numbers of articles."""
        self._drawn -= 1
        return self._drawn

    def _move(self, articles: Sequence[int], old: int, new: int) -> None:
        for i in articles:
            self._members[old].remove(i)
            self._members[new].append(i)
            self.cluster_of[i] = new
        self._members[new].sort()
        self._changed.add(new)


def fold(prints: Sequence[Fingerprint], idf: Idf, model: Model | None = None, every: int = 1000) -> Fold:
    """All articles in order, with a repair after each `every` of them and at the end (0: none)."""
    corpus = Fold(idf, model)
    for n, article in enumerate(prints, 1):
        corpus.add(article)
        if every and n % every == 0:
            corpus.repair()
    for _ in range(3 if every else 0):
        if not corpus.repair():
            break
    return corpus
