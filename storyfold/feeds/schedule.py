"""When to poll a feed next.

The interval follows the feed's own rhythm: half of the usual gap between entries, so that an entry waits a quarter of a
gap on average and most polls of a steady feed find something. A feed that has gone quiet is polled ever less often, a
failing one too, down to once a day (`Bounds.longest`), but never not at all: feeds come back after months, and giving
up after some number of errors is how readers lose them. What a server asks for is a floor under all of this.

Every time handed out is jittered, upwards only. Feeds that fail together (a host is down) would otherwise be polled in
the same second for ever after, and a floor must stay one.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

JITTER = 0.1
"""Share of the interval that is added at random. The burst after an outage is flat from here on (bench/scheduler)."""

ERROR_JITTER = 0.5
"""The same after an error: what failed together has to be torn apart within a few polls."""

LONGEST_ASKED = timedelta(days=7).total_seconds()
"""Seconds. A longer wait asked for by a cache lifetime or a ``ttl`` is a static file server's default, not a wish about
polling. ``Retry-After`` is about polling, and is honoured whatever it says."""

_RECENT = 20
_QUIET_SHARE = 0.1
_GONE_FACTOR = 7


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds between polls: never less than `shortest`; `unknown` for a feed whose rhythm is not known yet; at most
    `longest`, but where the server asks for more."""

    shortest: float = 300.0
    longest: float = 86_400.0
    unknown: float = 1_800.0


@dataclass(frozen=True, slots=True)
class NextPoll:
    at: datetime
    interval: float
    """Seconds the decision is about, before jitter: what the lag of a late poll is to be compared with."""


def next_poll(
    *,
    now: datetime,
    entry_times: Sequence[datetime],
    bounds: Bounds,
    random: Random,
    asked: float | None = None,
    not_before: datetime | None = None,
    errors: int = 0,
    gone: bool = False,
) -> NextPoll:
    """The time of the poll after one that ended at `now`.

    `entry_times` are publication times (or times of arrival) of known entries in any order; `asked` the seconds that
    the answer's cache headers or the feed itself ask for; `not_before` what a ``Retry-After`` named; `errors` the
    failed polls in a row; `gone` whether the last answer was 410.
    """
    interval = _floored(_rhythm(entry_times, now, bounds), asked)
    if errors:
        interval = max(interval, min(interval * 2.0 ** min(errors, 20), bounds.longest))
    if gone:
        interval = max(interval, bounds.longest * _GONE_FACTOR)
    spread = (ERROR_JITTER if errors or not_before else JITTER) * interval
    earliest = now + timedelta(seconds=interval)
    if not_before is not None:
        earliest = max(earliest, not_before)
    return NextPoll(earliest + timedelta(seconds=random.random() * spread), interval)


def first_poll(now: datetime, *, spread: float, random: Random) -> datetime:
    """When a feed that was just added is polled first: within `spread` seconds, so that an imported list does not come
    due in one second. Zero for a feed added by hand."""
    return now + timedelta(seconds=random.random() * spread)


def _rhythm(entry_times: Sequence[datetime], now: datetime, bounds: Bounds) -> float:
    """Half the usual gap of the recent entries, or a tenth of the silence since, within the bounds."""
    times = sorted((time for time in entry_times if time <= now), reverse=True)[:_RECENT]
    if not times:
        return bounds.unknown
    gaps = [(later - earlier).total_seconds() for later, earlier in itertools.pairwise(times)]
    usual = statistics.median(gaps) / 2 if gaps else bounds.unknown
    silence = (now - times[0]).total_seconds() * _QUIET_SHARE
    return min(max(usual, silence, bounds.shortest), bounds.longest)


def _floored(interval: float, asked: float | None) -> float:
    return max(interval, min(asked or 0.0, LONGEST_ASKED))
