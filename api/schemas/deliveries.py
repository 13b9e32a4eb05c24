"""Deliveries: what subscribers were sent, and what became of each message."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from api.schemas.base import Answer, Given, Id, Instant, QueryInstant, optional_id
from api.schemas.subscriptions import SubscriptionQuery
from storyfold.store.tables import Delivered, Delivery


class GivenRange(Given):
    """Which deliveries: of changes from `since` on and before `until`, in this state, else whether taken or not."""

    since: QueryInstant
    until: QueryInstant | None = None
    state: Delivered | None = None


class Replayed(Answer):
    replayed: int


class DeliveryQuery(SubscriptionQuery):
    """Which deliveries, newest first."""

    state: Delivered | None = None


class Try(Answer):
    """One try: the status the endpoint answered with, or the error; how long it took; how a refusal began."""

    at: datetime
    status: int | None
    error: str | None
    seconds: float | None
    answer: str | None


class DeliveryItem(Answer):
    """A message and what became of it. `kind` is `test` for a message that tells of no change."""

    id: Id
    message_id: str
    kind: str
    story_id: Id | None
    state: Delivered
    attempts: int
    next_attempt_at: Instant | None
    delivered_at: Instant | None
    changed_at: Instant
    last_try: Try | None

    @classmethod
    def of_delivery(cls, kept: Delivery, **more: object) -> Self:
        same = {name: getattr(kept, name) for name in cls.model_fields if hasattr(kept, name)}
        tries = [_try(tried) for tried in kept.tries]
        shown = {"id": str(kept.id), "story_id": optional_id(kept.story_id), "last_try": tries[-1] if tries else None}
        return cls.model_validate(same | shown | more)


class DeliveryRecord(DeliveryItem):
    """With the message as it was sent, and its last tries, oldest first."""

    body: str
    tries: list[Try]

    @classmethod
    def of_record(cls, kept: Delivery) -> Self:
        return cls.of_delivery(kept, tries=[_try(tried) for tried in kept.tries])


def _try(tried: dict[str, Any]) -> Try:
    return Try.model_validate({name: tried.get(name) for name in Try.model_fields})
