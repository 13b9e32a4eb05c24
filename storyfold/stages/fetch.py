"""Fetch: from a link to a page. Moves bytes and nothing else; many of these run as threads of one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.errors import FateError, HostBusy, Rejected
from storyfold.stages.work import Kind, RetryPolicy, Work, fail_link
from storyfold.store import hosts, links, pages, work
from storyfold.store.hosts import Politeness
from storyfold.store.leases import Lease, Terms
from storyfold.store.pages import RawPage
from storyfold.store.tables import Fate, PageKind, Stage
from storyfold.web.client import Client, Fetched
from storyfold.web.urls import canonicalize

# What can hold an article; the rest is turned away before anything tries to read it.
READABLE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "")


@dataclass(frozen=True, slots=True)
class FetchJob:
    lease: Lease
    url: str
    host: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """The stage with what it needs; see `stages.work` for how it is run."""

    client: Client
    politeness: Politeness
    retry: RetryPolicy
    lease_seconds: float

    def claim(self, session: Session, id: int, now: datetime) -> FetchJob | None:
        """Take the host's turn and the link. A busy host puts the link off without using up a try."""
        link = links.get_link(session, id).link
        if link.fate != Fate.PENDING or link.host is None:
            return None
        try:
            hosts.take_turn(session, link.host, now, self.politeness)
        except HostBusy as busy:
            work.wait_for_turn(session, id, busy.retry_at or now)
            return None
        claimed = work.claim(session, id, Stage.FETCH, Terms(now, self.lease_seconds))
        if claimed is None:
            return None
        return FetchJob(claimed[1], str(link.url), link.host)

    def run(self, job: FetchJob, now: datetime) -> Fetched:
        """The page. Raises `FateError`; see `web.client` for the reasons, and ``wrong-type``."""
        fetched = self.client.fetch(job.url)
        if fetched.content_type not in READABLE_TYPES:
            raise Rejected("wrong-type", f"{fetched.content_type} cannot hold an article that could be read")
        if not fetched.body.strip():
            raise Rejected("empty", "the page has no content")
        return fetched

    def store(self, session: Session, job: FetchJob, result: Fetched, now: datetime) -> Sequence[Work]:
        """Keep the page and hand the link on; a page that another link stands for already makes this a duplicate."""
        if not work.is_held(session, job.lease):
            return ()
        other = links.identify(session, job.lease.id, canonicalize(result.final_url).url)
        if other is not None:
            work.settle(session, job.lease, Fate.DUPLICATE, now, reason="redirect", duplicate_of=other)
            return self._next_at_host(session, job, now)
        raw = RawPage(PageKind.FETCHED, result.body, now, result.final_url, result.headers.get("content-type"))
        page_id = pages.put_page(session, raw, job.lease.id)
        work.advance(session, job.lease, Stage.DIGEST, now, page_id=page_id, reason=None, detail=None)
        return [Work(Kind.DIGEST, job.lease.id), *self._next_at_host(session, job, now)]

    def fail(self, session: Session, job: FetchJob, error: FateError, now: datetime) -> Sequence[Work]:
        fail_link(session, job.lease, error, self.retry, now)
        retry_at = getattr(error, "retry_at", None)
        if retry_at is not None:
            hosts.hold_back(session, job.host, retry_at)
        return self._next_at_host(session, job, now)

    def _next_at_host(self, session: Session, job: FetchJob, now: datetime) -> list[Work]:
        """With no pause to keep, the host's next link need not wait for the dispatcher."""
        if self.politeness.pause > 0:
            return []
        return [Work(Kind.FETCH, id) for id in work.next_of_host(session, job.host, now)]
