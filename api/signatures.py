"""Signed requests: what the Standard Webhooks scheme asks of a request that hands something in.

https://www.standardwebhooks.com: the body is signed together with its id and time, by a secret both sides know; a
time more than five minutes from now is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import HTTPException
from standardwebhooks import Webhook, WebhookVerificationError

_LONGEST_ID = 255
_CHALLENGE = {"WWW-Authenticate": 'StandardWebhooks realm="storyfold"'}


class Signatures:
    """Verifies requests by any of the secrets: while one is changed for another there are two."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._hooks = [Webhook(secret) for secret in secrets]

    def verify(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The id of the message; None where no secret is set, and nothing is asked for. Raises 401."""
        if not self._hooks:
            return None
        for hook in self._hooks:
            try:
                hook.verify(body, dict(headers), json_parse=False)
            except (WebhookVerificationError, ValueError):  # of what is malformed it raises what decoding raises
                continue
            return self._message_id(headers)
        detail = "this needs webhook-id, webhook-timestamp (within five minutes) and a webhook-signature of the body"
        raise HTTPException(401, detail, headers=_CHALLENGE)

    def _message_id(self, headers: Mapping[str, str]) -> str:
        message_id = headers["webhook-id"]
        if len(message_id) > _LONGEST_ID or not message_id.isprintable():
            raise HTTPException(422, f"webhook-id is longer than {_LONGEST_ID} characters")
        return message_id
