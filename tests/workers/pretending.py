"""A stage that does as the test says, on real links under real leases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from storyfold.errors import FateError
from storyfold.stages.kinds import Kind
from storyfold.stages.work import RetryPolicy, Work, fail_link
from storyfold.store import due, links, work
from storyfold.store.engine import Sessions
from storyfold.store.leases import Lease, Terms
from storyfold.store.links import NewLink
from storyfold.store.tables import Link, Stage

LEASE_SECONDS = 30.0


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Pretend:
    """Hands a link from fetch on to digest; `work` happens between the claim and the writing."""

    work: Callable[[], object] = lambda: None
    writing: Callable[[], object] = lambda: None
    going_on: Callable[[], object] = lambda: None

    def claim(self, session: Session, id: int, now: datetime) -> Lease | None:
        claimed = work.claim(session, id, Stage.FETCH, Terms(now, LEASE_SECONDS))
        return claimed[1] if claimed else None

    def go_on(
        self, session: Session, done: Lease | None, failure: FateError | None, now: datetime, *, here: bool
    ) -> tuple[Lease | None, Sequence[Work]]:
        self.going_on()
        if here:
            return next(iter(work.claim_many(session, Stage.FETCH, Terms(now, LEASE_SECONDS), limit=1)), None), ()
        return None, [Work(Kind.FETCH, id) for id in due.draw_due(session, Stage.FETCH, now, limit=1)]

    def run(self, job: Lease, now: datetime) -> None:
        self.work()

    def store(self, session: Session, job: Lease, result: None, now: datetime) -> Sequence[Work]:
        if not work.advance(session, job, Stage.DIGEST, now):
            return ()
        self.writing()
        return [Work(Kind.DIGEST, job.id)]

    def fail(self, session: Session, job: Lease, error: FateError, now: datetime) -> Sequence[Work]:
        fail_link(session, job, error, RetryPolicy(attempts=2, seconds=0), now)
        return ()


def submit(sessions: Sessions, count: int = 1, host: str = "harbour-post.example") -> list[int]:
    """Make links known, due at once. -> their ids, in their order."""
    new = [NewLink(f"https://{host}/{n}", f"https://{host}/{n}", host) for n in range(count)]
    with sessions.begin() as session:
        return sorted(link.id for link, _ in links.submit(session, new, now()))


def load(sessions: Sessions, link_id: int) -> Link:
    with sessions() as session:
        return links.get_link(session, link_id).link
