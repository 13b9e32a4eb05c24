"""Subscriptions: outbound webhooks, signed, tried again, logged and replayable."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.access import Actor
from api.openapi import answers
from api.schemas.base import Page, parse_id
from api.schemas.changes import place_behind
from api.schemas.subscriptions import (
    ChangedSubscription,
    GivenPause,
    GivenSubscription,
    NewSecret,
    NewSubscription,
    SubscriptionItem,
    SubscriptionQuery,
)
from api.services import Door
from storyfold.store import cursors, deliveries, subscriptions
from storyfold.store.tables import Subscription

_LIST = "subscriptions"

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"])


@router.post("", status_code=201, responses=answers(201, "The subscription, with its secret."))
def subscribe(given: GivenSubscription, response: Response, door: Door, actor: Actor) -> NewSubscription:
    """Have an endpoint told of changes, by the Standard Webhooks scheme.

    Messages are sent one after the other, in the order of `/v1/changes`, each at least once: the same message has the
    same `webhook-id`. An endpoint that takes none is tried again for days, then paused; one that answers 410 at once.
    """
    with door.writing() as session:
        after = None if given.cursor is None else place_behind(given.cursor, session)
        made, secret = subscriptions.make(session, given.wanted(), actor, door.now(), after=after)
    response.headers["Location"] = f"/v1/subscriptions/{made.id}"
    door.bell.ring()
    return NewSubscription.of_subscription(made, 0, secret=secret)


@router.get("", responses=answers(200, "Subscriptions in the order in which they were made."))
def list_subscriptions(query: Annotated[SubscriptionQuery, Query()], door: Door) -> Page[SubscriptionItem]:
    """Who is told of what, and how it goes."""
    after = cursors.decode_id(query.cursor, _LIST) if query.cursor else 0
    with door.reading() as session:
        found = subscriptions.list_all(session, after_id=after, limit=query.limit + 1)
        shown = found[: query.limit]
        pending = deliveries.count_pending(session, [kept.id for kept in shown])
    more = cursors.encode(_LIST, shown[-1].id) if len(found) > query.limit else None
    items = [SubscriptionItem.of_subscription(kept, pending.get(kept.id, 0)) for kept in shown]
    return Page(items=items, next_cursor=more)


@router.get("/{id}", responses=answers(200, "The subscription.", 404))
def get_subscription(id: str, door: Door) -> SubscriptionItem:
    """One subscription, without its secret."""
    with door.reading() as session:
        return _item(session, subscriptions.get(session, parse_id(id)))


@router.patch("/{id}", responses=answers(200, "The subscription as it is now.", 404))
def change_subscription(id: str, given: ChangedSubscription, door: Door, actor: Actor) -> SubscriptionItem:
    """Change the endpoint or what it is told of, from the next change on. Messages noted before go to the new one."""
    with door.writing() as session:
        wanted = given.wanted(subscriptions.get(session, parse_id(id)))
        return _item(session, subscriptions.change(session, parse_id(id), wanted, actor, door.now()))


@router.delete("/{id}", status_code=204, responses=answers(204, "It is told of nothing any more.", 404))
def remove_subscription(id: str, door: Door, actor: Actor) -> None:
    """Unsubscribe. What was not delivered yet is forgotten, and its log with it."""
    with door.writing() as session:
        subscriptions.remove(session, parse_id(id), actor, door.now())


@router.post("/{id}/pause", responses=answers(200, "The subscription, paused.", 404))
def pause_subscription(id: str, given: GivenPause, door: Door, actor: Actor) -> SubscriptionItem:
    """Send nothing for now. What happens meanwhile is told once it is resumed."""
    with door.writing() as session:
        paused = subscriptions.pause_by_hand(session, parse_id(id), given.reason, actor, door.now())
        return _item(session, paused)


@router.post("/{id}/resume", responses=answers(200, "The subscription, active.", 404))
def resume_subscription(id: str, door: Door, actor: Actor) -> SubscriptionItem:
    """Go on where it was paused. What waits for its next try, of a subscription that fails, is tried at once."""
    with door.writing() as session:
        item = _item(session, subscriptions.resume(session, parse_id(id), actor, door.now()))
    door.bell.ring()
    return item


@router.post("/{id}/secret", responses=answers(200, "The new secret.", 404))
def rotate_secret(id: str, door: Door, actor: Actor) -> NewSecret:
    """Have a new secret. For 24 hours messages are signed by the old one too: a receiver may know either."""
    with door.writing() as session:
        kept, secret = subscriptions.rotate_secret(session, parse_id(id), actor, door.now())
    return NewSecret.model_validate({"secret": secret, "old_until": kept.old_secret_until})


def _item(session: Session, kept: Subscription) -> SubscriptionItem:
    pending = deliveries.count_pending(session, [kept.id])
    return SubscriptionItem.of_subscription(kept, pending.get(kept.id, 0))
