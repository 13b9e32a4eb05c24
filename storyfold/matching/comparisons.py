"""An incoming article beside others, each pair looked at once however often it is asked about.

A fold decides twice: with nothing locked, and again under the fold lock, when others may have come in. What is dear in
it, the features of pairs, does not depend on where anything stands, and is kept from the one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from storyfold.matching.event import Bond, bonds_of
from storyfold.matching.event_features import Report
from storyfold.matching.features import features_of
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.overlap import in_portions
from storyfold.matching.relation import Judgement, judge_all


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
        compare_all([(self, others)])

    def fresh(self, others: Iterable[Compared]) -> list[Compared]:
        """Those that were not looked at yet, each once."""
        return list({other.id: other for other in others if other.id not in self._known}.values())

    def learn(self, found: Iterable[tuple[int, tuple[Judgement, Bond]]]) -> None:
        """What came of pairs, by the id of the other."""
        self._known.update(found)

    def forget(self, ids: Iterable[int]) -> None:
        """These have another text now."""
        for id in ids:
            self._known.pop(id, None)


def compare_all(asked: Iterable[tuple[Comparisons, Iterable[Compared]]]) -> None:
    """`Comparisons.compare` of several articles, all in one snapshot, at once: a portion of pairs at a time."""
    unseen = ((one, one.fresh(others)) for one, others in asked)
    for portion in in_portions((one, fresh) for one, fresh in unseen if fresh):
        _compare(portion)


def _compare(asked: Sequence[tuple[Comparisons, Sequence[Compared]]]) -> None:
    idf = asked[0][0].idf
    prints = [(one.article.fingerprint, [other.fingerprint for other in others]) for one, others in asked]
    reports = [(one.article, [Report(o.fingerprint, o.event_days) for o in others]) for one, others in asked]
    rows = features_of(prints, idf)
    judged, found = judge_all(prints, idf, rows=rows), bonds_of(reports, idf, relation=rows)
    pairs = zip(judged, found, strict=True)
    for one, others in asked:
        one.learn(zip([other.id for other in others], islice(pairs, len(others)), strict=True))
