"""Articles: storing what a digest found, and reading one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.articles import article as extracted
from storyfold.errors import NotFound
from storyfold.store.tables import Article, Cluster, Evidence, Link, Revision, Seed
from storyfold.store.tables.articles import SEARCH_CONFIGS


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article as read back: its current revision, the story it stands in, the evidence of its tie."""

    article: Article
    revision: Revision
    story_id: int | None
    evidence: Evidence | None


def put_article(
    session: Session, link: Link, found: extracted.Article, *, source: str | None, now: datetime
) -> tuple[int, bool]:
    """Store the article of a link with its first revision. -> (article id, whether it was stored).

    A link has one article: where it has one already, nothing is stored.
    """
    seed = session.scalar(select(Seed.name).where(Seed.link_id == link.id))
    statement = (
        insert(Article)
        .values(
            link_id=link.id,
            seed=seed,
            url=link.canonical_url,
            canonical_url=found.canonical_url,
            source=source,
            title=found.title,
            published=found.published,
            published_precision=found.published_precision,
            language=found.language,
            arrived_at=now,
        )
        .on_conflict_do_nothing(index_elements=["link_id"])
        .returning(Article.id)
    )
    article_id = session.scalar(statement)
    if article_id is None:
        return session.scalars(select(Article.id).where(Article.link_id == link.id)).one(), False
    session.execute(insert(Revision).values(_revision(article_id, 1, found, link.page_id, now)))
    return article_id, True


def _revision(
    article_id: int, number: int, found: extracted.Article, page_id: int | None, now: datetime
) -> dict[str, object]:
    return {
        "article_id": article_id,
        "revision": number,
        "title": found.title,
        "text": found.text,
        "authors": list(found.authors),
        "modified": found.modified,
        "site": found.site,
        "image": found.image,
        "agency": found.agency,
        "removed": [{"line": r.line, "reason": r.reason, "position": r.position} for r in found.removed],
        "page_id": page_id,
        "extraction_version": found.version,
        "search_config": SEARCH_CONFIGS.get(found.language or "", "simple"),
        "created_at": now,
    }


def find_twin(session: Session, link_id: int, urls: list[str], source: str | None) -> int | None:
    """The link of another article that is the same page: it lives at one of these URLs or names one as its own.

    Only pages of one source can be the same page: elsewhere a canonical URL names the original of a copy.

    Locks the URLs until the commit, so that of two links to one page the second to come here sees the first.
    """
    for url in sorted(set(urls)):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(url, 0))))
    query = (
        select(Article.link_id)
        .join(Link, Link.id == Article.link_id)
        .where(
            Article.link_id != link_id,
            Article.source == source,
            Article.canonical_url.in_(urls) | Link.canonical_url.in_(urls),
        )
        .order_by(Article.id)
        .limit(1)
    )
    return session.scalar(query)


def get_article(session: Session, article_id: int, revision: int | None = None) -> ArticleRecord:
    """An article with its current (or a named) revision. Raises `NotFound`."""
    query = (
        select(Article, Revision, Cluster.story_id, Evidence)
        .join(Revision, Revision.article_id == Article.id)
        .outerjoin(Cluster, Cluster.id == Article.cluster_id)
        .outerjoin(Evidence, (Evidence.article_id == Article.id) & (Evidence.matched_id == Article.matched_id))
        .where(Article.id == article_id, Revision.revision == (Article.revision if revision is None else revision))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no article {article_id}" + (f" with revision {revision}" if revision else ""))
    return ArticleRecord(*row)
