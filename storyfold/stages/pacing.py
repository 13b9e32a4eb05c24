"""Pacing: what polls and readings remember of a feed, and what that means for its next poll.

All of it is kept in the feed's `schedule` (JSON); times in it are ISO 8601. A key that is missing was never learned.

===================  ==================================================================================================
``times``            publication times (or times of arrival) of the newest entries: the rhythm
``asked``, ``fresh`` seconds that the feed, and the answer's cache headers, ask for
``interval``         seconds the last decision was about: what lag is to be compared with
``entries``          entries of the last reading
``body_at``          when a body last came; ``unchanged_at`` when the last 304 did
``probe``            whether the body in hand came without validators being sent, although there were some
``distrusted_until`` until when validators are left out, since they lied
``moved_to``         where the permanent redirects of the last poll led; ``move`` the move that is watched
``unreadable``       whether the last body was no feed
``gone``             whether the last answer was 410
``retry_at``         what the last answer's ``Retry-After`` named
===================  ==================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from storyfold.feeds.moves import Move, MoveDecision, after_poll
from storyfold.feeds.schedule import Bounds, NextPoll, next_poll

Schedule = dict[str, Any]

# Times of the newest entries that are remembered.
TIMES_KEPT = 20


@dataclass(frozen=True, slots=True)
class Pacer:
    """Decides when a feed is polled next, within the installation's bounds."""

    bounds: Bounds
    random: Random

    def plan(
        self, schedule: Schedule, now: datetime, *, errors: int = 0, not_before: datetime | None = None
    ) -> tuple[datetime, Schedule]:
        """-> (time of the next poll, the schedule with that decision noted)."""
        planned: NextPoll = next_poll(
            now=now,
            entry_times=entry_times(schedule),
            bounds=self.bounds,
            random=self.random,
            asked=asked_seconds(schedule),
            not_before=not_before,
            errors=errors,
            gone=bool(schedule.get("gone")),
        )
        return planned.at, schedule | {"interval": planned.interval}


def entry_times(schedule: Mapping[str, Any]) -> list[datetime]:
    """When the newest entries appeared, as the last reading found it."""
    return [datetime.fromisoformat(time) for time in schedule.get("times", ())]


def asked_seconds(schedule: Mapping[str, Any]) -> float | None:
    """The longest interval that the server's cache headers or the feed itself ask for."""
    asked = [seconds for seconds in (schedule.get("asked"), schedule.get("fresh")) if seconds]
    return max(asked, default=None)


def known_time(schedule: Mapping[str, Any], name: str) -> datetime | None:
    """The time kept under `name`."""
    kept = schedule.get(name)
    return datetime.fromisoformat(kept) if kept else None


def watch_move(schedule: Schedule, moved_to: str | None, now: datetime) -> tuple[Schedule, str | None]:
    """After a poll that ended in a feed at `moved_to`. -> (the schedule, the address to adopt where it has held)."""
    kept = schedule.get("move")
    watched = Move(kept["target"], datetime.fromisoformat(kept["since"]), kept["polls"]) if kept else None
    decision: MoveDecision = after_poll(watched, moved_to, now)
    move = decision.watched
    noted = {"target": move.target, "since": move.since.isoformat(), "polls": move.polls} if move else None
    return schedule | {"move": noted}, decision.adopt
