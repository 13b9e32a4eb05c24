"""Poll: asks a feed whether there is anything new. Moves bytes; reading them is `stages.read`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from random import Random

from sqlalchemy.orm import Session

from storyfold.errors import FateError, HostBusy, Transient
from storyfold.feeds.freshness import Validators, fresh_seconds, validators
from storyfold.feeds.schedule import Bounds, next_poll
from storyfold.stages.work import Kind, Work
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
    lease: Lease
    feed: Feed


@dataclass(frozen=True, slots=True)
class Poll:
    """The stage with what it needs; see `stages.work` for how it is run."""

    client: Client
    politeness: Politeness
    bounds: Bounds
    lease_seconds: float
    random: Random = field(default_factory=Random)

    def claim(self, session: Session, id: int, now: datetime) -> PollJob | None:
        """Hold the feed, then take the host's turn. A busy host puts the feed off."""
        claimed = feeds.claim_feed(session, id, Terms(now, self.lease_seconds))
        if claimed is None:
            return None
        feed, lease = claimed
        try:
            hosts.take_turn(session, feed.host, now, self.politeness)
        except HostBusy as busy:
            feeds.store_poll(session, lease, next_poll_at=busy.retry_at or now)
            return None
        return PollJob(lease, feed)

    def run(self, job: PollJob, now: datetime) -> Fetched:
        """The answer: a body, or 304 where the server says that nothing changed."""
        conditional = Validators(job.feed.etag, job.feed.last_modified).headers()
        return self.client.fetch(job.feed.url, headers=conditional, accept=ACCEPT_FEED)

    def store(self, session: Session, job: PollJob, result: Fetched, now: datetime) -> Sequence[Work]:
        """Keep a new body to be read; where nothing changed only the schedule moves on."""
        if not feeds.holds_feed(session, job.lease):
            return ()
        known = Validators(job.feed.etag, job.feed.last_modified)
        current = validators(result.headers, known if result.status == NOT_MODIFIED else None)
        digest = sha256(result.body).hexdigest()
        unchanged = result.status == NOT_MODIFIED or digest == job.feed.body_hash
        schedule = job.feed.schedule | {"fresh": fresh_seconds(result.headers, now)}
        page = None if unchanged else self._keep(session, result, now)
        feeds.store_poll(
            session,
            job.lease,
            next_poll_at=self._next(schedule, now),
            last_polled_at=now,
            last_success=now if unchanged else job.feed.last_success,
            error=None if unchanged else job.feed.error,
            error_streak=0 if unchanged else job.feed.error_streak,
            etag=current.etag,
            last_modified=current.last_modified,
            body_hash=job.feed.body_hash if unchanged else digest,
            schedule=schedule,
            unread_page_id=page,
        )
        return () if page is None else [Work(Kind.READ, job.feed.id)]

    def fail(self, session: Session, job: PollJob, error: FateError, now: datetime) -> Sequence[Work]:
        """Note the error and come back later, ever later, but always."""
        streak = job.feed.error_streak + 1
        retry_at = error.retry_at if isinstance(error, Transient) else None
        if retry_at is not None:
            hosts.hold_back(session, job.feed.host, retry_at)
        feeds.store_poll(
            session,
            job.lease,
            next_poll_at=self._next(
                job.feed.schedule, now, errors=streak, not_before=retry_at, gone=error.reason == "gone"
            ),
            last_polled_at=now,
            error=f"{error.reason}: {error}",
            error_streak=streak,
        )
        return ()

    def _keep(self, session: Session, result: Fetched, now: datetime) -> int:
        raw = RawPage(PageKind.FETCHED, result.body, now, result.final_url, result.headers.get("content-type"))
        return pages.put_page(session, raw)

    def _next(
        self,
        schedule: dict[str, object],
        now: datetime,
        *,
        errors: int = 0,
        not_before: datetime | None = None,
        gone: bool = False,
    ) -> datetime:
        return next_poll(
            now=now,
            entry_times=feeds.entry_times(schedule),
            bounds=self.bounds,
            random=self.random,
            asked=feeds.asked_seconds(schedule),
            not_before=not_before,
            errors=errors,
            gone=gone,
        ).at
