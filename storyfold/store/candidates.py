"""Looking up what an incoming article may be tied to. Cost stays flat as the corpus grows: every list is capped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TableValuedAlias

from storyfold.errors import BadInput
from storyfold.matching.assign import REPRESENTATIVES, Candidate
from storyfold.matching.fingerprint import Fingerprint
from storyfold.store.tables import Article, ArticleTerm, Cluster, FingerprintRow, Story

# Articles looked at for one term: beyond it a term tells little, and the newest are the likeliest.
TERM_CAP = 200
# Articles taken by bands: copies of one text are in one cluster, a few of them lead there.
BAND_CAP = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found under a shared term; `day` is the ordinal of its publication, where known."""

    article_id: int
    term: int
    day: int | None


def term_hits(session: Session, terms: Collection[int]) -> list[Hit]:
    """The newest `TERM_CAP` articles under each of `terms`."""
    if not terms:
        return []
    asked = _asked(terms)
    newest = (
        select(ArticleTerm.article_id, ArticleTerm.day)
        .where(ArticleTerm.term == asked.c.id)
        .order_by(ArticleTerm.article_id.desc())
        .limit(TERM_CAP)
        .lateral("newest")
    )
    query = select(newest.c.article_id, asked.c.id, newest.c.day).select_from(asked.join(newest, true()))
    return [Hit(article_id, term, day) for article_id, term, day in session.execute(query)]


def band_hits(session: Session, bands: Sequence[int]) -> list[int]:
    """Articles that share a band, at most `BAND_CAP`."""
    if not bands:
        return []
    shared = FingerprintRow.bands.op("&&")(bindparam("bands", list(bands), ARRAY(BigInteger)))
    return list(session.scalars(select(FingerprintRow.article_id).where(shared).limit(BAND_CAP)))


def watermark(session: Session) -> int:
    """The greatest sequence folded so far: what has a greater one came in later."""
    return session.scalar(select(func.max(FingerprintRow.sequence))) or 0


def folded_since(session: Session, sequence: int) -> list[Candidate]:
    """What was folded after `sequence`, in order."""
    return _candidates(session, FingerprintRow.sequence > sequence)


def candidates(session: Session, article_ids: Iterable[int]) -> list[Candidate]:
    """These articles as they stand; those not folded yet are left out."""
    ids = sorted(set(article_ids))
    return _candidates(session, FingerprintRow.article_id.in_(ids)) if ids else []


def placements(session: Session, article_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """article id -> (cluster id, story id), as they stand now."""
    ids = sorted(set(article_ids))
    query = (
        select(Article.id, Cluster.id, Cluster.story_id)
        .join(Cluster, Cluster.id == Article.cluster_id)
        .where(Article.id.in_(ids))
    )
    return {article_id: (cluster, story) for article_id, cluster, story in session.execute(query)} if ids else {}


def cluster_members(session: Session, cluster_ids: Collection[int]) -> list[int]:
    """The newest members of each of these clusters, `REPRESENTATIVES` at most of each."""
    if not cluster_ids:
        return []
    asked = _asked(cluster_ids)
    newest = (
        select(Article.id)
        .where(Article.cluster_id == asked.c.id)
        .order_by(Article.id.desc())
        .limit(REPRESENTATIVES)
        .lateral("newest")
    )
    return list(session.scalars(select(newest.c.id).select_from(asked.join(newest, true()))))


def story_members(session: Session, story_ids: Collection[int]) -> list[int]:
    """Articles that may stand for these stories: the canonical one, and of the newest clusters head and newest member.

    At most a few times `REPRESENTATIVES` of each story, however large it is.
    """
    if not story_ids:
        return []
    asked = _asked(story_ids)
    clusters = (
        select(Cluster.id, Cluster.head_article_id)
        .where(Cluster.story_id == asked.c.id)
        .order_by(Cluster.id.desc())
        .limit(REPRESENTATIVES)
        .lateral("cluster")
    )
    newest = (
        select(Article.id)
        .where(Article.cluster_id == clusters.c.id)
        .order_by(Article.id.desc())
        .limit(1)
        .lateral("newest")
    )
    told = select(newest.c.id, clusters.c.head_article_id).select_from(
        asked.join(clusters, true()).join(newest, true())
    )
    canonical = select(Story.canonical_article_id).where(Story.id.in_(story_ids))
    members = {id for row in session.execute(told) for id in row}
    return [id for id in {*members, *session.scalars(canonical)} if id is not None]


def _asked(ids: Collection[int]) -> TableValuedAlias:
    return (
        func.unnest(bindparam("asked", sorted(ids), ARRAY(BigInteger)))
        .table_valued("id", name="asked")
        .render_derived()
    )


def _candidates(session: Session, condition: ColumnElement[bool]) -> list[Candidate]:
    query = (
        select(
            Article.id,
            Article.cluster_id,
            Cluster.story_id,
            Article.published,
            FingerprintRow.event_days,
            FingerprintRow.data,
        )
        .join(FingerprintRow, FingerprintRow.article_id == Article.id)
        .join(Cluster, Cluster.id == Article.cluster_id)
        .where(condition)
        .order_by(FingerprintRow.sequence)
    )
    found: list[Candidate] = []
    for row in session.execute(query):
        try:
            fingerprint = Fingerprint.from_bytes(row.data)
        except BadInput:
            continue  # made by an older algorithm: it is found again once it was made anew
        days = tuple(row.event_days)
        found.append(Candidate(row.id, row.cluster_id, row.story_id, fingerprint, row.published, days))
    return found
