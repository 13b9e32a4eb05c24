"""API keys: made, found, listed and revoked. A key is shown once, when it is made; only its digest is kept."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storyfold.errors import BadInput, Conflict, NotFound
from storyfold.store import audit
from storyfold.store.tables import Act, ApiKey, KeyScope

# How exactly it is known when a key was last used: a write for each request would cost more than it tells.
USE_NOTED_EVERY = timedelta(hours=1)

LONGEST_NAME = 100

_FORM = re.compile(r"sf_([0-9a-f]{12})_[A-Za-z0-9_-]{43}", re.ASCII)
_NO_DIGEST = bytes(32)


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What a new key is for: a name that people know it by, its scopes, until when, and how many requests a minute."""

    name: str
    scopes: Sequence[KeyScope]
    expires_at: datetime | None = None
    per_minute: int | None = None


def make_key(session: Session, terms: KeyTerms, actor: str, now: datetime) -> tuple[ApiKey, str]:
    """Make a key. -> (its row, the key itself, which cannot be had again).

    Raises:
        BadInput: it has no name that can be shown, or no scope, or would have expired before it was made.
    """
    name = terms.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput(f"a key has a name of 1 to {LONGEST_NAME} characters that can be seen")
    if not terms.scopes:
        raise BadInput("a key is good for at least one scope")
    if terms.expires_at is not None and terms.expires_at <= now:
        raise BadInput("a key cannot expire before it is made")
    handle = secrets.token_hex(6)
    text = f"sf_{handle}_{secrets.token_urlsafe(32)}"
    scopes = sorted({scope.value for scope in terms.scopes})
    key = ApiKey(
        handle=handle,
        name=name,
        digest=_digest(text),
        scopes=scopes,
        per_minute=terms.per_minute,
        created_at=now,
        expires_at=terms.expires_at,
    )
    session.add(key)
    session.flush()
    detail = {"name": key.name, "scopes": scopes, "expires_at": terms.expires_at and terms.expires_at.isoformat()}
    audit.record(session, actor, Act.KEY_MADE, f"key/{key.id}", detail, now)
    return key, text


def list_keys(session: Session) -> list[ApiKey]:
    """Every key there ever was, in the order in which they were made."""
    return list(session.scalars(select(ApiKey).order_by(ApiKey.id)))


def revoke_key(session: Session, key_id: int, actor: str, now: datetime) -> ApiKey:
    """From its commit on nobody gets in by this key. Raises `NotFound`, and `Conflict` where it was revoked before."""
    statement = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    key = session.scalars(statement.returning(ApiKey)).one_or_none()
    if key is None:
        if session.get(ApiKey, key_id) is None:
            raise NotFound(f"there is no key {key_id}")
        raise Conflict(f"key {key_id} is revoked already")
    audit.record(session, actor, Act.KEY_REVOKED, f"key/{key.id}", {"name": key.name}, now)
    return key


def any_key(session: Session) -> bool:
    """Whether a key was ever made: one that was revoked leaves the door locked, not open."""
    return session.scalar(select(ApiKey.id).limit(1)) is not None


def handle_of(text: str) -> str | None:
    """The part of a key that it is looked up by, and that may be told; None for what has not the form of a key."""
    found = _FORM.fullmatch(text)
    return found[1] if found else None


def find_key(session: Session, handle: str) -> ApiKey | None:
    return session.scalar(select(ApiKey).where(ApiKey.handle == handle))


def is_key(text: str, key: ApiKey | None) -> bool:
    """Whether `text` is this key, in a time that does not depend on how much of it is right, or on there being one."""
    return hmac.compare_digest(_digest(text), key.digest if key else _NO_DIGEST) and key is not None


def use_is_noted(key: ApiKey, now: datetime) -> bool:
    """Whether it is known, to within `USE_NOTED_EVERY`, that the key is in use."""
    return key.last_used_at is not None and key.last_used_at >= now - USE_NOTED_EVERY


def note_use(session: Session, key_id: int, now: datetime) -> None:
    """Remember that a key is in use."""
    session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
