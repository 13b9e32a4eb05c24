"""An incoming article beside others, each pair looked at once however often it is asked about.

A fold decides twice: with nothing locked, and again under the fold lock, when others may have come in. What is dear in
it, the features of pairs, does not depend on where anything stands, and is kept from the one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.event import Bond, bonds
from storyfold.matching.event_features import Report
from storyfold.matching.features import features
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Judgement, judge

F64 = NDArray[np.float64]


class Compared(Protocol):
    """An article that can be compared."""

    @property
    def id(self) -> int: ...

    @property
    def fingerprint(self) -> Fingerprint: ...

    @property
    def event_days(self) -> tuple[int, ...]: ...


@dataclass(slots=True)
class Comparisons:
    """The pairs of `article` with others, by the id of the other."""

    article: Report
    idf: Idf
    _rows: dict[int, F64] = field(default_factory=dict)
    _judged: dict[int, Judgement] = field(default_factory=dict)
    _bonds: dict[int, Bond] = field(default_factory=dict)

    def judgements(self, others: Sequence[Compared]) -> list[Judgement]:
        """What the article is to each of `others`, as far as the wording tells."""
        fresh = [other for other in others if other.id not in self._judged]
        if fresh:
            rows = self._features(fresh)
            judged = judge(self.article.fingerprint, [o.fingerprint for o in fresh], self.idf, rows=rows)
            self._judged.update((o.id, judgement) for o, judgement in zip(fresh, judged, strict=True))
        return [self._judged[other.id] for other in others]

    def bonds(self, others: Sequence[Compared]) -> list[Bond]:
        """The bond with each of `others`."""
        fresh = [other for other in others if other.id not in self._bonds]
        if fresh:
            reports = [Report(other.fingerprint, other.event_days) for other in fresh]
            found = bonds(self.article, reports, self.idf, relation=self._features(fresh))
            self._bonds.update((other.id, bond) for other, bond in zip(fresh, found, strict=True))
        return [self._bonds[other.id] for other in others]

    def forget(self, ids: Iterable[int]) -> None:
        """These have another text now."""
        for id in ids:
            for known in (self._rows, self._judged, self._bonds):
                known.pop(id, None)

    def _features(self, others: Sequence[Compared]) -> F64:
        fresh = [other for other in others if other.id not in self._rows]
        if fresh:
            rows = features(self.article.fingerprint, [other.fingerprint for other in fresh], self.idf)
            self._rows.update((other.id, row) for other, row in zip(fresh, rows, strict=True))
        return np.array([self._rows[other.id] for other in others])
