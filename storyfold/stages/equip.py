"""What stages work with, made from the settings of an installation."""

from __future__ import annotations

from storyfold.feeds.schedule import Bounds
from storyfold.settings import Settings
from storyfold.stages.deliver import Deliver
from storyfold.stages.fetch import Fetch
from storyfold.stages.housekeeping import Keeping
from storyfold.stages.redelivery import Patience
from storyfold.stages.robots import RobotsFile, product_token
from storyfold.stages.work import RetryPolicy
from storyfold.store.engine import Sessions
from storyfold.store.hosts import Politeness
from storyfold.web.client import Client
from storyfold.web.exchange import Limits
from storyfold.web.guard import AddressGuard

# Seconds between polls of a feed whose rhythm is not known yet, within the bounds of the settings.
UNKNOWN_RHYTHM = 1800.0


# A worker that sends has this long to store what became of it, in seconds, before another sends again.
STORING_SECONDS = 5.0

# What is read of an endpoint's answer; of what it says little is kept.
ANSWER_BYTES = 65_536


def client(settings: Settings) -> Client:
    limits = Limits(
        wire_bytes=settings.fetch_bytes, decoded_bytes=settings.fetch_bytes, total_seconds=settings.fetch_seconds
    )
    return Client(_guard(settings), limits, settings.user_agent)


def deliver(settings: Settings) -> Deliver:
    seconds = settings.delivery_seconds
    limits = Limits(
        wire_bytes=ANSWER_BYTES, decoded_bytes=ANSWER_BYTES, total_seconds=seconds, connect_seconds=min(10.0, seconds)
    )
    patience = Patience(settings.delivery_retry_seconds, settings.delivery_pause_days)
    sender = Client(_guard(settings), limits, settings.user_agent)
    return Deliver(sender, patience, seconds + STORING_SECONDS)


def _guard(settings: Settings) -> AddressGuard:
    return AddressGuard([str(network) for network in settings.allow_networks])


def politeness(settings: Settings) -> Politeness:
    return Politeness(settings.host_concurrency, settings.host_pause)


def retry_policy(settings: Settings) -> RetryPolicy:
    return RetryPolicy(settings.fetch_attempts, settings.retry_seconds)


def fetch(settings: Settings, sessions: Sessions, client: Client) -> Fetch:
    retry = retry_policy(settings)
    robots = RobotsFile(sessions, client, product_token(settings.user_agent), retry)
    return Fetch(client, politeness(settings), retry, settings.lease_seconds, robots)


def poll_bounds(settings: Settings) -> Bounds:
    shortest, longest = settings.poll_min, settings.poll_max
    return Bounds(shortest, longest, unknown=min(max(UNKNOWN_RHYTHM, shortest), longest))


def keeping(settings: Settings) -> Keeping:
    return Keeping(
        pages=settings.page_keep_days,
        revisions=settings.revision_keep_days,
        index=settings.index_keep_days,
        changes=settings.change_keep_days,
        deliveries=settings.delivery_keep_days,
    )
