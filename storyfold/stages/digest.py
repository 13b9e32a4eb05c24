"""Digest: from a page to an article. Parses hostile bytes; runs in a process that may be killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.orm import Session

from storyfold.articles.article import Article, Declared, Precision
from storyfold.articles.digest import digest_page, digest_text
from storyfold.articles.template import SeenArticle, SiteTemplate, learn_template, sightings
from storyfold.errors import BadInput, FateError, NotFound, Rejected
from storyfold.stages.kinds import Kind
from storyfold.stages.work import RetryPolicy, Work, fail_link
from storyfold.store import articles, pages, sites, work
from storyfold.store.articles import Kept
from storyfold.store.leases import Lease, Terms
from storyfold.store.pages import RawPage
from storyfold.store.sites import SiteKnowledge
from storyfold.store.tables import Fate, Link, PageKind, Stage
from storyfold.web.urls import canonicalize, source_of

# Folding takes so many articles at once (see `stages.fold`), and while others are still being digested it may wait for
# them, so long at most. By itself an article is folded at once.
FOLDED_TOGETHER = 32
LONGEST_REST = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class DigestJob:
    lease: Lease
    link: Link
    page: RawPage | None
    knowledge: SiteKnowledge | None


@dataclass(frozen=True, slots=True)
class Digested:
    """The article, its source, and the site's template where a new one was learned on the way."""

    article: Article
    source: str | None
    learned: SiteTemplate | None


@dataclass(frozen=True, slots=True)
class Digest:
    """The stage with what it needs; see `stages.work` for how it is run."""

    retry: RetryPolicy
    lease_seconds: float

    def claim(self, session: Session, id: int, now: datetime) -> DigestJob | None:
        claimed = work.claim(session, id, Stage.DIGEST, Terms(now, self.lease_seconds))
        if claimed is None:
            return None
        link, lease = claimed
        knowledge = sites.site_knowledge(session, link.host) if link.host else None
        return DigestJob(lease, link, _page(session, link), knowledge)

    def run(self, job: DigestJob, now: datetime) -> Digested:
        """The article. Raises `Rejected` with the reason where the page holds none."""
        if job.page is None:
            raise Rejected("page-gone", "the page is no longer kept: fetch it again by submitting its URL")
        learned = _learn(job.knowledge, now)
        template = learned or (job.knowledge.template if job.knowledge else None)
        article = _extract(job.page, job.link, template, now)
        if article.rejected:
            raise Rejected(article.rejected, f"the page was read and is no article ({article.rejected})")
        return Digested(article, _source(job.link), learned)

    def store(self, session: Session, job: DigestJob, result: Digested, now: datetime) -> Sequence[Work]:
        """Keep the article and hand the link on; a page known by another URL already makes this a duplicate.

        A page that was read again and says what it said before is done with.
        """
        if not work.is_held(session, job.lease):
            return ()
        twin = self._twin(session, job, result)
        if twin is not None:
            work.settle(session, job.lease, Fate.DUPLICATE, now, reason="canonical-url", duplicate_of=twin)
            return ()
        article_id, kept = articles.put_article(session, job.link, result.article, source=result.source, now=now)
        if kept is Kept.SAME and articles.is_folded(session, article_id):
            work.settle(session, job.lease, Fate.FOLDED, now)
            return ()
        if job.knowledge is not None:
            _remember_lines(session, job.knowledge, article_id, result, now)
        rings = work.hand_to_folding(session, job.lease, now, batch=FOLDED_TOGETHER, rest=LONGEST_REST)
        return [Work(Kind.FOLD, job.lease.id)] if rings else ()

    def fail(self, session: Session, job: DigestJob, error: FateError, now: datetime) -> Sequence[Work]:
        fail_link(session, job.lease, error, self.retry, now)
        return ()

    def _twin(self, session: Session, job: DigestJob, result: Digested) -> int | None:
        if job.link.canonical_url is None:
            return None
        urls = [job.link.canonical_url, *_own_address(job.link, result.article)]
        return articles.find_twin(session, job.link.id, urls, result.source)


def _page(session: Session, link: Link) -> RawPage | None:
    try:
        return pages.get_page(session, link.page_id) if link.page_id is not None else None
    except NotFound:
        return None


def _learn(knowledge: SiteKnowledge | None, now: datetime) -> SiteTemplate | None:
    if knowledge is None or not knowledge.history:
        return None
    return replace(learn_template(knowledge.history, today=now.date()), good=knowledge.template.good)


def _extract(page: RawPage, link: Link, template: SiteTemplate | None, now: datetime) -> Article:
    declared = Declared(
        url=link.canonical_url,
        title=link.declared_title,
        published=link.declared_published,
        published_precision=cast("Precision | None", link.declared_precision),
        source=link.declared_source,
        language=link.declared_language,
    )
    if page.kind == PageKind.PUSHED_TEXT:
        return digest_text(page.body.decode("utf-8"), declared=declared, now=now, template=template)
    url = page.final_url or link.canonical_url
    return digest_page(
        page.body, content_type=page.content_type, url=url, declared=declared, now=now, template=template
    )


def _source(link: Link) -> str | None:
    if link.declared_source:
        return link.declared_source
    return source_of(link.canonical_url) if link.canonical_url else None


def _own_address(link: Link, article: Article) -> list[str]:
    """The page's canonical URL, where it is on the link's own site."""
    if article.canonical_url is None or link.canonical_url is None:
        return []
    try:
        own = canonicalize(article.canonical_url).url
        return [own] if source_of(own) == source_of(link.canonical_url) else []
    except BadInput:
        return []  # a page may name anything as its address; what is no URL names nothing


def _remember_lines(
    session: Session, knowledge: SiteKnowledge, article_id: int, result: Digested, now: datetime
) -> None:
    day = (result.article.published or now).date()
    sites.keep_lines(session, knowledge.site, article_id, SeenArticle(day, sightings(result.article)))
    if result.learned is not None:
        sites.keep_template(session, knowledge.site, result.learned, knowledge.articles, now)
