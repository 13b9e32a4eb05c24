"""What all stages share: the work they return, the shape of a stage, and what failing means.

A stage is done in three steps, so that nothing is held while it works:

1. `claim` takes a lease on one piece of work (its transaction is committed at once);
2. `run` does the work and holds no transaction;
3. `store` writes the result, or `fail` the failure, with the link's fate, where the lease still stands.

Each `store` returns the work that comes next; whoever runs the stage sends it after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from storyfold.errors import FateError, Transient
from storyfold.stages.kinds import Kind
from storyfold.store import work
from storyfold.store.leases import Lease
from storyfold.store.tables import Fate

# No server's wish holds a link back for longer: it would be forgotten.
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Work:
    """A doorbell: what is to be done next, and for which link (which feed, for `POLL` and `READ`; which
    subscription, for `DELIVER`)."""

    kind: Kind
    id: int


Job = TypeVar("Job")
Result = TypeVar("Result")


class StageOfWork(Protocol[Job, Result]):
    """What a worker needs of a stage. See the module for the order of the calls."""

    def claim(self, session: Session, id: int, now: datetime) -> Job | None: ...

    def run(self, job: Job, now: datetime) -> Result: ...

    def store(self, session: Session, job: Job, result: Result, now: datetime) -> Sequence[Work]: ...

    def fail(self, session: Session, job: Job, error: FateError, now: datetime) -> Sequence[Work]: ...


class GoingOn(StageOfWork[Job, Result], Protocol[Job, Result]):
    """A stage whose worker goes on with what waits, without a doorbell for each."""

    def go_on(
        self, session: Session, done: Job | None, failure: FateError | None, now: datetime, *, here: bool
    ) -> tuple[Job | None, Sequence[Work]]:
        """What to go on with after `done` (None where there was nothing to do), which may have ended in `failure`:
        held, where it is done right `here`, else with a doorbell on its way."""
        ...


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`attempts` tries of a stage; the wait before the second is `seconds` and doubles with each one."""

    attempts: int
    seconds: float

    def next_try(self, attempts_made: int, error: Transient, now: datetime) -> datetime | None:
        """When to try again, never before the server allows it; None where enough was tried."""
        if attempts_made >= self.attempts:
            return None
        backoff = now + min(timedelta(seconds=self.seconds * 2 ** (attempts_made - 1)), LONGEST_WAIT)
        asked = min(error.retry_at, now + LONGEST_WAIT) if error.retry_at else backoff
        return max(backoff, asked)


def fail_link(session: Session, lease: Lease, error: FateError, policy: RetryPolicy, now: datetime) -> None:
    """Put the link off where trying again can help, else give it the fate that the error stands for."""
    if not isinstance(error, Transient):
        work.settle(session, lease, Fate.REJECTED, now, reason=error.reason, detail=str(error))
        return
    again = policy.next_try(lease.attempts, error, now)
    if again is None:
        work.settle(session, lease, Fate.FAILED, now, reason=error.reason, detail=str(error))
    else:
        work.put_off(session, lease, again, now, reason=error.reason, detail=str(error))
