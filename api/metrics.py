"""Figures for Prometheus, read from the store when asked for: the same from every process of the API."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.orm import Session

from storyfold.store import work
from storyfold.store.fates import count_fates
from storyfold.store.feed_figures import census
from storyfold.store.tables import Fate, Stage


def render(session: Session, now: datetime) -> bytes:
    """The figures in Prometheus' text format. Few queries, most answered by an index."""
    registry = CollectorRegistry()
    waiting = Gauge(
        "storyfold_backlog_links", "Links that are due, by the stage they wait for.", ["stage"], registry=registry
    )
    oldest = Gauge(
        "storyfold_backlog_oldest_seconds", "For how long the oldest due link has waited.", ["stage"], registry=registry
    )
    fates = Gauge("storyfold_links", "Links known, by their fate.", ["fate"], registry=registry)
    backlog = {stage: (count, due) for stage, count, due in work.backlog(session, now)}
    for stage in Stage:
        count, due = backlog.get(stage, (0, None))
        waiting.labels(stage).set(count)
        oldest.labels(stage).set((now - due).total_seconds() if due else 0)
    counts = count_fates(session)
    for fate in Fate:
        fates.labels(fate).set(counts.get(fate, 0))
    _feeds(session, now, registry)
    return generate_latest(registry)


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
