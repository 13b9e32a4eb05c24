"""Links: URLs handed in, and what became of them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, JsonValue, StringConstraints, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from api.schemas.base import (
    LIMIT,
    Answer,
    Cursor,
    Given,
    Id,
    Instant,
    Limit,
    PublishedDate,
    QueryInstant,
    Storable,
    optional_id,
    readable,
)
from storyfold.stages.submit import SubmittedItem, UrlSubmission
from storyfold.store.links import LinkRecord
from storyfold.store.tables import Fate, Link

URLS_AT_ONCE = 1_000

Source = Annotated[
    Storable,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=253, pattern=r"\S"),
    Field(
        description="Who published it; wins over the registrable domain of the URL.", examples=["harbour-post.example"]
    ),
]


class GivenUrl(Given):
    """A URL with what is known of it; the URL alone will do."""

    url: str
    published: PublishedDate | None = None
    source: Source | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [{"type": "string"}, described]}

    def submission(self) -> UrlSubmission:
        return UrlSubmission(self.url, self.published, self.source)


_EXAMPLE: JsonValue = {
    "urls": [
        "https://harbour-post.example/2026/07/ferry-line-reopens",
        {"url": "https://valley-times.example/ferry", "published": "2026-07-01T06:30:00Z"},
    ]
}


class GivenLinks(Given):
    """URLs to be read. What is no URL comes back as ``rejected``, and stops nothing else."""

    urls: Annotated[list[GivenUrl], Field(min_length=1, max_length=URLS_AT_ONCE)]

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class LinkItem(Answer):
    """A link and its fate. `id` and `canonical_url` are null for what is no URL, `url` for a text pushed without."""

    id: Id | None
    url: str | None
    canonical_url: str | None
    fate: Fate
    reason: Annotated[str | None, Field(description="Why it was rejected or failed, or is tried again.")]
    created: Annotated[bool, Field(description="Whether this request made it known.")]

    @classmethod
    def of_submitted(cls, item: SubmittedItem) -> Self:
        return cls(
            id=optional_id(item.id),
            url=None if item.url is None else readable(item.url),
            canonical_url=item.canonical_url,
            fate=item.fate,
            reason=item.reason,
            created=item.created,
        )

    @classmethod
    def of_link(cls, link: Link) -> Self:
        return cls(
            id=str(link.id),
            url=link.url,
            canonical_url=link.canonical_url,
            fate=Fate(link.fate),
            reason=link.reason,
            created=False,
        )


class LinkItems(Answer):
    """What became of each, in the order given."""

    items: list[LinkItem]


class LinkDetail(LinkItem):
    """A link with its tries, and where its article stands (a duplicate's: that of the link it repeats)."""

    attempts: Annotated[int, Field(description="Tries of the stage it stands at.")]
    next_attempt_at: Instant | None
    article_id: Id | None
    story_id: Id | None

    @classmethod
    def of_record(cls, record: LinkRecord) -> Self:
        return cls(
            **LinkItem.of_link(record.link).model_dump(),
            attempts=record.link.attempts,
            next_attempt_at=record.link.next_attempt_at,
            article_id=optional_id(record.article_id),
            story_id=optional_id(record.story_id),
        )


class LinkQuery(Given):
    """Which links; newest first."""

    fate: Fate | None = None
    host: Annotated[Storable, StringConstraints(to_lower=True, max_length=253)] | None = None
    since: Annotated[QueryInstant | None, Field(description="First known then or later.")] = None
    limit: Limit = LIMIT
    cursor: Cursor | None = None
