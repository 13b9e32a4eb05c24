"""Articles: texts and pages pushed in, and articles read back."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from api.schemas.base import Answer, Given, Id, Instant, PublishedDate, Storable, WebAddress, exactly_one, optional_id
from api.schemas.links import Source
from storyfold.stages.submit import LANGUAGE_TAG, PushedArticle, parse_language
from storyfold.store.articles import ArticleRecord

Relation = Literal["new", "copy", "reprint", "rewrite", "same_event", "uncertain"]

Score = Annotated[
    float | None,
    Field(ge=0, le=1, description="Of the tie to `matched`; of what is `new`, how near the nearest article came."),
]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


Body = Annotated[str, AfterValidator(_not_blank), Field(json_schema_extra={"minLength": 1, "pattern": r"\S"})]
"""A text or page with something in it. Characters that cannot be kept are left out when it is read."""

Language = Annotated[
    str,
    StringConstraints(pattern=LANGUAGE_TAG),
    AfterValidator(parse_language),
    Field(description="ISO 639-1; of a longer tag, the language is taken.", examples=["en"]),
]

_EXAMPLE: JsonValue = {
    "text": "The ferry between Norholm and Eastwick sails again.\n\nAfter eleven weeks in dock, ...",
    "title": "Ferry line reopens",
    "published": "2026-07-01",
    "source": "harbour-post.example",
}


class GivenArticle(Given):
    """A text or a page (exactly one of them) that is already in hand, and what is known of it."""

    text: Annotated[Body, Field(default_factory=str)]
    html: Annotated[Body, Field(default_factory=str)]
    url: WebAddress | None = None
    title: Annotated[Storable | None, Field(max_length=1_000)] = None
    published: PublishedDate | None = None
    source: Source | None = None
    language: Language | None = None

    model_config = ConfigDict(json_schema_extra={**exactly_one("text", "html"), "examples": [_EXAMPLE]})

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.text) == bool(self.html):
            raise ValueError("exactly one of text and html has to be given")
        return self

    def pushed(self) -> PushedArticle:
        return PushedArticle(
            text=self.text or None,
            html=self.html or None,
            url=self.url,
            title=self.title,
            published=self.published,
            source=self.source,
            language=self.language,
        )


class Removed(Answer):
    """A line that cleaning took out, and the rule that did."""

    line: str
    reason: str


class ArticleDetail(Answer):
    """One article: its text as it stands now, where it came from, and why it is where it is."""

    id: Id
    link_id: Id
    story_id: Id | None
    cluster_id: Id | None
    url: str | None
    title: str | None
    text: str
    authors: list[str]
    published: Instant | None
    published_precision: Literal["second", "minute", "day"] | None
    source: str | None
    language: str | None
    relation: Relation | None
    matched: Annotated[Id | None, Field(description="The article it was tied to.")]
    score: Score
    evidence: Annotated[dict[str, Any] | None, Field(description="Why the two are tied; null until it is made out.")]
    removed: list[Removed]
    revision: int
    seed: Annotated[str | None, Field(description="The file's name, for an article of the seed corpus.")]

    @classmethod
    def of_record(cls, record: ArticleRecord) -> Self:
        article, revision = record.article, record.revision
        return cls.model_validate(
            {
                "id": str(article.id),
                "link_id": str(article.link_id),
                "story_id": optional_id(record.story_id),
                "cluster_id": optional_id(article.cluster_id),
                "url": article.url,
                "title": revision.title,
                "text": revision.text,
                "authors": revision.authors,
                "published": article.published,
                "published_precision": article.published_precision,
                "source": article.source,
                "language": article.language,
                "relation": article.relation,
                "matched": optional_id(article.matched_id),
                "score": article.score,
                "evidence": record.evidence.data if record.evidence else None,
                "removed": revision.removed,
                "revision": revision.revision,
                "seed": article.seed,
            }
        )


class ArticleQuery(Given):
    revision: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="An older text of it.")] = None
