"""A batch of articles to be folded: their fingerprints, and what the indexes find for them. Nothing is locked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from storyfold.matching.assign import Candidate
from storyfold.matching.candidates import Hits, Newcomers, query_terms
from storyfold.matching.comparisons import Comparisons
from storyfold.matching.dates import event_days
from storyfold.matching.event import WINDOW_DAYS
from storyfold.matching.event_features import Report
from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.weighed import weigh_all
from storyfold.store import candidates
from storyfold.store.texts import FoldText


@dataclass(frozen=True, slots=True)
class Incoming:
    """An article to be folded, with what the indexes found for it: the best by rare terms, and by bands.

    `alike` are candidates of whatever age, best first: old text is lifted too. `timely` are those of the same days,
    best first: what may tell the same event.
    """

    text: FoldText
    fingerprint: Fingerprint
    event_days: tuple[int, ...]
    asked: dict[int, float]
    compared: Comparisons
    found: Hits
    banded: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()
    timely: tuple[int, ...] = ()

    @property
    def id(self) -> int:
        return self.text.article_id

    def as_candidate(self, cluster_id: int, story_id: int) -> Candidate:
        """The article as those after it see it, once it stands there."""
        return Candidate(self.id, cluster_id, story_id, self.fingerprint, self.text.published, self.event_days)

    def meeting(self, newcomers: Newcomers) -> Incoming:
        """The same, with what came in since the indexes were asked."""
        found, banded = newcomers.hits(self.asked), newcomers.banded(self.fingerprint.bands)
        if not len(found.ids) and not banded:
            return self
        return self._taking(self.found.meeting(found.summed()), (*banded, *self.banded))

    def finding(self, found: Hits, banded: tuple[int, ...]) -> Incoming:
        """The same, with what the indexes found."""
        return self._taking(found.summed().shortened(self.fingerprint.day, WINDOW_DAYS), banded)

    def _taking(self, found: Hits, banded: tuple[int, ...]) -> Incoming:
        timely = found.within(self.fingerprint.day, WINDOW_DAYS).best()
        return replace(self, found=found, banded=banded, alike=tuple(found.best(banded)), timely=tuple(timely))


def prepare(session: Session, texts: Sequence[FoldText], idf: Idf) -> list[Incoming]:
    """Fingerprint articles and ask the indexes for their candidates."""
    return find(session, fingerprinted(texts, idf))


def find(session: Session, batch: Sequence[Incoming]) -> list[Incoming]:
    """Ask the indexes, for all of a batch at once."""
    terms = {term for incoming in batch for term in incoming.asked}
    found = candidates.look_up(session, terms, {n: incoming.fingerprint.bands for n, incoming in enumerate(batch)})
    return [
        incoming.finding(found.hits(incoming.asked), tuple(found.banded.get(n, ()))) for n, incoming in enumerate(batch)
    ]


def nearby(batch: Collection[Incoming]) -> set[int]:
    """The articles that the indexes found for a batch and that are worth loading."""
    own = {incoming.id for incoming in batch}
    return {id for incoming in batch for id in (*incoming.alike, *incoming.timely)} - own


def fingerprinted(texts: Sequence[FoldText], idf: Idf) -> list[Incoming]:
    """Articles with their fingerprints, before anything was found for them."""
    made = [fingerprint(t.text, title=t.title, language=t.language, published=t.published) for t in texts]
    weigh_all(made, idf)
    return [_unfound(text, article, idf) for text, article in zip(texts, made, strict=True)]


def _unfound(text: FoldText, made: Fingerprint, idf: Idf) -> Incoming:
    titled = f"{text.title}\n{text.text}" if text.title else text.text
    days = event_days(titled, language=made.language, published=text.published)
    asked = query_terms(made, idf)
    return Incoming(text, made, days, asked, Comparisons(Report(made, days), idf), Hits.joined([]))
