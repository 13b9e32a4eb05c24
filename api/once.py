"""Handing in once: signed requests, and requests that may be sent again without being done again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.access import Actor
from api.services import Door, Services
from storyfold.errors import BadInput
from storyfold.store import receipts

_NAME = re.compile(r"[\x21-\x7e]{1,255}")
_REPLAYED = "Idempotency-Replayed"

Answered = TypeVar("Answered", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Handing:
    """One request that hands something in. `named` is what its ``Idempotency-Key`` makes of it, where it has one;
    `message_id` the webhook-id of a request that had to be signed."""

    door: Services
    response: Response
    named: receipts.Request | None
    message_id: str | None

    def take(self, answer: type[Answered], act: Callable[[Session], Answered]) -> Answered:
        """Do what is asked for, in one transaction with the receipt for it; or give the answer it got before.

        Raises:
            Conflict: the same request is being worked on, or the message was taken before.
            BadInput: the Idempotency-Key was used for another request.
        """
        with self.door.writing() as session:
            now = self.door.now()
            if self.named is not None:
                before = receipts.find_answer(session, self.named, now)
                if before is not None:
                    self.response.headers[_REPLAYED] = "true"
                    return answer.model_validate_json(before)
            if self.message_id is not None:
                receipts.take_webhook(session, self.message_id, now)
            answered = act(session)
            if self.named is not None:
                receipts.keep_answer(session, self.named, answered.model_dump_json(), now)
            return answered


async def _handing(request: Request, response: Response, door: Door, actor: Actor) -> Handing:
    body = await request.body()
    message_id = door.signatures.verify(request.headers, body)
    given = request.headers.get("idempotency-key")
    if given is None:
        return Handing(door, response, None, message_id)
    name = given.strip().strip('"')
    if not _NAME.fullmatch(name):
        raise BadInput("an Idempotency-Key has 1 to 255 visible characters")
    digest = sha256(f"{request.method} {request.url.path}\n".encode() + body).digest()
    return Handing(door, response, receipts.Request(actor, name, digest), message_id)


Once = Annotated[Handing, Depends(_handing)]
"""How a router's function takes what is handed in."""

EXPLAINED = """

With an `Idempotency-Key` (1 to 255 visible characters) the request may be sent again for 24 hours: it is done once, and
answered the same (`Idempotency-Replayed: true`). Another request with that key is 422, the same one while it is worked
on 409. Where `STORYFOLD_WEBHOOK_SECRET` is set, the request has to be signed by the Standard Webhooks scheme
(`webhook-id`, `webhook-timestamp`, `webhook-signature`), else it is 401; a message that was taken before is 409."""
"""What the API's document says of it."""
