"""How many requests a caller may send: counted in Redis, so that all processes of the API count together.

Where Redis is away each process counts by itself, and says so in its log: a limit protects from too much of a good
thing, and is no reason to turn everybody away (keys are; those are kept in PostgreSQL).

Counting is `limits`' sliding window: what was sent in the last minute, approximated from two counters of a caller.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60

# A request waits for Redis no longer than this; one that was away is left alone for a while.
_PATIENCE = 1.0
_SILENT_SECONDS = 5.0
_AWAY = (RedisError, OSError)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands: `remaining` of `quota` requests a minute are left; in `reset` seconds there are more."""

    quota: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 writes them."""
        told = {
            "RateLimit-Policy": f'"minute";q={self.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"minute";r={self.remaining};t={self.reset}',
        }
        return told | {"Retry-After": str(self.reset)} if self.exceeded else told


class Rates:
    """For many threads at once. `per_minute` is the limit of who has none of their own; 0 is none at all."""

    def __init__(self, redis_url: str, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._silent_until = float("-inf")
        self._pool = ConnectionPool.from_url(
            redis_url,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        together = RedisStorage("redis://", connection_pool=self._pool, key_prefix="storyfold-rates")
        self._together = SlidingWindowCounterRateLimiter(together)
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())

    def take(self, caller: str, per_minute: int | None = None) -> Standing | None:
        """Count one request of the caller. None where there is no limit."""
        quota = self._per_minute if per_minute is None else per_minute
        if not quota:
            return None
        item = RateLimitItemPerMinute(quota)
        if self._clock() >= self._silent_until:
            try:
                return _take(self._together, item, caller)
            except _AWAY as error:
                self._silent_until = self._clock() + _SILENT_SECONDS
                log.warning("Redis does not count requests (%s): this process counts its own", error)
        return _take(self._alone, item, caller)

    def close(self) -> None:
        self._pool.disconnect()


def network_of(address: str) -> str:
    """What of an address stands for one client: all of it, or the /64 that an IPv6 client chooses from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def _take(limiter: SlidingWindowCounterRateLimiter, item: RateLimitItemPerMinute, caller: str) -> Standing:
    taken = limiter.hit(item, caller)
    stats = limiter.get_window_stats(item, caller)
    reset = max(1, math.ceil(stats.reset_time - time.time()))
    return Standing(item.amount, stats.remaining, reset, exceeded=not taken)
