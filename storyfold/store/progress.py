"""Whether work moves: what is due in each queue, for how long, how much is in hand, when something was last finished.

Read from the store alone, so every process says the same, and says it while workers, beat or Redis are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

STALLED_AFTER = timedelta(minutes=5)
"""Far longer than a doorbell is believed in, a lease lasts or beat pauses: what is due for so long, and touched by
nobody, waits for a worker that is not there."""

REPAIR_STALLED_AFTER = timedelta(minutes=30)
"""A look at stories that changed takes as long as it takes; nothing of it can be seen until it is done."""


@dataclass(frozen=True, slots=True)
class Queue:
    """`due` items, the oldest due since `oldest`; `in_hand` of them are being worked on.

    `last_done` is when something was last finished, where that is known.
    """

    name: str
    due: int
    oldest: datetime | None
    in_hand: int
    last_done: datetime | None

    def waits(self, now: datetime) -> float:
        """Seconds for which the oldest due item has waited; 0 where nothing is due."""
        return max((now - self.oldest).total_seconds(), 0.0) if self.oldest else 0.0

    def is_stalled(self, now: datetime) -> bool:
        """Work is there, has been for long, and nobody does any: a long queue that moves is not stalled."""
        limit = REPAIR_STALLED_AFTER if self.name == "repair" else STALLED_AFTER
        moved = self.in_hand > 0 or (self.last_done is not None and now - self.last_done <= limit)
        return self.oldest is not None and now - self.oldest > limit and not moved


def queues(session: Session, now: datetime) -> Sequence[Queue]:
    """Every kind of work, in the order in which an article comes by."""
    return [Queue(*row) for row in session.execute(text(_QUEUES), {"now": now})]


def is_anything_due(session: Session, now: datetime) -> bool:
    """Whether a dispatcher may find anything to draw or to free: one statement for the seconds in which it does not."""
    return bool(session.scalar(text(_ANYTHING), {"now": now}))


_ANYTHING = """
SELECT EXISTS (SELECT FROM links WHERE fate = 'pending' AND next_attempt_at <= :now)
    OR EXISTS (SELECT FROM links WHERE lease_token IS NOT NULL)
    OR EXISTS (SELECT FROM feeds WHERE unread_page_id IS NOT NULL)
    OR EXISTS (SELECT FROM feeds WHERE lease_token IS NOT NULL)
    OR EXISTS (SELECT FROM feeds WHERE next_poll_at <= :now AND NOT paused)
    OR EXISTS (SELECT FROM subscriptions WHERE paused_at IS NULL OR leased_until < :now)
"""


_QUEUES = """
WITH links_due AS (
    SELECT stage, count(*) AS due, min(next_attempt_at) AS oldest,
        count(*) FILTER (WHERE leased_until > :now) AS in_hand
    FROM links WHERE fate = 'pending' AND next_attempt_at <= :now GROUP BY stage
), feeds_due AS (
    SELECT unread_page_id IS NOT NULL AS unread, count(*) AS due,
        count(*) FILTER (WHERE leased_until > :now) AS in_hand,
        min(CASE WHEN unread_page_id IS NULL THEN greatest(next_poll_at, coalesce(not_before, next_poll_at))
            ELSE last_polled_at END) AS oldest
    FROM feeds
    WHERE unread_page_id IS NOT NULL
        OR (NOT paused AND next_poll_at <= :now AND (not_before IS NULL OR not_before <= :now))
    GROUP BY 1
)
SELECT queue, coalesce(due, 0), oldest, coalesce(in_hand, 0), last_done FROM (
    SELECT 1 AS place, 'poll' AS queue, due, oldest, in_hand, (SELECT max(last_polled_at) FROM feeds) AS last_done
    FROM (VALUES (false)) AS v (unread) LEFT JOIN feeds_due USING (unread)
    UNION ALL
    SELECT 2, 'read', due, oldest, in_hand, (SELECT max(last_success) FROM feeds)
    FROM (VALUES (true)) AS v (unread) LEFT JOIN feeds_due USING (unread)
    UNION ALL
    SELECT 3, 'fetch', due, oldest, in_hand, (SELECT fetched_at FROM pages ORDER BY id DESC LIMIT 1)
    FROM (VALUES ('fetch')) AS v (stage) LEFT JOIN links_due USING (stage)
    UNION ALL
    SELECT 4, 'digest', due, oldest, in_hand, (SELECT arrived_at FROM articles ORDER BY id DESC LIMIT 1)
    FROM (VALUES ('digest')) AS v (stage) LEFT JOIN links_due USING (stage)
    UNION ALL
    SELECT 5, 'fold', due, oldest, in_hand, (
        SELECT folded_at FROM articles WHERE id = (SELECT article_id FROM fingerprints ORDER BY sequence DESC LIMIT 1)
    )
    FROM (VALUES ('fold')) AS v (stage) LEFT JOIN links_due USING (stage)
    UNION ALL
    SELECT 6, 'repair', count(*), min(since), 0, NULL FROM (
        SELECT updated_at AS since FROM stories
        WHERE merged_into IS NULL AND (repaired_at IS NULL OR repaired_at < updated_at)
        UNION ALL SELECT created_at FROM evidence WHERE data IS NULL
    ) AS second_look
    UNION ALL
    SELECT 7, 'deliver', count(*), min(greatest(next_attempt_at, coalesce(not_before, next_attempt_at))),
        count(*) FILTER (WHERE leased_until > :now), max(last_success)
    FROM deliveries JOIN subscriptions ON subscriptions.id = subscription_id
    WHERE state = 'pending' AND paused_at IS NULL AND next_attempt_at <= :now
        AND (not_before IS NULL OR not_before <= :now)
) AS every ORDER BY place
"""
