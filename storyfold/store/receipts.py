"""Receipts: what was taken once is not taken twice. All within the transaction that does what was asked for.

A request that is being worked on holds an advisory lock on its name until its transaction ends, so that a second one
is told so at once instead of waiting; a process that dies gives the lock back, and leaves no receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.errors import BadInput, Conflict
from storyfold.store.tables import Receipt

KEPT = timedelta(hours=24)
"""How long a receipt is good for."""

_LOCKS = 7_305_020
_WEBHOOKS = "webhook"


@dataclass(frozen=True, slots=True)
class Request:
    """A request under a name that its caller gave it; `digest` is the SHA-256 of what was asked for."""

    caller: str
    name: str
    digest: bytes


def find_answer(session: Session, request: Request, now: datetime) -> str | None:
    """What this very request was answered before; None where it is the first of its name, which is then ours to do.

    Raises:
        Conflict: it is being worked on.
        BadInput: the name was used for another request.
    """
    name = func.hashtext(f"{request.caller}\n{request.name}")
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCKS, name))):
        raise Conflict("a request with this Idempotency-Key is being worked on: ask again in a moment")
    receipt = session.get(Receipt, (request.caller, request.name))
    if receipt is None or receipt.taken_at < now - KEPT:
        return None
    if receipt.digest != request.digest:
        raise BadInput("this Idempotency-Key was used for another request: take a new one")
    return receipt.answer


def keep_answer(session: Session, request: Request, answer: str, now: datetime) -> None:
    """Keep what the request was answered, for `KEPT`."""
    values = {"digest": request.digest, "answer": answer, "taken_at": now}
    statement = insert(Receipt).values(caller=request.caller, name=request.name, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["caller", "name"], set_=values))


def take_webhook(session: Session, message_id: str, now: datetime) -> None:
    """Note that a signed message was taken. Raises `Conflict` where it was before: it is sent again, or by another."""
    values = {"digest": b"", "taken_at": now}
    taken = insert(Receipt).values(caller=_WEBHOOKS, name=message_id, **values)
    fresh = taken.on_conflict_do_update(
        index_elements=["caller", "name"], set_=values, where=Receipt.taken_at < now - KEPT
    )
    if session.scalar(fresh.returning(Receipt.name)) is None:
        raise Conflict("the message with this webhook-id was taken before")


def forget_old(session: Session, now: datetime) -> None:
    """Remove the receipts that are good no more."""
    session.execute(delete(Receipt).where(Receipt.taken_at < now - KEPT))
