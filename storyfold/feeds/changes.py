"""Whether a poll brought anything: the hash of a body, the rare unconditional probe, and servers that lie about 304.

Some servers answer 304 whatever has changed (a cache in front that never looks). The validators are trusted as a rule,
since ignoring them costs sites dearly; but a feed that has answered nothing else for days is asked once without them.
When that brings entries that were out before the last 304, the validators lied and are not sent again for a while.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

PROBE_AFTER = timedelta(days=3)
"""Without a body for that long, validators are left out once: ten requests a month at the most."""

DISTRUST = timedelta(days=30)
"""How long the validators of a server that lied are left out."""

_GRACE = timedelta(hours=1)


def body_hash(body: bytes) -> str:
    """Equal for equal bytes; what makes an unchanged feed cost no parse, whatever its headers say."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def ask_unconditionally(now: datetime, *, last_body_at: datetime | None, distrusted_until: datetime | None) -> bool:
    """Whether to leave the validators out of the next poll. `last_body_at` is when the last 200 came."""
    if distrusted_until is not None and now < distrusted_until:
        return True
    return last_body_at is None or now - last_body_at >= PROBE_AFTER


def validators_lied(new_entry_times: Sequence[datetime], last_unchanged_at: datetime | None) -> bool:
    """Whether a 304 hid something: a new entry is dated before the last 304, by more than an hour of clock and cache.

    `new_entry_times` are the publication times of entries that were not known before this poll.
    """
    if last_unchanged_at is None:
        return False
    return any(time < last_unchanged_at - _GRACE for time in new_entry_times)
