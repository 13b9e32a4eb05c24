"""Twenty thousand feeds for a week, in simulated time: requests, lag, bursts, fairness.

usage: python bench/scheduler/run.py [--feeds 20000] [--days 7] [--slots 96] [--seed 1]

The decisions are the service's own (`feeds.schedule`, `web.politeness`); the clock, the feeds and the network are made
up (`world.py`). A dispatcher looks once a second for what is due, longest due first; `--slots` polls run at once, two
of one host at the most, with a second between their starts. On the fourth day half of all hosts fail for six hours.
The first day is left out: the list is imported then. Exits 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import heapq
import sys
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from world import DAY, Feed, Host, Outage, answer, make_world, moment

from storyfold.errors import FateError, Transient
from storyfold.feeds.schedule import Bounds, first_poll, next_poll
from storyfold.web.politeness import pause_after, quiet_until

PAUSE = 1.0
AT_ONCE = 2
TICK = 1.0
IMPORT_SPREAD = 3_600.0
BOUNDS = Bounds()
LAG_BAR = 0.10
PEAK_BAR = 1.5


@dataclass(slots=True)
class Line:
    """A host's queue and its turn."""

    waiting: list[tuple[float, int]] = field(default_factory=list)
    open: int = 0
    pause: float = PAUSE
    next_start: float = 0.0
    last_start: float = -1e9


@dataclass
class Seen:
    """What is counted from the second day on."""

    lags: list[float] = field(default_factory=list)
    late_seconds: list[float] = field(default_factory=list)
    lags_by_size: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    delays: list[float] = field(default_factory=list)
    per_minute: Counter[int] = field(default_factory=Counter)
    worst_burst: int = 0
    most_at_once: int = 0
    least_gap: float = 1e9
    most_slots: int = 0
    before_asked: int = 0


class Simulation:
    def __init__(self, feeds: list[Feed], outage: Outage, slots: int, random: Random) -> None:
        self.feeds, self.outage, self.random = feeds, outage, random
        self.slots = slots
        self.running: list[tuple[float, int, FateError | None]] = []
        self.due: list[tuple[float, int]] = []
        self.ready: set[int] = set()
        self.lines: dict[int, Line] = defaultdict(Line)
        self.starts: dict[int, deque[float]] = defaultdict(deque)
        self.last_success = [0.0] * len(feeds)
        self.not_before = [0.0] * len(feeds)
        self.seen = Seen()
        for feed in feeds:
            feed.due = (first_poll(moment(0), spread=IMPORT_SPREAD, random=random) - moment(0)).total_seconds()
            feed.interval = BOUNDS.unknown
            heapq.heappush(self.due, (feed.due, feed.number))

    def run(self, days: float) -> Seen:
        now = 0.0
        while now < days * DAY:
            self._finish(now)
            self._draw(now)
            self._start(now)
            now += TICK
        return self.seen

    def _draw(self, now: float) -> None:
        while self.due and self.due[0][0] <= now:
            due, number = heapq.heappop(self.due)
            host = self.feeds[number].host.number
            heapq.heappush(self.lines[host].waiting, (due, number))
            self.ready.add(host)

    def _start(self, now: float) -> None:
        """Longest due first over all hosts whose turn has come."""
        turns = [(self.lines[host].waiting[0], host) for host in self.ready if self._may_start(self.lines[host], now)]
        heapq.heapify(turns)
        while turns and len(self.running) < self.slots:
            (due, number), host = heapq.heappop(turns)
            line = self.lines[host]
            heapq.heappop(line.waiting)
            if not line.waiting:
                self.ready.discard(host)
            self._poll(self.feeds[number], line, due, now)

    def _may_start(self, line: Line, now: float) -> bool:
        return line.open < AT_ONCE and now >= line.next_start

    def _poll(self, feed: Feed, line: Line, due: float, now: float) -> None:
        seconds, error = answer(feed, now, self.outage, self.random)
        self._count(feed, line, due, now)
        line.open += 1
        line.last_start = now
        line.next_start = now + line.pause
        heapq.heappush(self.running, (now + seconds, feed.number, error))

    def _finish(self, now: float) -> None:
        while self.running and self.running[0][0] <= now:
            end, number, error = heapq.heappop(self.running)
            feed = self.feeds[number]
            line = self.lines[feed.host.number]
            line.open -= 1
            line.pause = pause_after(error, line.pause, least=PAUSE)
            quiet = quiet_until(error, moment(end))
            if quiet is not None:
                line.next_start = max(line.next_start, (quiet - moment(0)).total_seconds())
            self._reschedule(feed, end, error)

    def _reschedule(self, feed: Feed, now: float, error: FateError | None) -> None:
        if error is None:
            if now >= DAY:
                self.seen.delays.extend(now - entry for entry in feed.between(self.last_success[feed.number], now))
            self.last_success[feed.number] = now
        feed.errors = feed.errors + 1 if error else 0
        decision = next_poll(
            now=moment(now),
            entry_times=feed.recent(self.last_success[feed.number]),
            bounds=BOUNDS,
            random=self.random,
            asked=feed.asked,
            not_before=error.retry_at if isinstance(error, Transient) else None,
            errors=feed.errors,
        )
        feed.due, feed.interval = (decision.at - moment(0)).total_seconds(), decision.interval
        self.not_before[feed.number] = now + (feed.asked or 0)
        heapq.heappush(self.due, (feed.due, feed.number))

    def _count(self, feed: Feed, line: Line, due: float, now: float) -> None:
        if now < DAY:
            return
        seen = self.seen
        seen.lags.append((now - due) / feed.interval)
        seen.late_seconds.append(now - due)
        seen.lags_by_size[_size(feed.host)].append((now - due) / feed.interval)
        seen.per_minute[int(now // 60)] += 1
        seen.most_at_once = max(seen.most_at_once, line.open + 1)
        seen.least_gap = min(seen.least_gap, now - line.last_start)
        seen.most_slots = max(seen.most_slots, len(self.running) + 1)
        seen.before_asked += now < self.not_before[feed.number]
        starts = self.starts[feed.host.number]
        starts.append(now)
        while starts[0] <= now - 60:
            starts.popleft()
        seen.worst_burst = max(seen.worst_burst, len(starts))


def _size(host: Host) -> str:
    count = len(host.feeds)
    return "1 feed" if count == 1 else "2 to 10 feeds" if count <= 10 else "over 10 feeds"


def report(seen: Seen, feeds: list[Feed], outage: Outage, days: float) -> int:
    minutes = np.array([seen.per_minute[minute] for minute in range(int(DAY // 60), int(days * DAY // 60))])
    first = int(DAY // 60)
    span = (int(outage.start // 60) - first, int(outage.end // 60) - first)
    after = minutes[span[1] : span[1] + 18 * 60]
    same_hours = minutes[span[1] - 1_440 : span[1] - 1_440 + min(18 * 60, 1_440 - (span[1] - span[0]))]
    normal, peak = float(np.mean(same_hours)), int(after.max())
    lag = float(np.percentile(seen.lags, 95))
    print(f"{len(feeds)} feeds on {len({feed.host.number for feed in feeds})} hosts, {days:g} simulated days\n")
    print(f"requests a day                 {sum(minutes) / (days - 1):12,.0f}")
    print(f"lag, share of interval, p95    {lag:12.4f}   bar {LAG_BAR}")
    print(f"lag in seconds, p50 p95 max    {_percentiles(seen.late_seconds)}")
    for size, lags in sorted(seen.lags_by_size.items()):
        print(f"  lag p95, hosts of {size:13}{float(np.percentile(lags, 95)):12.4f}   {len(lags)} polls")
    print(f"entry to poll, minutes, p50    {median(seen.delays) / 60:12.1f}")
    print(f"most at once on one host       {seen.most_at_once:12}   bar {AT_ONCE}")
    print(f"least seconds between starts   {seen.least_gap:12.2f}   bar {PAUSE}")
    print(f"worst minute of one host       {seen.worst_burst:12}")
    print(f"polls before what was asked    {seen.before_asked:12}   bar 0")
    print(f"polls at once, at the most     {seen.most_slots:12}")
    print(f"requests a minute, normal      {normal:12.1f}   highest minute of those hours {same_hours.max()}")
    print(
        f"in the outage, mean and peak   {minutes[span[0] : span[1]].mean():12.1f}   {minutes[span[0] : span[1]].max()}"
    )
    print(f"after the outage, peak         {peak:12}   {peak / normal:.2f} times normal, bar {PEAK_BAR}")
    kept = lag <= LAG_BAR and seen.most_at_once <= AT_ONCE and seen.least_gap >= PAUSE and seen.before_asked == 0
    return 0 if kept and peak <= PEAK_BAR * normal else 1


def _percentiles(values: list[float]) -> str:
    return "".join(f"{value:12.1f}" for value in (*np.percentile(values, [50, 95]), max(values)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=20_000)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--slots", type=int, default=96)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = Random(options.seed)
    started = time.perf_counter()
    feeds = make_world(options.feeds, options.days, random)
    outage = Outage(3.5 * DAY, 3.75 * DAY)
    seen = Simulation(feeds, outage, options.slots, random).run(options.days)
    code = report(seen, feeds, outage, options.days)
    print(f"\n{time.perf_counter() - started:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
