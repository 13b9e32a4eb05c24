"""Match: a dry run of folding."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from api.schemas.articles import Body, Relation, Score
from api.schemas.base import Answer, Given, Id, WebAddress, exactly_one

_EXAMPLE: JsonValue = {"text": "After eleven weeks in dock, the ferry between Norholm and Eastwick sails again ..."}


class GivenMatch(Given):
    """A text, or the URL of a page (exactly one of them). Nothing of it is kept."""

    text: Annotated[Body, Field(default_factory=str)]
    url: Annotated[WebAddress, Field(default_factory=str, min_length=1)]

    model_config = ConfigDict(json_schema_extra={**exactly_one("text", "url"), "examples": [_EXAMPLE]})

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.text) == bool(self.url):
            raise ValueError("exactly one of text and url has to be given")
        return self


class MatchAnswer(Answer):
    """What folding would make of it: the relation to the nearest article, and the story it would stand in."""

    relation: Relation
    matched: Annotated[Id | None, Field(description="The nearest article.")]
    score: Score
    story_id: Id | None
    evidence: dict[str, Any] | None
