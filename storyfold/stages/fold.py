"""Fold: from an article to its place in a syndication cluster and a story.

What can be computed freely is (`run`: fingerprints, candidates, comparisons, evidence); the decisions and their writes
happen under the one fold lock (`store`), after a short look at what came in meanwhile. A batch is folded in one
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.errors import FateError
from storyfold.matching.idf import Idf
from storyfold.stages.folding import Draft, draft, settle
from storyfold.stages.holding import hold_together
from storyfold.stages.work import RetryPolicy, Work, fail_link
from storyfold.store import folding, locked, placements, refolding, texts, work
from storyfold.store.candidates import Loader
from storyfold.store.engine import Sessions
from storyfold.store.leases import Lease, Terms
from storyfold.store.tables import Stage

BATCH = 64


@dataclass(frozen=True, slots=True)
class FoldJob:
    leases: tuple[Lease, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """The stage with what it needs; see `stages.work` for how it is run."""

    sessions: Sessions
    idf: Idf
    retry: RetryPolicy
    lease_seconds: float
    loader: Loader = field(default_factory=Loader)

    def claim(self, session: Session, id: int, now: datetime) -> FoldJob | None:
        """Hold the link that was rung for and others that wait. One that lost its worker before is folded alone."""
        terms = Terms(now, self.lease_seconds)
        claimed = work.claim(session, id, Stage.FOLD, terms)
        if claimed is not None and claimed[0].lost_leases:
            return FoldJob((claimed[1],))
        others = work.claim_many(session, Stage.FOLD, terms, limit=BATCH - 1)
        leases = [*([claimed[1]] if claimed else []), *others]
        return FoldJob(tuple(leases)) if leases else None

    def claim_waiting(self, session: Session, now: datetime) -> FoldJob | None:
        """Hold the next batch, whatever it is: for a run that folds all there is."""
        terms = Terms(now, self.lease_seconds)
        claimed = work.claim_many(session, Stage.FOLD, terms, limit=BATCH)
        claimed = claimed or work.claim_suspect(session, Stage.FOLD, terms)
        return FoldJob(tuple(claimed)) if claimed else None

    def run(self, job: FoldJob, now: datetime) -> Draft:
        """Fingerprint the batch, compare it with what it may be tied to and draft its places, with nothing locked.

        It only reads, and commits all the same: at a rollback psycopg forgets every statement that it has prepared.
        """
        with self.sessions.begin() as session:
            found, seen = texts.texts_to_fold(session, [lease.id for lease in job.leases])
            return draft(session, found, seen, self.idf, self.loader)

    def store(self, session: Session, job: FoldJob, result: Draft, now: datetime) -> Sequence[Work]:
        """Decide and write, where the leases still stand. An article that was folded before leaves its place first."""
        folding.lock_to_fold(session)
        found = locked.look(
            session,
            job.leases,
            batch=[incoming.id for incoming in result.batch],
            around=result.around.by_id,
            seen=result.seen,
            new=result.opened(),
        )
        drafted = result.only(found.held)
        left = refolding.leave(session, [incoming.id for incoming in drafted.batch]) if found.folded else {}
        placed = refolding.come_back(settle(session, drafted, found, self.idf, self.loader), left)
        returned = [p.article_id for p in placed if p.article_id in left and left[p.article_id].story_id == p.story_id]
        also = [locked.settled_as_folded(job.leases, now)]
        sequences = placements.write_placements(session, placed, self.idf.version, now, returned=returned, also=also)
        written = {(p.article_id, sequences[p.article_id]): (p.fingerprint, p.event_days) for p in placed}
        self.loader.keep_written(session, written)
        refolding.clear_up(session, placed, left, now)
        hold_together(session, placed, left, self.idf, self.loader, now)
        return ()

    def fail(self, session: Session, job: FoldJob, error: FateError, now: datetime) -> Sequence[Work]:
        """A batch is taken apart, so that what is wrong with one does not stop the others."""
        if len(job.leases) == 1:
            fail_link(session, job.leases[0], error, self.retry, now)
        else:
            for token in {lease.token for lease in job.leases}:
                work.take_apart(session, [lease for lease in job.leases if lease.token == token], now)
        return ()
