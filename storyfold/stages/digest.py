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
from storyfold.errors import BadInput, FateError, Rejected
from storyfold.stages.kinds import Kind
from storyfold.stages.work import RetryPolicy, Work, fail_link
from storyfold.store import articles, digesting, sites, work
from storyfold.store.articles import Kept
from storyfold.store.digesting import PageInHand
from storyfold.store.leases import Terms
from storyfold.store.pages import RawPage
from storyfold.store.sites import KeptLines, SiteKnowledge
from storyfold.store.tables import Fate, PageKind
from storyfold.web.urls import canonicalize, source_of

# Folding takes so many articles at once (see `stages.fold`), and while others are still being digested it may wait for
# them, so long at most. By itself an article is folded at once.
FOLDED_TOGETHER = 32
LONGEST_REST = timedelta(seconds=2)


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

    def claim(self, session: Session, id: int, now: datetime) -> PageInHand | None:
        return digesting.claim(session, id, Terms(now, self.lease_seconds))

    def claim_waiting(self, session: Session, now: datetime) -> PageInHand | None:
        """Hold the page that has waited longest, whatever it is: for a worker that goes on."""
        return digesting.claim_waiting(session, Terms(now, self.lease_seconds))

    def go_on(
        self, session: Session, done: PageInHand | None, failure: FateError | None, now: datetime, *, here: bool
    ) -> tuple[PageInHand | None, Sequence[Work]]:
        """Go on with the page that has waited longest, whatever became of the one before."""
        if here:
            return self.claim_waiting(session, now), ()
        return None, [Work(Kind.DIGEST, id) for id in digesting.ring_waiting(session, now)]

    def run(self, job: PageInHand, now: datetime) -> Digested:
        """The article. Raises `Rejected` with the reason where the page holds none."""
        page = job.page
        if page is None:
            raise Rejected("page-gone", "the page is no longer kept: fetch it again by submitting its URL")
        learned = _learn(job.knowledge, now)
        template = learned or (job.knowledge.template if job.knowledge else None)
        article = _extract(page, job, template, now)
        if article.rejected:
            raise Rejected(article.rejected, f"the page was read and is no article ({article.rejected})")
        return Digested(article, _source(job), learned)

    def store(self, session: Session, job: PageInHand, result: Digested, now: datetime) -> Sequence[Work]:
        """Keep the article and hand the link on; a page known by another URL already makes this a duplicate.

        A page that was read again and says what it said before is done with.
        """
        urls = _own_urls(job, result.article)
        if not digesting.is_held(session, job.lease, urls):
            return ()
        lines = _lines(job.knowledge, result, now)
        put = articles.put_article(session, job, result.article, source=result.source, now=now, urls=urls, lines=lines)
        if put.kept is Kept.TWIN:
            work.settle(session, job.lease, Fate.DUPLICATE, now, reason="canonical-url", duplicate_of=put.id)
            return ()
        if put.kept is Kept.SAME and articles.is_folded(session, put.id):
            work.settle(session, job.lease, Fate.FOLDED, now)
            return ()
        if lines is not None and put.kept is not Kept.NEW:
            sites.keep_lines(session, put.id, lines)
        if job.knowledge is not None and result.learned is not None:
            sites.keep_template(session, job.knowledge.site, result.learned, job.knowledge.articles, now)
        rings = work.hand_to_folding(session, job.lease, now, batch=FOLDED_TOGETHER, rest=LONGEST_REST)
        return [Work(Kind.FOLD, job.lease.id)] if rings else ()

    def fail(self, session: Session, job: PageInHand, error: FateError, now: datetime) -> Sequence[Work]:
        fail_link(session, job.lease, error, self.retry, now)
        return ()


def _learn(knowledge: SiteKnowledge | None, now: datetime) -> SiteTemplate | None:
    if knowledge is None or not knowledge.history:
        return None
    return replace(learn_template(knowledge.history, today=now.date()), good=knowledge.template.good)


def _extract(page: RawPage, job: PageInHand, template: SiteTemplate | None, now: datetime) -> Article:
    said = job.declared
    declared = Declared(
        url=job.canonical_url,
        title=said.title,
        published=said.published,
        published_precision=cast("Precision | None", said.precision),
        source=said.source,
        language=said.language,
    )
    if page.kind == PageKind.PUSHED_TEXT:
        return digest_text(page.body.decode("utf-8"), declared=declared, now=now, template=template)
    url = page.final_url or job.canonical_url
    return digest_page(
        page.body, content_type=page.content_type, url=url, declared=declared, now=now, template=template
    )


def _source(job: PageInHand) -> str | None:
    if job.declared.source:
        return job.declared.source
    return source_of(job.canonical_url) if job.canonical_url else None


def _own_urls(job: PageInHand, article: Article) -> list[str]:
    """What the page is known by: the link's URL and, where it is on the same site, the one that the page names."""
    if job.canonical_url is None:
        return []
    try:
        own = canonicalize(article.canonical_url).url if article.canonical_url else job.canonical_url
    except BadInput:
        own = job.canonical_url  # a page may name anything as its address; what is no URL names nothing
    return [job.canonical_url, own] if source_of(own) == source_of(job.canonical_url) else [job.canonical_url]


def _lines(knowledge: SiteKnowledge | None, result: Digested, now: datetime) -> KeptLines | None:
    day = (result.article.published or now).date()
    return KeptLines(knowledge.site, SeenArticle(day, sightings(result.article))) if knowledge else None
