"""Articles: pushing what is in hand, and reading one back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from api import once
from api.access import Actor
from api.once import Once
from api.openapi import answers
from api.schemas.articles import ArticleDetail, ArticleQuery, GivenArticle
from api.schemas.base import optional_id, parse_id
from api.schemas.compare import CompareQuery, ComparisonAnswer
from api.schemas.links import LinkItem
from api.services import Door
from storyfold.stages import compare as compare_stage
from storyfold.stages.submit import push_article
from storyfold.stages.takedown import take_down
from storyfold.store import articles, audit
from storyfold.store.tables import Act

router = APIRouter(prefix="/v1/articles", tags=["articles"])


@router.post(
    "",
    status_code=202,
    description="Push a text or a page. Nothing is fetched; what is said of it here wins over what stands in it."
    + once.EXPLAINED,
    responses=answers(202, "The link under which its fate can be followed.", 409),
)
def submit_article(given: GivenArticle, door: Door, handing: Once) -> LinkItem:
    def push(session: Session) -> LinkItem:
        return LinkItem.of_submitted(push_article(session, given.pushed(), door.now()))

    item = handing.take(LinkItem, push)
    door.bell.ring()
    return item


@router.get("/{id}", responses=answers(200, "The article.", 404, 410))
def get_article(id: str, query: Annotated[ArticleQuery, Query()], door: Door) -> ArticleDetail:
    """One article with its clean text, the lines taken out of it, and the evidence of its tie."""
    with door.reading() as session:
        return ArticleDetail.of_record(articles.get_article(session, parse_id(id), query.revision))


@router.delete("/{id}", status_code=204, responses=answers(204, "It is gone for good.", 404, 410))
def take_down_article(id: str, door: Door, actor: Actor) -> None:
    """Take an article down: its texts, its pages and all that quotes them are erased, and it does not come back.

    The story it stood in is told by what is left; a story that nobody else told is removed.
    """
    now = door.now()
    with door.writing() as session:
        erased = take_down(session, parse_id(id), now)
        told = {"cluster_id": optional_id(erased.cluster_id), "story_id": optional_id(erased.story_id)}
        audit.record(session, actor, Act.ARTICLE_TAKEN_DOWN, f"article/{erased.article_id}", told, now)


@router.get("/{a}/compare/{b}", responses=answers(200, "The two, side by side.", 404, 410))
def compare_articles(a: str, b: str, query: Annotated[CompareQuery, Query()], door: Door) -> ComparisonAnswer:
    """What two articles share and what became of the first in the second: aligned passages, cut, added, changed."""
    with door.reading() as session:
        found = compare_stage.compare_articles(session, parse_id(a), parse_id(b), query.a_revision, query.b_revision)
    return ComparisonAnswer.of_compared(found)
