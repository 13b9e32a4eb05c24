"""Cursors: where a reader of a list stands, as one opaque word that any process can read and none needs to remember.

A cursor names its list, so that it is not taken for a place in another, and carries a checksum, so that a damaged one
is turned away instead of leading somewhere else. It grants nothing and hides nothing: it is not signed.
"""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import blake2b

from storyfold.errors import BadInput

Place = str | int | float | None

_CHECK_BYTES = 6
_LONGEST = 1_000


def encode(list_name: str, *place: Place) -> str:
    """The cursor of a place in a list, in letters that need no escaping in a URL."""
    body = json.dumps([list_name, *place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(body) + body).decode().rstrip("=")


def decode(cursor: str, list_name: str) -> list[Place]:
    """The place that `encode` was given. Raises `BadInput` for what is no cursor of this list."""
    try:
        raw = base64.b64decode(_padded(cursor), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    check, body = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
    if check != _checksum(body):
        raise _not_ours()
    name, *place = json.loads(body)
    if name != list_name or encode(name, *place) != cursor:
        raise _not_ours()
    return list(place)


def decode_id(cursor: str, list_name: str) -> int:
    """The same for a list whose places are numbers."""
    place = decode(cursor, list_name)
    if len(place) != 1 or not isinstance(place[0], int):
        raise _not_ours()
    return place[0]


def _padded(cursor: str) -> bytes:
    if len(cursor) > _LONGEST:
        raise _not_ours()
    return cursor.encode("ascii") + b"=" * (-len(cursor) % 4)


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK_BYTES).digest()


def _not_ours() -> BadInput:
    return BadInput("this is no cursor of this list: pass next_cursor of an earlier answer as it is, or none")
