"""What follows from a try that failed: pure decisions on values.

An endpoint that does not take a message is tried again after 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 6 h and then each
12 h (with the default first wait; each wait is spread by a fifth, so that endpoints that fell together are not asked
together). The waits of the scheme's recommendation (https://www.standardwebhooks.com) reach as far.

Order is kept while it can be: a message that is not taken holds up those behind it for its first `HOLDING` tries (some
two minutes). Then it steps aside and the next has its turn: either the endpoint cannot take that one message, or it is
down, which the next will tell.

A message is given up after `TRIES` tries (some three days) if the endpoint took others meanwhile. An endpoint that
takes none is not given up message by message: it is paused after some days of that, with everything it is owed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

HOLDING = 4
TRIES = 14

_GROWTH = 4
_LONGEST = timedelta(hours=12)
_SPREAD = 0.2

# No endpoint's Retry-After holds it up for longer.
_LONGEST_ASKED = timedelta(days=1)

GONE = 410


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed. `attempts` of this message, this one included; `streak` of failed tries in a row at the
    endpoint, likewise; `failing_since` is the first of those. `took_others` says that the endpoint took a message after
    this one was noted. `status` is null where none came."""

    attempts: int
    streak: int
    failing_since: datetime
    took_others: bool
    status: int | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """When the message is tried again (None: never), when the endpoint is asked for anything, and why it is paused."""

    again_at: datetime | None
    not_before: datetime
    paused_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """The first wait in seconds, and the days of failing after which an endpoint is paused."""

    seconds: float
    days: float

    def judge(self, failure: Failure, now: datetime, random: Random) -> Verdict:
        """What follows from the failure."""
        again_at = now + self._wait(max(failure.attempts, failure.streak), random)
        not_before = again_at
        if failure.attempts >= HOLDING:
            not_before = now + self._wait(1 if failure.attempts == HOLDING else failure.streak, random)
        if failure.retry_at is not None:
            asked = min(failure.retry_at, now + _LONGEST_ASKED)
            again_at, not_before = max(again_at, asked), max(not_before, asked)
        given_up = failure.attempts >= TRIES and failure.took_others
        return Verdict(None if given_up else again_at, not_before, self._pause(failure, now))

    def _wait(self, tries: int, random: Random) -> timedelta:
        # a power that no wait reaches would be no number any more
        wait = min(timedelta(seconds=self.seconds * _GROWTH ** min(tries - 1, 20)), _LONGEST)
        return wait * random.uniform(1 - _SPREAD, 1 + _SPREAD)

    def _pause(self, failure: Failure, now: datetime) -> str | None:
        if failure.status == GONE:
            return "the endpoint answered 410 Gone"
        if now - failure.failing_since >= timedelta(days=self.days):
            since = failure.failing_since.strftime("%Y-%m-%d %H:%M:%SZ")
            return f"the endpoint has taken nothing since {since}"
        return None
