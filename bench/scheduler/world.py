"""A web of feeds in simulated time: who publishes when, what servers ask for, and how they fail.

Made up, with a fixed seed, after what is known of real ones: most hosts have one feed and a few have hundreds; gaps
between entries are log-normal with a long tail; people sleep; a third of the servers send a cache lifetime; some feeds
are dead for good.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from storyfold.errors import FateError, Transient

START = datetime(2026, 5, 4, tzinfo=UTC)
DAY = 86_400.0
MEDIAN_GAP = 5 * 3_600.0
GAP_SIGMA = 1.7
PAST_ENTRIES = 20
TIME_OUT = 30.0


@dataclass(slots=True)
class Host:
    number: int
    dead: bool
    in_outage: bool
    seconds: float
    """What an answer takes, in the middle."""
    feeds: list[Feed] = field(default_factory=list)


@dataclass(slots=True)
class Feed:
    number: int
    host: Host
    entries: list[float]
    """Seconds since the start, ascending; the past is negative."""
    asked: float | None
    errors: int = 0
    interval: float = 0.0
    due: float = 0.0

    def recent(self, now: float) -> list[datetime]:
        """What a reader of the feed sees at `now`."""
        end = bisect_right(self.entries, now)
        return [moment(time) for time in self.entries[max(0, end - PAST_ENTRIES) : end]]

    def between(self, start: float, end: float) -> list[float]:
        return self.entries[bisect_left(self.entries, start) : bisect_left(self.entries, end)]


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Outage:
    """Half of the hosts answer nothing between the two."""

    start: float
    end: float

    def covers(self, host: Host, now: float) -> bool:
        return host.in_outage and self.start <= now < self.end


def make_world(count: int, days: float, random: Random) -> list[Feed]:
    feeds: list[Feed] = []
    hosts = 0
    while len(feeds) < count:
        host = Host(hosts, random.random() < 0.02, random.random() < 0.5, random.lognormvariate(-0.9, 0.7))
        hosts += 1
        for _ in range(min(_host_size(random), count // 50, count - len(feeds))):
            feed = Feed(len(feeds), host, _entries(days, random), _asked(random))
            host.feeds.append(feed)
            feeds.append(feed)
    return feeds


def answer(feed: Feed, now: float, outage: Outage, random: Random) -> tuple[float, FateError | None]:
    """Seconds an answer takes, and the error it ends in."""
    if feed.host.dead or outage.covers(feed.host, now):
        if random.random() < 0.5:
            return TIME_OUT, Transient("time-out")
        return 0.1, Transient("connection")
    seconds = min(feed.host.seconds * random.lognormvariate(0, 0.5), TIME_OUT)
    chance = random.random()
    if chance < 0.003:
        return seconds, Transient("rate-limited", retry_at=moment(now + random.choice([60, 600, 3_600])))
    if chance < 0.01:
        return seconds, Transient("server-error")
    return seconds, None


def _host_size(random: Random) -> int:
    """One feed for most; a tail as of hosting services."""
    return max(1, int(random.paretovariate(1.3)))


def _entries(days: float, random: Random) -> list[float]:
    gap = random.lognormvariate(math.log(MEDIAN_GAP), GAP_SIGMA)
    hour_of_sleep = random.random() * 24
    times, now = [], days * DAY
    while len(times) < 200_000 and (now >= 0 or sum(1 for time in times[-PAST_ENTRIES:] if time < 0) < PAST_ENTRIES):
        now -= random.expovariate(1 / gap)
        hour = (now / 3_600 - hour_of_sleep) % 24
        if hour >= 8 or random.random() < 0.15:
            times.append(now)
    return times[::-1]


def _asked(random: Random) -> float | None:
    chance = random.random()
    if chance < 0.30:
        return random.choice([60.0, 300.0, 600.0, 900.0, 3_600.0])
    return 3_600.0 if chance < 0.38 else 43_200.0 if chance < 0.40 else None
