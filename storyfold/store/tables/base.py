"""What all tables share: names of constraints, column types and the lease that work is held by."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Ref = Annotated[int, mapped_column(BigInteger)]
OptionalRef = Annotated[int | None, mapped_column(BigInteger)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
OptionalInstant = Annotated[datetime | None, mapped_column(DateTime(timezone=True))]
String = Annotated[str, mapped_column(Text)]
OptionalString = Annotated[str | None, mapped_column(Text)]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)


def one_of(column: str, values: type[StrEnum]) -> str:
    """The CHECK that keeps a text column within an enum."""
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class Leased:
    """Work that one worker at a time holds.

    `attempts` counts claims since the work was last due for good reason; `lost_leases` counts claims that ran out
    (their worker died or hung); `rung_until` is how long a doorbell already sent is believed in.
    """

    attempts: Mapped[int] = mapped_column(server_default="0")
    lost_leases: Mapped[int] = mapped_column(server_default="0")
    lease_token: Mapped[UUID | None]
    leased_until: Mapped[OptionalInstant]
    rung_until: Mapped[OptionalInstant]
