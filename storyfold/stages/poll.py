"""Poll: asks a feed whether there is anything new. Moves bytes; reading them is `stages.read`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from storyfold.errors import FateError, HostBusy, Transient
from storyfold.feeds.changes import ask_unconditionally, body_hash
from storyfold.feeds.freshness import Validators, fresh_seconds, validators
from storyfold.feeds.schedule import Bounds
from storyfold.stages.kinds import Kind
from storyfold.stages.pacing import Pacer, Schedule, known_time, watch_move
from storyfold.stages.work import Work
from storyfold.store import feeds, hosts, pages
from storyfold.store.hosts import Politeness
from storyfold.store.leases import Lease, Terms
from storyfold.store.pages import RawPage
from storyfold.store.tables import Feed, PageKind
from storyfold.web.client import Client, Fetched

ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5"
)
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class PollJob:
    """`known` is what the last answer is told apart by; it is sent where `conditional`."""

    lease: Lease
    feed: Feed
    known: Validators
    conditional: bool


@dataclass(frozen=True, slots=True)
class Poll:
    """The stage with what it needs; see `stages.work` for how it is run."""

    client: Client
    politeness: Politeness
    bounds: Bounds
    lease_seconds: float
    random: Random = field(default_factory=Random)

    def claim(self, session: Session, id: int, now: datetime) -> PollJob | None:
        """Take the host's turn and hold the feed. A busy host puts the poll off; its lag goes on counting."""
        claimed = feeds.claim_feed(session, id, Terms(now, self.lease_seconds))
        if claimed is None:
            return None
        feed, lease = claimed
        try:
            hosts.take_turn(session, feed.host, now, self.politeness, own=1)
        except HostBusy as busy:
            feeds.wait_for_turn(session, lease, busy.retry_at or now)
            return None
        known = Validators(feed.etag, feed.last_modified)
        return PollJob(lease, feed, known, bool(known.headers()) and not _to_probe(feed.schedule, now))

    def run(self, job: PollJob, now: datetime) -> Fetched:
        """The answer: a body, or 304 where the server says that nothing changed."""
        headers = job.known.headers() if job.conditional else {}
        return self.client.fetch(job.feed.url, headers=headers, accept=ACCEPT_FEED)

    def store(self, session: Session, job: PollJob, result: Fetched, now: datetime) -> Sequence[Work]:
        """Keep a new body to be read; where nothing changed only the schedule moves on."""
        schedule = _after_answer(job, result, now)
        same = result.status == NOT_MODIFIED or body_hash(result.body) == job.feed.body_hash
        kept = self._unchanged if same else self._changed
        current = validators(result.headers, job.known if result.status == NOT_MODIFIED else Validators())
        if not kept(session, job, schedule, current, result, now):
            return ()
        hosts.note_answer(session, job.feed.host, None, now, self.politeness)
        return () if same else [Work(Kind.READ, job.feed.id)]

    def fail(self, session: Session, job: PollJob, error: FateError, now: datetime) -> Sequence[Work]:
        """Note the error and come back later, ever later, but always."""
        if not feeds.holds_feed(session, job.lease):
            return ()
        hosts.note_answer(session, job.feed.host, error, now, self.politeness)
        streak = job.feed.error_streak + 1
        retry_at = error.retry_at if isinstance(error, Transient) else None
        asked = retry_at.isoformat() if retry_at else None
        schedule = job.feed.schedule | {"gone": error.reason == "gone", "retry_at": asked}
        at, schedule = self._pacer.plan(schedule, now, errors=streak, not_before=retry_at)
        feeds.store_poll(
            session,
            job.lease,
            next_poll_at=at,
            last_polled_at=now,
            error=f"{error.reason}: {error}",
            error_streak=streak,
            schedule=schedule,
        )
        return ()

    def _unchanged(
        self, session: Session, job: PollJob, schedule: Schedule, current: Validators, result: Fetched, now: datetime
    ) -> bool:
        """Nothing to read. What could not be read the last time still cannot. -> whether the lease stood."""
        if schedule.get("unreadable"):
            outcome: dict[str, object] = {"error": job.feed.error, "error_streak": job.feed.error_streak + 1}
        else:
            schedule, adopted = watch_move(schedule, result.permanent_redirect_to, now)
            fault = feeds.move_feed(session, job.lease, adopted) if adopted else None
            outcome = {"error": fault or schedule.get("fault"), "error_streak": 0, "last_success": now}
        at, schedule = self._pacer.plan(schedule, now, errors=int(str(outcome["error_streak"])))
        return feeds.store_poll(
            session,
            job.lease,
            next_poll_at=at,
            last_polled_at=now,
            etag=current.etag,
            last_modified=current.last_modified,
            schedule=schedule,
            **outcome,
        )

    def _changed(
        self, session: Session, job: PollJob, schedule: Schedule, current: Validators, result: Fetched, now: datetime
    ) -> bool:
        """Keep the body. Whether it is a feed, and how the last poll went, is for its reading to say."""
        if not feeds.holds_feed(session, job.lease):
            return False
        at, schedule = self._pacer.plan(schedule, now)
        raw = RawPage(PageKind.FETCHED, result.body, now, result.final_url, result.headers.get("content-type"))
        return feeds.store_poll(
            session,
            job.lease,
            next_poll_at=at,
            last_polled_at=now,
            etag=current.etag,
            last_modified=current.last_modified,
            body_hash=body_hash(result.body),
            schedule=schedule,
            unread_page_id=pages.put_page(session, raw),
        )

    @property
    def _pacer(self) -> Pacer:
        return Pacer(self.bounds, self.random)


def _to_probe(schedule: Schedule, now: datetime) -> bool:
    """Whether to leave the validators out: they lied, or nothing else than 304 has come for days."""
    return ask_unconditionally(
        now,
        last_body_at=known_time(schedule, "body_at"),
        distrusted_until=known_time(schedule, "distrusted_until"),
    )


def _after_answer(job: PollJob, result: Fetched, now: datetime) -> Schedule:
    """The schedule with what any answer says."""
    answered = {
        "fresh": fresh_seconds(result.headers, now),
        "gone": False,
        "retry_at": None,
        "probe": bool(job.known.headers()) and not job.conditional,
        "moved_to": result.permanent_redirect_to,
    }
    when = "unchanged_at" if result.status == NOT_MODIFIED else "body_at"
    return job.feed.schedule | answered | {when: now.isoformat()}
