"""Read: from the bytes of a feed to links. Parses hostile XML; runs in a process that may be killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from storyfold.errors import BadInput, FateError, NotFound, Rejected
from storyfold.feeds.changes import DISTRUST, validators_lied
from storyfold.feeds.model import Feed as ParsedFeed
from storyfold.feeds.model import FeedEntry
from storyfold.feeds.parse import parse_feed
from storyfold.feeds.schedule import Bounds
from storyfold.stages.pacing import TIMES_KEPT, Pacer, Schedule, known_time, watch_move
from storyfold.stages.submit import Published, SubmittedItem, UrlSubmission, submit_urls
from storyfold.stages.work import Work
from storyfold.store import feeds, pages, refetches
from storyfold.store.leases import Lease, Terms
from storyfold.store.pages import RawPage
from storyfold.store.tables import Feed

# Entries taken from one reading: an archive or an endless sitemap must not starve the other feeds.
MOST_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class ReadJob:
    lease: Lease
    feed: Feed
    page: RawPage | None


@dataclass(frozen=True, slots=True)
class Read:
    """The stage with what it needs; see `stages.work` for how it is run."""

    bounds: Bounds
    lease_seconds: float
    random: Random = field(default_factory=Random)

    def claim(self, session: Session, id: int, now: datetime) -> ReadJob | None:
        claimed = feeds.claim_feed(session, id, Terms(now, self.lease_seconds), unread=True)
        if claimed is None:
            return None
        feed, lease = claimed
        try:
            page = pages.get_page(session, feed.unread_page_id) if feed.unread_page_id else None
        except NotFound:
            page = None
        return ReadJob(lease, feed, page)

    def run(self, job: ReadJob, now: datetime) -> ParsedFeed:
        """What the feed says. Raises `Rejected` where it is none."""
        if job.page is None:
            raise Rejected("page-gone", "the feed's body is no longer kept")
        url = job.page.final_url or job.feed.url
        try:
            return parse_feed(job.page.body, content_type=job.page.content_type or "", url=url, now=now)
        except BadInput as error:
            raise Rejected("not-a-feed", str(error)) from error

    def store(self, session: Session, job: ReadJob, result: ParsedFeed, now: datetime) -> Sequence[Work]:
        """Submit the entries and learn the feed's rhythm. The dispatcher draws the new links, fair to all hosts."""
        if not feeds.holds_feed(session, job.lease):
            return ()
        taken = result.entries[:MOST_ENTRIES]
        items = submit_urls(session, [_submission(entry, job.feed.id) for entry in taken], now)
        new = [entry for entry, item in zip(taken, items, strict=True) if item.created]
        refetches.note_entries(session, job.feed.id, _known(taken, items), now)
        schedule = _learned(job.feed.schedule, result, new, now)
        schedule, adopted = watch_move(schedule, schedule.get("moved_to"), now)
        fault = feeds.move_feed(session, job.lease, adopted) if adopted else None
        self._let_go(
            session,
            job,
            schedule,
            now,
            title=result.title or job.feed.title,
            home_url=result.home_url or job.feed.home_url,
            last_success=now,
            error=fault or result.fault,
        )
        return ()

    def fail(self, session: Session, job: ReadJob, error: FateError, now: datetime) -> Sequence[Work]:
        if feeds.holds_feed(session, job.lease):
            schedule = job.feed.schedule | {"unreadable": True}
            streak = job.feed.error_streak + 1
            self._let_go(session, job, schedule, now, errors=streak, error=f"{error.reason}: {error}")
        return ()

    def _let_go(
        self,
        session: Session,
        job: ReadJob,
        schedule: Schedule,
        now: datetime,
        *,
        errors: int = 0,
        **values: object,
    ) -> None:
        at, schedule = Pacer(self.bounds, self.random).plan(schedule, now, errors=errors)
        feeds.store_poll(
            session,
            job.lease,
            next_poll_at=at,
            unread_page_id=None,
            schedule=schedule,
            error_streak=errors,
            **values,
        )


def _submission(entry: FeedEntry, feed_id: int) -> UrlSubmission:
    precision = "day" if entry.day_only else "second"
    published = Published(entry.published, precision) if entry.published else None
    return UrlSubmission(entry.url, published=published, feed_id=feed_id, entry_digest=entry.digest)


def _known(entries: Sequence[FeedEntry], items: Sequence[SubmittedItem]) -> dict[int, str]:
    """What the feed says now of links that were known before; of several entries of one link, the first counts."""
    pairs = [(item.id, entry.digest) for entry, item in zip(entries, items, strict=True) if item.id is not None]
    created = {item.id for item in items if item.created}
    return {id: digest for id, digest in reversed(pairs) if id not in created}


def _learned(schedule: Schedule, result: ParsedFeed, new: Sequence[FeedEntry], now: datetime) -> Schedule:
    """The schedule after a reading that brought `new` entries."""
    learned: Schedule = {
        "times": _times(schedule, result.entries, new, now),
        "asked": result.asked_interval,
        "entries": len(result.entries),
        "fault": result.fault,
        "unreadable": False,
    }
    if schedule.get("probe") and validators_lied(_published(new), known_time(schedule, "unchanged_at")):
        learned["distrusted_until"] = (now + DISTRUST).isoformat()
    return schedule | learned


def _times(schedule: Schedule, entries: Sequence[FeedEntry], new: Sequence[FeedEntry], now: datetime) -> list[str]:
    """The newest publication times. A feed that gives none has the times at which it brought something new."""
    dated = sorted(_published(entries), reverse=True)
    if dated:
        return [time.isoformat() for time in dated[:TIMES_KEPT]]
    arrived = [now.isoformat()] if new else []
    return [*arrived, *schedule.get("times", ())][:TIMES_KEPT]


def _published(entries: Sequence[FeedEntry]) -> list[datetime]:
    return [entry.published for entry in entries if entry.published]
