"""How fast a host may be asked: what it says, and how it bears up.

The pause between two requests to a host is the installation's own, the host's ``Crawl-delay``, or what its trouble has
made of it, whichever is longest. Trouble doubles the pause, quiet halves it: a host that answers 429 is found a pace
that it can stand, and is let go again when it can.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from storyfold.errors import FateError, Transient

LONGEST_PAUSE = 60.0
"""Seconds between two requests to a host in trouble; beyond that it is its ``Retry-After`` that counts."""

_FIRST_PAUSE = 2.0
_EASING = 0.9
_TROUBLE = frozenset({"rate-limited", "server-error", "time-out"})


def pause_after(error: FateError | None, pause: float, *, least: float) -> float:
    """Seconds to leave between requests from now on.

    `pause` is what was left so far, `least` what the installation and the host's robots.txt ask for at any time. An
    answer eases it by a tenth; ``rate-limited`` doubles it, to two seconds at the least; ``server-error`` and
    ``time-out`` lengthen it by half. Other errors say nothing about the host's strength.
    """
    if error is None:
        eased = pause * _EASING
        return max(eased, least) if eased > 1.1 * least else least
    if not isinstance(error, Transient) or error.reason not in _TROUBLE:
        return max(pause, least)
    harder = 2 * pause if error.reason == "rate-limited" else 1.5 * pause
    return max(min(max(harder, _FIRST_PAUSE), LONGEST_PAUSE), least)


def quiet_until(error: FateError | None, now: datetime) -> datetime | None:
    """Until when the whole host is left alone: what its 429 or 503 named, but at most a day."""
    retry_at = error.retry_at if isinstance(error, Transient) else None
    return min(retry_at, now + timedelta(days=1)) if retry_at else None
