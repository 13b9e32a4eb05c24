"""Deliveries: the log of what subscribers were sent, and sending it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access import Actor
from api.openapi import answers
from api.schemas.base import Page, parse_id
from api.schemas.deliveries import DeliveryItem, DeliveryQuery, DeliveryRecord, GivenRange, Replayed
from api.services import Door
from storyfold.store import cursors, deliveries, subscriptions

_LIST = "deliveries"

router = APIRouter(prefix="/v1/subscriptions/{id}", tags=["subscriptions"])


@router.get("/deliveries", responses=answers(200, "Messages, newest first.", 404))
def list_deliveries(id: str, query: Annotated[DeliveryQuery, Query()], door: Door) -> Page[DeliveryItem]:
    """What the subscription was sent, and what became of it; kept for `STORYFOLD_DELIVERY_KEEP_DAYS`."""
    before = cursors.decode_id(query.cursor, _LIST) if query.cursor else None
    with door.reading() as session:
        kept = subscriptions.get(session, parse_id(id))
        found = deliveries.list_log(session, kept.id, state=query.state, before_id=before, limit=query.limit + 1)
    shown = found[: query.limit]
    more = cursors.encode(_LIST, shown[-1].id) if len(found) > query.limit else None
    return Page(items=[DeliveryItem.of_delivery(delivery) for delivery in shown], next_cursor=more)


@router.get("/deliveries/{delivery_id}", responses=answers(200, "The message.", 404))
def get_delivery(id: str, delivery_id: str, door: Door) -> DeliveryRecord:
    """One message as it was sent, with its last tries."""
    with door.reading() as session:
        return DeliveryRecord.of_record(deliveries.get(session, parse_id(id), parse_id(delivery_id)))


@router.post(
    "/deliveries/{delivery_id}/replay", status_code=202, responses=answers(202, "The message, to be sent again.", 404)
)
def replay_delivery(id: str, delivery_id: str, door: Door, actor: Actor) -> DeliveryItem:
    """Send one message again, whatever became of it: the same text under the same `webhook-id`."""
    with door.writing() as session:
        delivery = deliveries.replay(session, parse_id(id), parse_id(delivery_id), actor, door.now())
        item = DeliveryItem.of_delivery(delivery)
    door.bell.ring()
    return item


@router.post("/replay", status_code=202, responses=answers(202, "How many messages are sent again.", 404))
def replay_range(id: str, given: GivenRange, door: Door, actor: Actor) -> Replayed:
    """Send again what tells of the changes of some time; what is pending stays as it is."""
    with door.writing() as session:
        kept = subscriptions.get(session, parse_id(id))
        count = deliveries.replay_range(
            session, kept.id, actor, door.now(), since=given.since, until=given.until, state=given.state
        )
    door.bell.ring()
    return Replayed(replayed=count)


@router.post("/test", status_code=202, responses=answers(202, "The message, to be sent.", 404))
def send_test(id: str, door: Door) -> DeliveryItem:
    """Send a message of the type `test`, which tells of nothing, to see whether it arrives."""
    with door.writing() as session:
        kept = subscriptions.get(session, parse_id(id))
        item = DeliveryItem.of_delivery(deliveries.add_trial(session, kept.id, door.now()))
    door.bell.ring()
    return item
