"""Articles: storing what a digest found, and reading one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import BigInteger, bindparam, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.articles import article as extracted
from storyfold.errors import Gone, NotFound
from storyfold.store.tables import Article, Cluster, Evidence, Revision, Seed, Takedown
from storyfold.store.tables.articles import SEARCH_CONFIGS
from storyfold.store.tables.takedowns import TAKEN_DOWN


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article as read back: its current revision, the story it stands in, the evidence of its tie."""

    article: Article
    revision: Revision
    story_id: int | None
    evidence: Evidence | None


class Kept(StrEnum):
    """What became of an article that was read from a link's page."""

    NEW = "new"
    REVISED = "revised"
    SAME = "same"
    """Title and text are those of the current revision: nothing was stored."""


class Linked(Protocol):
    """What an article is told by its link: the link itself (`tables.Link`), or one that is held."""

    @property
    def id(self) -> int: ...

    @property
    def canonical_url(self) -> str | None: ...

    @property
    def page_id(self) -> int | None: ...


def put_article(
    session: Session, link: Linked, found: extracted.Article, *, source: str | None, now: datetime
) -> tuple[int, Kept]:
    """Store the article of a link, or the next revision of the one it has. -> (article id, what became of it)."""
    values = {
        "link_id": link.id,
        "url": link.canonical_url,
        "source": source,
        "published": found.published,
        "published_precision": found.published_precision,
        "arrived_at": now,
        **_current(found),
        **{f"first_{name}": value for name, value in _revision(found, link.page_id, now).items()},
    }
    article_id = session.connection().execute(_PUT, values).scalar_one_or_none()
    if article_id is None:
        return _revise(session, link, found, now)
    return int(article_id), Kept.NEW


def is_folded(session: Session, article_id: int) -> bool:
    return (
        session.scalar(select(Article.id).where(Article.id == article_id, Article.cluster_id.is_not(None))) is not None
    )


def _revise(session: Session, link: Linked, found: extracted.Article, now: datetime) -> tuple[int, Kept]:
    """Add a revision where the text or the title is another. When it was first published does not change."""
    article = session.scalars(select(Article).where(Article.link_id == link.id).with_for_update()).one()
    current = session.get_one(Revision, (article.id, article.revision))
    if (found.text, found.title) == (current.text, current.title):
        return article.id, Kept.SAME
    number = article.revision + 1
    numbered = {"article_id": article.id, "revision": number}
    session.execute(insert(Revision).values({**numbered, **_revision(found, link.page_id, now)}))
    values: dict[str, object] = {"revision": number, **_current(found)}
    if article.published is None:
        values |= {"published": found.published, "published_precision": found.published_precision}
    session.execute(update(Article).where(Article.id == article.id).values(values))
    return article.id, Kept.REVISED


def _current(found: extracted.Article) -> dict[str, object]:
    """What an article says of itself by its current revision."""
    return {"title": found.title, "language": found.language, "canonical_url": found.canonical_url}


def _revision(found: extracted.Article, page_id: int | None, now: datetime) -> dict[str, object]:
    return {
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


_SAID = ("title", "text", "authors", "modified", "site", "image", "agency", "removed", "page_id", "extraction_version")
_FIRST = (*_SAID, "created_at", "search_config")
_NEW = (
    "link_id",
    "url",
    "source",
    "published",
    "published_precision",
    "arrived_at",
    "title",
    "language",
    "canonical_url",
)
_OF_LINK = bindparam("link_id", type_=BigInteger)

# An article and its first revision, in one statement that is built once.
_ARTICLE = (
    insert(Article)
    .values({name: bindparam(name) for name in _NEW})
    .values(seed=select(Seed.name).where(Seed.link_id == _OF_LINK).scalar_subquery())
    .on_conflict_do_nothing(index_elements=["link_id"])
    .returning(Article.id)
    .cte("new_article")
)
_PUT = (
    insert(Revision)
    .from_select(
        ["article_id", "revision", *_FIRST],
        select(
            _ARTICLE.c.id,
            literal_column("1"),
            *(bindparam(f"first_{name}", type_=Revision.__table__.c[name].type) for name in _FIRST),
        ),
    )
    .returning(Revision.article_id)
)


def find_twin(session: Session, link_id: int, urls: list[str], source: str | None) -> int | None:
    """The link of another article that is the same page: it lives at one of these URLs or names one as its own.

    Only pages of one source can be the same page: elsewhere a canonical URL names the original of a copy. A page that
    was taken down is known all the same.

    Locks the URLs until the commit, so that of two links to one page the second to come here sees the first.
    """
    for url in sorted(set(urls)):
        session.connection().execute(_LOCK_URL, {"url": url})
    asked = {"urls": sorted(set(urls)), "source": source, "link": link_id, "taken_down": TAKEN_DOWN}
    found: int | None = session.connection().execute(_TWIN, asked).scalar_one_or_none()
    return found


_LOCK_URL = text("SELECT pg_advisory_xact_lock(hashtextextended(:url, 0))")

# Each road by its own index: one condition over two tables would read every article of the source.
_TWIN = text(
    """
    SELECT link_id FROM (
        SELECT id, link_id FROM articles
        WHERE canonical_url = ANY(:urls) AND source = :source
        UNION ALL
        SELECT articles.id, articles.link_id FROM link_urls JOIN articles ON articles.link_id = link_urls.link_id
        WHERE link_urls.canonical_url = ANY(:urls) AND source = :source
        UNION ALL
        SELECT NULL, links.id FROM link_urls JOIN links ON links.id = link_urls.link_id
        WHERE link_urls.canonical_url = ANY(:urls) AND links.reason = :taken_down
    ) AS twins WHERE link_id <> :link ORDER BY id NULLS LAST, link_id LIMIT 1
    """
)


def _missing(session: Session, article_id: int, revision: int | None) -> NotFound:
    if session.get(Takedown, article_id) is not None:
        return Gone(f"article {article_id} was taken down")
    return NotFound(f"there is no article {article_id}" + (f" with revision {revision}" if revision else ""))


def get_article(session: Session, article_id: int, revision: int | None = None) -> ArticleRecord:
    """An article with its current (or a named) revision. Raises `NotFound`, `Gone`."""
    query = (
        select(Article, Revision, Cluster.story_id, Evidence)
        .join(Revision, Revision.article_id == Article.id)
        .outerjoin(Cluster, Cluster.id == Article.cluster_id)
        .outerjoin(Evidence, (Evidence.article_id == Article.id) & (Evidence.matched_id == Article.matched_id))
        .where(Article.id == article_id, Revision.revision == (Article.revision if revision is None else revision))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise _missing(session, article_id, revision)
    return ArticleRecord(*row)
