"""API keys, and receipts of requests that must not be done twice."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, Key, OptionalInstant, OptionalString, String


class KeyScope(StrEnum):
    """What a key is good for; `ADMIN` for everything."""

    READ = "read"
    SUBMIT = "submit"
    ADMIN = "admin"


class ApiKey(Base):
    """One key, known by its `handle`; of the key itself only the SHA-256 is kept.

    A fast hash is right here: a key is 256 random bits, so nobody can guess through its digest, as people can with
    passwords; and it is checked with every request. Rows are never deleted: a key that was revoked stays known as one.
    `per_minute` is the key's own limit of requests where it has one.
    """

    __tablename__ = "keys"

    id: Mapped[Key]
    handle: Mapped[String]
    name: Mapped[String]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    per_minute: Mapped[int | None]
    created_at: Mapped[Instant]
    expires_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]
    last_used_at: Mapped[OptionalInstant]

    __table_args__ = (
        CheckConstraint(
            f"scopes <@ ARRAY[{', '.join(repr(scope.value) for scope in KeyScope)}] AND scopes <> '{{}}'", name="scopes"
        ),
        Index("uq_keys_handle", "handle", unique=True),
    )


class Receipt(Base):
    """A request that was taken: by whom (`caller`), under which name of theirs, and what it was answered.

    `name` is an ``Idempotency-Key`` or a ``webhook-id``; the latter has no answer. `digest` is the SHA-256 of the
    request, so that another one under the same name is told from the same one again.
    """

    __tablename__ = "receipts"

    caller: Mapped[String] = mapped_column(primary_key=True)
    name: Mapped[String] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[OptionalString]
    taken_at: Mapped[Instant]

    __table_args__ = (Index("ix_receipts_taken_at", "taken_at"),)
