"""robots.txt on the way of a page: what is kept of it, who fetches it, and what it means for a URL.

It is asked for once a day and origin, by whoever first wants a page there, as a request of the host's own turns. While
one worker asks, the others wait; no transaction is open meanwhile. Where nobody knows what it says (5xx, no
connection; RFC 9309, 2.3.1.4) no page is fetched: the link has failed this time, by the same error, and so has every
other link of the origin until its file may be asked for again, which is when the next try of the asking link is due.

Only pages that Storyfold found by itself or was handed as links are subject to it. A feed is polled because a person
subscribed to it, a page of `storyfold match` is fetched because a person named it: as feed readers and browsers do,
these do not ask. (Google's Feedfetcher, Miniflux, FreshRSS and NewsBlur handle subscribed feeds the same way.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from storyfold.errors import FateError, HostBusy, Rejected, Transient
from storyfold.feeds.freshness import fresh_seconds
from storyfold.stages.work import RetryPolicy
from storyfold.store import robots as store
from storyfold.store.engine import Sessions
from storyfold.web.client import Client
from storyfold.web.robots import KeptRobots, Verdict, crawl_delay, robots_missing, robots_read, robots_url, verdict

ACCEPT_ROBOTS = "text/plain, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept of an origin's file. `text` and `error` are null where it was never asked for."""

    origin: str
    text: str | None
    error: str | None
    expires_at: datetime
    fresh: bool


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """The rules of hosts, with what it takes to ask for them. `agent` is the product token they may name."""

    sessions: Sessions
    client: Client
    agent: str
    retry: RetryPolicy
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def find(self, session: Session, url: str, now: datetime) -> Rules:
        """What is kept for the origin of `url`. Raises `HostBusy` while another worker asks for it."""
        origin = origin_of(url)
        row = store.get_robots(session, origin)
        if row is None:
            return Rules(origin, None, None, now, fresh=False)
        if row.expires_at > now:
            return Rules(origin, row.text, row.error, row.expires_at, fresh=True)
        if row.asking_until is not None and row.asking_until > now:
            raise HostBusy("robots-asked", retry_at=now)
        return Rules(origin, row.text, None, row.expires_at, fresh=False)

    def take_asking(self, session: Session, rules: Rules, now: datetime, until: datetime) -> bool:
        """Take it upon oneself to `ask`, in the transaction of a claim; False where another was faster."""
        return store.take_asking(session, rules.origin, now, until)

    def ask(self, rules: Rules, host: str, attempts: int) -> tuple[Rules, float]:
        """Fetch the file and keep what it says. -> (the rules, the seconds between requests that the host asks for).

        `attempts` is how often the asking link was tried: where the host fails, it is asked again at the link's next.
        """
        kept, error = self._fetch(rules, attempts)
        text = None if error else kept.text
        delay = crawl_delay(text, self.agent) if text else 0.0
        with self.sessions.begin() as session:
            if error is None:
                store.keep_crawl_delay(session, host, delay)  # first, as a claim locks the host before its file
            store.keep_robots(session, rules.origin, text, error.reason if error else None, kept.expires_at)
        if error is not None:
            raise Transient(error.reason, f"its robots.txt cannot be had: {error}", retry_at=error.retry_at)
        return Rules(rules.origin, text, None, kept.expires_at, fresh=True), delay

    def refusal(self, rules: Rules, url: str) -> FateError | None:
        """Why `url` must not be fetched under fresh rules, None where it may."""
        if rules.text is None:
            return Transient(
                rules.error or "server-error", "its host's robots.txt cannot be had", retry_at=rules.expires_at
            )
        if verdict(rules.text, url, self.agent) is Verdict.DISALLOWED:
            return Rejected("robots", f"{rules.origin}/robots.txt asks {self.agent} not to fetch it")
        return None

    def _fetch(self, rules: Rules, attempts: int) -> tuple[KeptRobots, Transient | None]:
        """What to keep of the file, and the error where nobody knows what it says."""
        try:
            fetched = self.client.fetch(robots_url(rules.origin), accept=ACCEPT_ROBOTS)
        except FateError as error:
            now = self.clock()
            kept = robots_missing(error, rules.text, now)
            if isinstance(error, Transient) and rules.text is None:
                again = self.retry.next_try(min(attempts, self.retry.attempts - 1), error, now) or now
                return KeptRobots(kept.text, min(kept.expires_at, again)), error
            return kept, None
        now = self.clock()
        return robots_read(fetched.body, now, fresh_seconds(fetched.headers, now)), None


def origin_of(url: str) -> str:
    """Scheme, host and port of a canonical URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def product_token(user_agent: str) -> str:
    """The name by which a robots.txt can address us: what stands before the version."""
    return user_agent.partition("/")[0].partition(" ")[0]
