"""Articles: pushing what is in hand, and reading one back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.openapi import answers
from api.schemas.articles import ArticleDetail, ArticleQuery, GivenArticle
from api.schemas.base import parse_id
from api.schemas.links import LinkItem
from api.services import Door
from storyfold.stages.submit import push_article
from storyfold.store import articles

router = APIRouter(prefix="/v1/articles", tags=["articles"])


@router.post("", status_code=202, responses=answers(202, "The link under which its fate can be followed."))
def submit_article(given: GivenArticle, door: Door) -> LinkItem:
    """Push a text or a page. Nothing is fetched; what is said of it here wins over what stands in it."""
    with door.writing() as session:
        item = push_article(session, given.pushed(), door.now())
    door.bell.ring()
    return LinkItem.of_submitted(item)


@router.get("/{id}", responses=answers(200, "The article.", 404))
def get_article(id: str, query: Annotated[ArticleQuery, Query()], door: Door) -> ArticleDetail:
    """One article with its clean text, the lines taken out of it, and the evidence of its tie."""
    with door.reading() as session:
        return ArticleDetail.of_record(articles.get_article(session, parse_id(id), query.revision))
