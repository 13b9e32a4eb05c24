"""Compare: two articles side by side."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from api.schemas.articles import Relation
from api.schemas.base import Answer, Count, Given, Id, Instant
from storyfold.matching.comparison import Kind, Passage
from storyfold.stages.compare import Compared
from storyfold.store.articles import ArticleRecord

Span = Annotated[tuple[int, int], Field(description="`[start, end)` in characters (code points) of the revision.")]


class ComparedArticle(Answer):
    """Which text of which article the offsets count in."""

    id: Id
    revision: int
    title: str | None
    url: str | None
    source: str | None
    published: Instant | None

    @classmethod
    def of_record(cls, record: ArticleRecord) -> Self:
        article = record.article
        return cls(
            id=str(article.id),
            revision=record.revision.revision,
            title=record.revision.title,
            url=article.url,
            source=article.source,
            published=article.published,
        )


class Change(Answer):
    """Words of `a` that stand as others in `b`: an empty span where nothing stood, or nothing stands."""

    a: Span
    b: Span


class ComparedPassage(Answer):
    """A sentence: `same` or `changed` stands in both, `cut` only in `a`, `added` only in `b`."""

    kind: Kind
    a: Span | None
    b: Span | None
    alike: Annotated[float | None, Field(ge=0, le=1)]
    changes: list[Change]

    @classmethod
    def of_passage(cls, passage: Passage) -> Self:
        changes = [Change(a=edit.at, b=edit.other) for edit in passage.edits]
        return cls(kind=passage.kind, a=passage.at, b=passage.other, alike=passage.alike, changes=changes)


class Shared(Answer):
    """The share of each text's words that stand in the other too, in the same sentence."""

    a: Annotated[float, Field(ge=0, le=1)]
    b: Annotated[float, Field(ge=0, le=1)]


class ComparisonAnswer(Answer):
    """What became of `a` in `b`. `relation` and `score` are judged by the wording alone, whatever folding made of them.

    Passages stand in the order of `a`, what was added after what it follows in `b`. Not `complete`: beyond the first
    200 sentences or 100,000 characters only the same sentences were looked for, or none.
    """

    a: ComparedArticle
    b: ComparedArticle
    relation: Relation
    score: Annotated[float, Field(ge=0, le=1)]
    evidence: dict[str, Any]
    shared: Shared
    passages: list[ComparedPassage]
    complete: bool

    @classmethod
    def of_compared(cls, found: Compared) -> Self:
        return cls.model_validate(
            {
                "a": ComparedArticle.of_record(found.article),
                "b": ComparedArticle.of_record(found.other),
                "relation": found.relation,
                "score": found.score,
                "evidence": found.evidence,
                "shared": Shared(a=found.comparison.kept, b=found.comparison.taken),
                "passages": [ComparedPassage.of_passage(passage) for passage in found.comparison.passages],
                "complete": found.complete,
            }
        )


class CompareQuery(Given):
    """Older texts; the current ones by default. One article with itself, in two revisions, is its history."""

    a_revision: Count | None = None
    b_revision: Count | None = None
