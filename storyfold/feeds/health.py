"""How a feed is doing, in words a person can act on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_SILENCE_FACTOR = 4.0
_LEAST_SILENCE = timedelta(days=2)
"""Nothing is silent over a weekend."""

_LEAST_ENTRIES = 5
_DEAD_AFTER = timedelta(days=30)
_FAILING_AFTER = 3


class FeedState(StrEnum):
    OK = "ok"
    SILENT = "silent"
    """It answers, but has brought nothing for far longer than it used to."""
    FAILING = "failing"
    """Several polls in a row ended in an error."""
    GONE = "gone"
    """The server says that it is gone for good (410). It is still asked, rarely."""
    DEAD = "dead"
    """No poll has succeeded for a month."""


@dataclass(frozen=True, slots=True)
class FeedHealth:
    state: FeedState
    silent_since: datetime | None
    """The time of the last entry, where the silence since is out of character."""
    lag_seconds: float
    """How late the next poll is; 0 while it is not due."""


def feed_health(
    *,
    now: datetime,
    entry_times: Sequence[datetime],
    next_poll_at: datetime,
    last_success: datetime | None,
    watched_since: datetime,
    error_streak: int,
    gone: bool = False,
) -> FeedHealth:
    """The state of a feed; times as the store keeps them, `entry_times` in any order."""
    silent = silent_since(entry_times, now)
    lag = max((now - next_poll_at).total_seconds(), 0.0)
    if gone:
        state = FeedState.GONE
    elif error_streak and now - (last_success or watched_since) >= _DEAD_AFTER:
        state = FeedState.DEAD
    elif error_streak >= _FAILING_AFTER:
        state = FeedState.FAILING
    else:
        state = FeedState.SILENT if silent else FeedState.OK
    return FeedHealth(state, silent, lag)


def silent_since(entry_times: Sequence[datetime], now: datetime) -> datetime | None:
    """When the last entry came, where the time since is more than four times the longest gap there was before, and more
    than two days; None for a feed in its usual rhythm or with too few entries to know one."""
    times = sorted(time for time in entry_times if time <= now)
    if len(times) < _LEAST_ENTRIES:
        return None
    longest = max(later - earlier for earlier, later in itertools.pairwise(times))
    return times[-1] if now - times[-1] > max(_SILENCE_FACTOR * longest, _LEAST_SILENCE) else None
