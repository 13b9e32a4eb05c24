"""Articles: storing what a digest found, and reading one back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, BigInteger, Text, bindparam, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.articles import article as extracted
from storyfold.errors import Gone, NotFound
from storyfold.store.direct import Statement
from storyfold.store.sites import KEPT, KeptLines, given, values_of
from storyfold.store.tables import Article, Cluster, Evidence, Revision, Seed, SiteLines, Takedown
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
    TWIN = "twin"
    """Another link's article is the same page: nothing was stored."""


@dataclass(frozen=True, slots=True)
class Put:
    """What became of an article, and its id; of a twin the id of the other link."""

    kept: Kept
    id: int


class Linked(Protocol):
    """What an article is told by its link: the link itself (`tables.Link`), or one that is held."""

    @property
    def id(self) -> int: ...

    @property
    def canonical_url(self) -> str | None: ...

    @property
    def page_id(self) -> int | None: ...


def put_article(
    session: Session,
    link: Linked,
    found: extracted.Article,
    *,
    source: str | None,
    now: datetime,
    urls: Collection[str] = (),
    lines: KeptLines | None = None,
) -> Put:
    """Store the article of a link, or the next revision of the one it has.

    A new one comes with its `lines`. It is none where the article of another link is the same page: that one lives at
    one of `urls`, or names one as its own. Only pages of one source can be the same page: elsewhere a canonical URL
    names the original of a copy. A page that was taken down is known all the same. The caller has locked the URLs.
    """
    values = {
        "link_id": link.id,
        "url": link.canonical_url,
        "source": source,
        "published": found.published,
        "published_precision": found.published_precision,
        "arrived_at": now,
        **_current(found),
        **{f"first_{name}": value for name, value in _revision(found, link.page_id, now).items()},
        **{f"line_{name}": value for name, value in values_of(lines).items()},
        "twin_urls": list(urls),
        "taken_down": TAKEN_DOWN,
    }
    twin, article_id = _PUT.row(session, values | {"first_removed": Jsonb(values["first_removed"])})
    if twin is not None:
        return Put(Kept.TWIN, twin)
    return _revise(session, link, found, now) if article_id is None else Put(Kept.NEW, article_id)


def is_folded(session: Session, article_id: int) -> bool:
    return (
        session.scalar(select(Article.id).where(Article.id == article_id, Article.cluster_id.is_not(None))) is not None
    )


def _revise(session: Session, link: Linked, found: extracted.Article, now: datetime) -> Put:
    """Add a revision where the text or the title is another. When it was first published does not change."""
    article = session.scalars(select(Article).where(Article.link_id == link.id).with_for_update()).one()
    current = session.get_one(Revision, (article.id, article.revision))
    if (found.text, found.title) == (current.text, current.title):
        return Put(Kept.SAME, article.id)
    number = article.revision + 1
    numbered = {"article_id": article.id, "revision": number}
    session.execute(insert(Revision).values({**numbered, **_revision(found, link.page_id, now)}))
    values: dict[str, object] = {"revision": number, **_current(found)}
    if article.published is None:
        values |= {"published": found.published, "published_precision": found.published_precision}
    session.execute(update(Article).where(Article.id == article.id).values(values))
    return Put(Kept.REVISED, article.id)


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

# Each road by its own index: one condition over two tables would read every article of the source.
_TWIN = (
    text(
        """
        SELECT link_id FROM (
            SELECT id, link_id FROM articles
            WHERE canonical_url = ANY(:twin_urls) AND source = :source
            UNION ALL
            SELECT articles.id, articles.link_id FROM link_urls JOIN articles ON articles.link_id = link_urls.link_id
            WHERE link_urls.canonical_url = ANY(:twin_urls) AND source = :source
            UNION ALL
            SELECT NULL, links.id FROM link_urls JOIN links ON links.id = link_urls.link_id
            WHERE link_urls.canonical_url = ANY(:twin_urls) AND links.reason = :taken_down
        ) AS twins WHERE link_id <> :link_id ORDER BY id NULLS LAST, link_id LIMIT 1
        """
    )
    .bindparams(bindparam("twin_urls", type_=ARRAY(Text)), bindparam("source", type_=Text))
    .columns(link_id=BigInteger)
    .cte("twin")
)

# An article that has no twin, its first revision and its lines, in one statement that is built once.
_ARTICLE = (
    insert(Article)
    .from_select(
        [*_NEW, "seed"],
        select(
            *(bindparam(name, type_=Article.__table__.c[name].type) for name in _NEW),
            select(Seed.name).where(Seed.link_id == _OF_LINK).scalar_subquery(),
        ).where(~select(_TWIN).exists()),
    )
    .on_conflict_do_nothing(index_elements=["link_id"])
    .returning(Article.id)
    .cte("new_article")
)
_REVISION = (
    insert(Revision)
    .from_select(
        ["article_id", "revision", *_FIRST],
        select(
            _ARTICLE.c.id,
            literal_column("1"),
            *(bindparam(f"first_{name}", type_=Revision.__table__.c[name].type) for name in _FIRST),
        ),
    )
    .cte("first_revision")
)
_LINES = (
    insert(SiteLines)
    .from_select(
        ["article_id", *KEPT],
        select(_ARTICLE.c.id, *(given(name, "line_") for name in KEPT)).where(
            bindparam("line_site", type_=Text).is_not(None)
        ),
    )
    .cte("new_lines")
)
_PUT = Statement(
    select(
        select(_TWIN.c.link_id).scalar_subquery().label("twin"),
        select(_ARTICLE.c.id).scalar_subquery().label("article"),
    ).add_cte(_REVISION, _LINES)
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
