"""An incoming article beside others, each pair looked at once however often it is asked about.

A fold decides twice: with nothing locked, and again under the fold lock, when others may have come in. What is dear in
it, the features of pairs, does not depend on where anything stands, and is kept from the one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from storyfold.matching.event import Bond, bonds
from storyfold.matching.event_features import Report
from storyfold.matching.features import features
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Judgement, judge


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
    _known: dict[int, tuple[Judgement, Bond]] = field(default_factory=dict)

    def judgements(self, others: Sequence[Compared]) -> list[Judgement]:
        """What the article is to each of `others`, as far as the wording tells."""
        self.compare(others)
        return [self._known[other.id][0] for other in others]

    def bonds(self, others: Sequence[Compared]) -> list[Bond]:
        """The bond with each of `others`."""
        self.compare(others)
        return [self._known[other.id][1] for other in others]

    def compare(self, others: Iterable[Compared]) -> None:
        """Look at all that was not looked at yet, side by side: that is far cheaper than one after the other."""
        fresh = list({other.id: other for other in others if other.id not in self._known}.values())
        if not fresh:
            return
        prints = [other.fingerprint for other in fresh]
        rows = features(self.article.fingerprint, prints, self.idf)
        judged = judge(self.article.fingerprint, prints, self.idf, rows=rows)
        reports = [Report(other.fingerprint, other.event_days) for other in fresh]
        found = bonds(self.article, reports, self.idf, relation=rows)
        pairs = zip(judged, found, strict=True)
        self._known.update((other.id, pair) for other, pair in zip(fresh, pairs, strict=True))

    def forget(self, ids: Iterable[int]) -> None:
        """These have another text now."""
        for id in ids:
            self._known.pop(id, None)
