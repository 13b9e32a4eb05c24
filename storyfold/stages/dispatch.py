"""Dispatch: draws what is due from PostgreSQL and says which doorbells to ring. Frees leases that ran out first."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storyfold.logs import about
from storyfold.stages.kinds import Kind
from storyfold.stages.work import Work
from storyfold.store import due, feeds, leases, subscription_work, turns
from storyfold.store.leases import Lost
from storyfold.store.tables import Stage

log = logging.getLogger(__name__)

# Doorbells that may wait in one queue. Due work beyond it stays where it is kept, in PostgreSQL.
QUEUE_DEPTH = 500

# Whoever digests goes on with the pages that wait, and rings for the next when it stops: so many doorbells a second set
# any number of processes going.
DIGESTS_DEPTH = 32

# A doorbell for folding brings at least so many with it (see `stages.fold`). One for each would only find, one by one,
# what was digested since, and articles that are folded one by one cost several times as much.
FOLDED_TOGETHER = 32

# Endpoints that are slow or fail may keep so many of the workers' threads waiting.
SLOW_ENDPOINTS_AT_ONCE = 4

_ONE_AT_A_TIME = 7_305_002
_LINK_KINDS = {Kind.FETCH: Stage.FETCH, Kind.DIGEST: Stage.DIGEST, Kind.FOLD: Stage.FOLD}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Draws at most `per_host` fetches and polls of one host at a time."""

    per_host: int
    random: Random = field(default_factory=Random)

    def draw(self, session: Session, waiting: Mapping[Kind, int], now: datetime) -> list[Work]:
        """The doorbells to ring, given how many wait in each queue. Dispatchers take turns, so none rings twice."""
        session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        for lost in leases.sweep(session, now):
            _tell(lost)
        drawn: list[Work] = []
        for kind in (Kind.POLL, Kind.READ, Kind.DELIVER, *_LINK_KINDS):
            room = (DIGESTS_DEPTH if kind is Kind.DIGEST else QUEUE_DEPTH) - waiting.get(kind, 0)
            if room > 0:
                drawn += [Work(kind, id) for id in self._draw_kind(session, kind, room, now)]
        return drawn

    def _draw_kind(self, session: Session, kind: Kind, room: int, now: datetime) -> list[int]:
        if kind is Kind.POLL:
            return feeds.draw_due_feeds(session, now, limit=room, per_host=self.per_host)
        if kind is Kind.READ:
            return feeds.draw_unread(session, now, limit=room)
        if kind is Kind.DELIVER:
            return subscription_work.draw_due(session, now, limit=room, slow_at_once=SLOW_ENDPOINTS_AT_ONCE)
        if kind is Kind.FETCH:
            return self._draw_fetches(session, room, now)
        drawn = due.draw_due(session, _LINK_KINDS[kind], now, limit=room)
        return _batches(session, drawn) if kind is Kind.FOLD else drawn

    def _draw_fetches(self, session: Session, room: int, now: datetime) -> list[int]:
        """Of every host some: the longest due, and where few hosts have them all, those of the others."""
        drawn = due.draw_due(session, Stage.FETCH, now, limit=room, per_host=self.per_host)
        if len(drawn) < room and due.is_crowded(session, now):
            start = self.random.getrandbits(64) + turns.FIRST_PLACE
            limit = room - len(drawn)
            drawn += turns.draw_hidden(session, now, start=start, limit=limit, per_host=self.per_host, drawn=drawn)
        return drawn


def _batches(session: Session, drawn: list[int]) -> list[int]:
    """One of each batch that is folded together, and each of those that are folded alone."""
    alone = due.suspects(session, drawn)
    return [*(id for id in drawn if id in alone), *[id for id in drawn if id not in alone][::FOLDED_TOGETHER]]


def _tell(lost: Lost) -> None:
    """Whose worker died or hung: of a link, a line on its way."""
    outcome = "killed-worker" if lost.given_up else "lease-lost"
    log.warning("dispatch: %s", outcome, extra=about(**{lost.kind: lost.id}, stage="dispatch", outcome=outcome))
