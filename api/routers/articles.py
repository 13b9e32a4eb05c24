"""Articles: pushing what is in hand, and reading one back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from api import once
from api.once import Once
from api.openapi import answers
from api.schemas.articles import ArticleDetail, ArticleQuery, GivenArticle
from api.schemas.base import parse_id
from api.schemas.compare import CompareQuery, ComparisonAnswer
from api.schemas.links import LinkItem
from api.services import Door
from storyfold.stages import compare as compare_stage
from storyfold.stages.submit import push_article
from storyfold.store import articles

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


@router.get("/{id}", responses=answers(200, "The article.", 404))
def get_article(id: str, query: Annotated[ArticleQuery, Query()], door: Door) -> ArticleDetail:
    """One article with its clean text, the lines taken out of it, and the evidence of its tie."""
    with door.reading() as session:
        return ArticleDetail.of_record(articles.get_article(session, parse_id(id), query.revision))


@router.get("/{a}/compare/{b}", responses=answers(200, "The two, side by side.", 404))
def compare_articles(a: str, b: str, query: Annotated[CompareQuery, Query()], door: Door) -> ComparisonAnswer:
    """What two articles share and what became of the first in the second: aligned passages, cut, added, changed."""
    with door.reading() as session:
        found = compare_stage.compare_articles(session, parse_id(a), parse_id(b), query.a_revision, query.b_revision)
    return ComparisonAnswer.of_compared(found)
