"""Drawing links from host to host, so that a long queue of one host hides no other.

The queue of due links is looked at from its front, and only so far: hosts whose links are all behind that are found by
walking an index from one host to the next. Each host costs one probe, however many links it has, and a walk visits at
most `HOSTS_WALKED` of them from a random place on, so that a draw costs the same whatever waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, bindparam, text
from sqlalchemy.orm import Session

from storyfold.store.due import ring

HOSTS_WALKED = 1_000

FIRST_PLACE = -(2**63)
"""Hosts stand in the order of their hashes, signed 64-bit numbers."""

_WALK = text(
    """
    WITH RECURSIVE walk(place, steps) AS (
        SELECT (
            SELECT hashtextextended(host, 0) FROM links
            WHERE fate = 'pending' AND stage = 'fetch' AND hashtextextended(host, 0) >= :start
            ORDER BY hashtextextended(host, 0) LIMIT 1
        ), 1
        UNION ALL
        SELECT (
            SELECT hashtextextended(host, 0) FROM links
            WHERE fate = 'pending' AND stage = 'fetch' AND hashtextextended(host, 0) > walk.place
            ORDER BY hashtextextended(host, 0) LIMIT 1
        ), steps + 1 FROM walk WHERE place IS NOT NULL AND steps < :hosts
    )
    SELECT due.id FROM walk CROSS JOIN LATERAL (
        SELECT id FROM links
        WHERE fate = 'pending' AND stage = 'fetch' AND hashtextextended(host, 0) = walk.place
            AND next_attempt_at <= :now AND lease_token IS NULL AND (rung_until IS NULL OR rung_until < :now)
        ORDER BY next_attempt_at LIMIT :per_host
    ) AS due
    WHERE walk.place <> ALL (SELECT hashtextextended(host, 0) FROM links WHERE id = ANY(:drawn))
    LIMIT :limit
    """
).bindparams(bindparam("drawn", type_=ARRAY(BigInteger)))


def draw_hidden(
    session: Session, now: datetime, *, start: int, limit: int, per_host: int, drawn: Sequence[int]
) -> list[int]:
    """Links due for a fetch, at most `per_host` of one host, from the host at `start` on and around; rung for.

    Hosts that links were `drawn` of already are passed by.
    """
    found: list[int] = []
    for place in (start, FIRST_PLACE):
        asked = {"start": place, "now": now, "per_host": per_host, "hosts": HOSTS_WALKED, "drawn": [*drawn, *found]}
        if len(found) < limit:
            found += ring(session, list(session.scalars(_WALK, asked | {"limit": limit - len(found)})), now)
    return found
