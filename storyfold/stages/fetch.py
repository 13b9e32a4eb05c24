"""Fetch: from a link to a page. Moves bytes and nothing else; many of these run as threads of one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from storyfold.errors import BadInput, FateError, HostBusy, Rejected, Transient
from storyfold.stages.hops import Arrival, follow
from storyfold.stages.kinds import Kind
from storyfold.stages.robots import RobotsFile, Rules, origin_of
from storyfold.stages.work import RetryPolicy, Work, fail_link
from storyfold.store import digesting, due, hosts, links, work
from storyfold.store.due import Address
from storyfold.store.hosts import Politeness
from storyfold.store.leases import Lease, Terms
from storyfold.store.pages import RawPage
from storyfold.store.tables import Fate, PageKind, Stage
from storyfold.web.client import Client, Fetched
from storyfold.web.urls import canonicalize

# What can hold an article; the rest is turned away before anything tries to read it.
READABLE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "")

# Seconds for which a worker waits for its host's next turn with a link in hand; for a longer pause the link waits.
WAIT_IN_HAND = 2.0

# Where so many pages wait to be digested already, whoever digests those goes on with the next (see `workers.task`): a
# doorbell for each would cost more than it brings. It is sent by the dispatcher where nobody came by in the meantime.
FEW_WAITING = 8
LONGEST_REST = timedelta(seconds=2)

# Links of Google News are resolved by a script in a browser; no request leads from them to an article.
GOOGLE_NEWS = "news.google.com"


@dataclass(frozen=True, slots=True)
class FetchJob:
    """`rules` are null, or its `refusal` set, where no request is to be made; `pause` lies between two of its host."""

    lease: Lease
    url: str
    canonical_url: str
    host: str
    rules: Rules | None
    refusal: FateError | None = None
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Fetch:
    """The stage with what it needs; see `stages.work` for how it is run."""

    client: Client
    politeness: Politeness
    retry: RetryPolicy
    lease_seconds: float
    robots: RobotsFile
    wait: Callable[[float], None] = time.sleep

    def claim(self, session: Session, id: int, now: datetime) -> FetchJob | None:
        """Take the host's turn and the link. A busy host puts the link off without using up a try.

        Where the rules of the host have to be asked for first, two turns are taken.
        """
        waiting = due.pending_address(session, id)
        return None if waiting is None else self._claim(session, waiting, now)

    def go_on(
        self, session: Session, done: FetchJob | None, failure: FateError | None, now: datetime, *, here: bool
    ) -> tuple[FetchJob | None, Sequence[Work]]:
        """Go on with the next link of the host that was left. With a pause to keep, that waits for the dispatcher."""
        if done is None or self.politeness.pause > 0 or not _was_asked(done, failure):
            return None, ()
        if not here:
            return None, [Work(Kind.FETCH, id) for id in due.next_of_host(session, done.host, now)]
        waiting = due.next_address(session, done.host, now)
        return (None if waiting is None else self._claim(session, waiting, now)), ()

    def run(self, job: FetchJob, now: datetime) -> Arrival:
        """The page. Raises `FateError`; see `web.client` for the reasons, and ``robots``, ``wrong-type``, ``empty``,
        ``needs-browser``."""
        if job.refusal is not None:
            raise job.refusal
        rules = job.rules
        if rules is not None and not rules.fresh:
            rules = self._ask(job, rules)
        first = self._page(job, job.url)
        arrival = follow(first, lambda target: self._hop(job, rules, target))
        if rules is not None:
            self._check(rules, arrival.fetched.final_url)
        return arrival

    def store(self, session: Session, job: FetchJob, result: Arrival, now: datetime) -> Sequence[Work]:
        """Keep the page and hand the link on; a page that another link stands for already makes this a duplicate."""
        fetched = result.fetched
        landed = canonicalize(fetched.final_url).url
        if not landed == result.canonical_url == job.canonical_url:
            if not work.is_held(session, job.lease):
                return ()
            reason, other = self._other(session, job, result, landed)
            if other is not None:
                work.settle(session, job.lease, Fate.DUPLICATE, now, reason=reason, duplicate_of=other)
                return self._left(session, job, None, now, hops=result.hops)
        raw = RawPage(PageKind.FETCHED, fetched.body, now, fetched.final_url, fetched.headers.get("content-type"))
        rings = digesting.hand_on(session, job.lease, raw, now, few=FEW_WAITING, rest=LONGEST_REST)
        if rings is None:
            return ()
        left = self._left(session, job, None, now, hops=result.hops)
        return [Work(Kind.DIGEST, job.lease.id), *left] if rings else left

    def fail(self, session: Session, job: FetchJob, error: FateError, now: datetime) -> Sequence[Work]:
        if isinstance(error, HostBusy):
            work.give_back(session, job.lease, error.retry_at or now)
            return ()
        fail_link(session, job.lease, error, self.retry, now)
        if error is job.refusal:
            return ()
        return self._left(session, job, error, now)

    def _claim(self, session: Session, asked: Address, now: datetime) -> FetchJob | None:
        id, url, canonical_url, host = asked
        try:
            rules = None if _is_google_news(canonical_url) else self.robots.find(session, canonical_url, now)
            refusal = self._refusal(rules, url)
            pause = 0.0 if refusal or rules is None else self._take_turn(session, host, rules, now)
        except HostBusy as busy:
            work.wait_for_turn(session, id, busy.retry_at or now)
            return None
        lease = work.take(session, id, Stage.FETCH, Terms(now, self.lease_seconds))
        if lease is None:
            return None
        job = FetchJob(lease, url, canonical_url, host, rules, refusal, pause)
        return job if self._may_ask(session, job, now) else None

    def _refusal(self, rules: Rules | None, url: str) -> FateError | None:
        if rules is None:
            return Rejected("needs-browser", "links of Google News lead on by a script that only a browser runs")
        return self.robots.refusal(rules, url) if rules.fresh else None

    def _take_turn(self, session: Session, host: str, rules: Rules, now: datetime) -> float:
        return hosts.take_turn(session, host, now, self.politeness, requests=1 if rules.fresh else 2)

    def _may_ask(self, session: Session, job: FetchJob, now: datetime) -> bool:
        """Where rules have to be asked for, take that too; where another was faster, let the link go again."""
        if job.rules is None or job.rules.fresh:
            return True
        if self.robots.take_asking(session, job.rules, now, Terms(now, self.lease_seconds).until):
            return True
        work.give_back(session, job.lease, now)
        return False

    def _ask(self, job: FetchJob, rules: Rules) -> Rules:
        """Ask for the rules, and wait for the page's turn. Raises what they say, and `HostBusy` for a long wait."""
        started, asked_at = time.monotonic(), self.robots.clock()
        found, delay = self.robots.ask(rules, job.host, job.lease.attempts)
        refusal = self.robots.refusal(found, job.url)
        if refusal is not None:
            raise refusal
        pause = max(job.pause, delay)
        left = pause - (time.monotonic() - started)
        if left > WAIT_IN_HAND:
            self._give_way(job, asked_at + timedelta(seconds=pause))
        if left > 0:
            self.wait(left)
        self._hold_on(job)
        return found

    def _check(self, rules: Rules, url: str) -> None:
        """Raises where `url` lies on the origin of `rules` and they refuse it."""
        refusal = self.robots.refusal(rules, url) if origin_of(url) == rules.origin else None
        if refusal is not None:
            raise refusal

    def _give_way(self, job: FetchJob, turn_at: datetime) -> None:
        with self.robots.sessions.begin() as session:
            hosts.set_turn(session, job.host, turn_at)
        raise HostBusy("host-pause", retry_at=turn_at)

    def _hold_on(self, job: FetchJob) -> None:
        """Each request may take as long as a lease lasts, so each has one of its own."""
        with self.robots.sessions.begin() as session:
            if not hosts.keep_in_hand(session, job.lease, Terms(self.robots.clock(), self.lease_seconds)):
                raise Transient("lease-lost", "it took too long and was handed to another worker")

    def _hop(self, job: FetchJob, rules: Rules | None, target: str) -> Fetched:
        if rules is not None:
            self._check(rules, target)
        self._hold_on(job)
        return self._page(job, target)

    def _page(self, job: FetchJob, url: str) -> Fetched:
        try:
            fetched = self.client.fetch(url)
        except BadInput as error:
            raise Rejected("invalid-url", str(error)) from error
        if fetched.content_type not in READABLE_TYPES:
            raise Rejected("wrong-type", f"{fetched.content_type} cannot hold an article that could be read")
        if not fetched.body.strip():
            raise Rejected("empty", "the page has no content")
        return fetched

    def _other(self, session: Session, job: FetchJob, result: Arrival, landed: str) -> tuple[str, int | None]:
        """Another link that this page is known by: where its redirects ended, or what the page calls itself."""
        other = links.identify(session, job.lease.id, landed)
        if other is not None or result.canonical_url == landed:
            return "redirect", other
        return "canonical-url", links.identify(session, job.lease.id, result.canonical_url)

    def _left(
        self, session: Session, job: FetchJob, error: FateError | None, now: datetime, *, hops: int = 0
    ) -> list[Work]:
        """Tell the host's row how it went. With no pause to keep, the links that waited for its rules need not wait for
        the dispatcher; one of them is gone on with."""
        hosts.note_answer(session, job.host, error, now, self.politeness)
        if hops and job.pause:
            hosts.hold_back(session, job.host, now + timedelta(seconds=hops * job.pause))
        if self.politeness.pause > 0:
            return []
        waited = job.rules is not None and not job.rules.fresh
        rounds = self.politeness.concurrency - 1 if waited else 0
        return [Work(Kind.FETCH, id) for _ in range(rounds) for id in due.next_of_host(session, job.host, now)]


def _was_asked(job: FetchJob, failure: FateError | None) -> bool:
    """Whether the job has asked its host for a page, and so leaves a turn to another link."""
    return not isinstance(failure, HostBusy) and (failure is None or failure is not job.refusal)


def _is_google_news(url: str) -> bool:
    parts = urlsplit(url)
    return parts.hostname == GOOGLE_NEWS and "/articles/" in parts.path
