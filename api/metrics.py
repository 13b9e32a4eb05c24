"""Figures for Prometheus, read from the store when asked for: the same from every process of the API."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.orm import Session

from storyfold.store.fates import count_fates
from storyfold.store.feed_figures import census
from storyfold.store.progress import queues
from storyfold.store.tables import Fate


def render(session: Session, now: datetime) -> bytes:
    """The figures in Prometheus' text format. Few queries, most answered by an index."""
    registry = CollectorRegistry()
    _queues(session, now, registry)
    fates = Gauge("storyfold_links", "Links known, by their fate.", ["fate"], registry=registry)
    counts = count_fates(session)
    for fate in Fate:
        fates.labels(fate).set(counts.get(fate, 0))
    _feeds(session, now, registry)
    return generate_latest(registry)


def _queues(session: Session, now: datetime, registry: CollectorRegistry) -> None:
    """Whether work moves, queue by queue; see `store.progress`."""

    def gauge(name: str, says: str) -> Gauge:
        return Gauge(f"storyfold_queue_{name}", says, ["queue"], registry=registry)

    due = gauge("due", "Items that are due, those in hand with them.")
    oldest = gauge("oldest_seconds", "For how long the oldest due item has waited.")
    in_hand = gauge("in_hand", "Items that a worker holds.")
    stalled = gauge("stalled", "1 where work is due for minutes and nobody does any.")
    for queue in queues(session, now):
        due.labels(queue.name).set(queue.due)
        oldest.labels(queue.name).set(queue.waits(now))
        in_hand.labels(queue.name).set(queue.in_hand)
        stalled.labels(queue.name).set(queue.is_stalled(now))


def _feeds(session: Session, now: datetime, registry: CollectorRegistry) -> None:
    counted = census(session, now)
    feeds = Gauge("storyfold_feeds", "Feeds: all, and those due, failing and paused.", ["state"], registry=registry)
    for state in ("watched", "due", "failing", "paused"):
        feeds.labels(state).set(getattr(counted, state))
    latest = Gauge("storyfold_feeds_latest_seconds", "How late the latest poll is.", registry=registry)
    latest.set(counted.latest_seconds)
    lag = Gauge(
        "storyfold_feeds_lag_p95_ratio", "How late the 95th of 100 feeds are, by their interval.", registry=registry
    )
    lag.set(counted.lag_p95)
