"""What all schemas share: times, ids, texts that PostgreSQL can hold, pages of lists."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from storyfold.errors import BadInput, NotFound
from storyfold.stages.submit import Published, parse_published

LIMIT = 50
MOST = 200
"""Items of one page of a list: by default, and at most."""

_MAX_ID = 2**63 - 1
_ID = re.compile(r"[1-9][0-9]{0,18}")
_DATE = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}


class Given(BaseModel):
    """What is handed in. A name that is not known is an error: it is a misspelt one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What is handed out."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def parse_id(text: str) -> int:
    """The number behind an id in a path. Raises `NotFound` for what has never been an id."""
    if not _ID.fullmatch(text) or int(text) > _MAX_ID:
        raise NotFound("there is nothing with this id")
    return int(text)


def readable(text: str) -> str:
    """The text as JSON can carry it: half a surrogate pair stands for no character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _storable(text: str) -> str:
    if "\x00" in text or readable(text) != text:
        raise ValueError("holds NUL, or half a surrogate pair, which no text can")
    return text


def _published(value: object) -> Published:
    if not isinstance(value, str):  # pydantic reports a ValueError, and lets a TypeError through
        raise ValueError("has to be a text: a date (2026-07-01) or RFC 3339 (2026-07-01T12:00:00Z)")  # noqa: TRY004
    try:
        return parse_published(value)
    except BadInput as error:
        raise ValueError(str(error)) from error


def _instant(value: object) -> datetime:
    """In a query, a plus sign that nobody escaped arrives as a blank."""
    text = re.sub(r" (\d\d:\d\d)$", r"+\1", value) if isinstance(value, str) and len(value) > 19 else value
    return _published(text).at


Storable = Annotated[str, AfterValidator(_storable)]
"""A text that can be kept and asked for."""

PublishedDate = Annotated[Published, PlainValidator(_published), WithJsonSchema(_DATE)]
QueryInstant = Annotated[datetime, PlainValidator(_instant), WithJsonSchema(_DATE)]
Instant = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]

WebAddress = Annotated[str, Field(max_length=10_000, json_schema_extra={"format": "uri"})]
"""A URL, judged by `web.urls`: here only its length is."""

Limit = Annotated[int, Field(ge=1, le=MOST, description="Items of one page.")]
Cursor = Annotated[
    str, Field(max_length=1_000, description="`next_cursor` of the page before. Passed on as it is, never made.")
]
Id = Annotated[str, Field(examples=["4711"])]
GivenId = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$"), Field(examples=["4711"])]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]

Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """One page of a list. `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None


def optional_id(number: int | None) -> str | None:
    return None if number is None else str(number)


def exactly_one(*names: str) -> dict[str, JsonValue]:
    """The JSON schema that says so."""
    return {"oneOf": [{"required": [name]} for name in names]}
