"""Feeds that say they have moved.

A permanent redirect that is not followed loses the feed when the old address dies; one that is believed at once lands
on a maintenance page or a captive portal. So it is followed at every poll, and adopted as the feed's address only when
it has led to the same place, and to a feed, for several polls over some days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

POLLS = 4
HELD = timedelta(days=2)
"""A weekend: longer than maintenance, shorter than anybody keeps paying for an old domain."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move that is being watched: where to, since when, and how many polls have seen it."""

    target: str
    since: datetime
    polls: int


@dataclass(frozen=True, slots=True)
class MoveDecision:
    """What to remember, and the address to adopt where it has held long enough."""

    watched: Move | None
    adopt: str | None = None


def after_poll(watched: Move | None, moved_to: str | None, now: datetime) -> MoveDecision:
    """The decision after a poll that ended in a feed (or in 304) at `moved_to`, None without a permanent redirect.

    A poll that failed says nothing about a move and is not passed on here.
    """
    if moved_to is None:
        return MoveDecision(None)
    if watched is None or watched.target != moved_to:
        return MoveDecision(Move(moved_to, now, 1))
    held = Move(moved_to, watched.since, watched.polls + 1)
    if held.polls >= POLLS and now - held.since >= HELD:
        return MoveDecision(None, adopt=moved_to)
    return MoveDecision(held)
