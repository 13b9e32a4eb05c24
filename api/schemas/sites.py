"""Sites: lines that a person has marked as good."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas.base import Answer, Given, Instant, Storable
from storyfold.store.tables import GoodLine

Site = Annotated[Storable, StringConstraints(to_lower=True, max_length=253)]
"""The host of a link."""

LINE = 5_000


class GivenLine(Given):
    """A line as it stands among an article's `removed`."""

    line: Annotated[Storable, Field(min_length=1, max_length=LINE)]


class GoodLineItem(Answer):
    line: str
    marked_at: Instant

    @classmethod
    def of_line(cls, line: GoodLine) -> Self:
        return cls(line=line.line, marked_at=line.marked_at)


class GoodLines(Answer):
    items: list[GoodLineItem]


class Marked(Answer):
    """`links` are those whose articles had lost the line: they are read again."""

    line: str
    links: list[str]
