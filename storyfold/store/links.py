"""Links: submitting them, and the records a person reads. Their way through the stages is in `work`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Text, any_, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.errors import Conflict, NotFound
from storyfold.store.leases import FREE
from storyfold.store.tables import Article, Cluster, Fate, Link, LinkUrl, Stage
from storyfold.store.tables.takedowns import TAKEN_DOWN


@dataclass(frozen=True, slots=True)
class Declared:
    """What whoever handed a link in said of it; it wins over what its page says."""

    title: str | None = None
    published: datetime | None = None
    precision: str | None = None
    source: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to be known. `canonical_url` is its identity; both URLs are null for a text pushed without any."""

    url: str | None
    canonical_url: str | None
    host: str | None
    declared: Declared = Declared()
    feed_id: int | None = None
    stage: Stage = Stage.FETCH
    entry_digest: str | None = None


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link as read back, with where its article stands."""

    link: Link
    article_id: int | None
    story_id: int | None


def submit(session: Session, new_links: Sequence[NewLink], now: datetime) -> list[tuple[Link, bool]]:
    """Make the links known. -> (link, whether it is new) in the order given; one canonical URL is one link, always.

    Identities are inserted in the order of their URLs, so that two batches with the same links never wait for each
    other in a circle.
    """
    by_url = {link.canonical_url: link for link in reversed(new_links) if link.canonical_url is not None}
    created = _insert_new(session, by_url, now)
    known = _known(session, list(by_url))
    return [_pick(session, link, known, created, now) for link in new_links]


def _insert_new(session: Session, by_url: dict[str, NewLink], now: datetime) -> set[int]:
    """Insert identities first: whoever wins one, makes its link. -> ids of the links made."""
    if not by_url:
        return set()
    identities = session.connection().execute(_IDENTITIES, {"urls": sorted(by_url)})
    won = {link_id: by_url[url] for url, link_id in identities}
    if won:
        rows = [{"id": link_id} | _values(new, now) for link_id, new in won.items()]
        session.connection().execute(_LINKS, {name: [row[name] for row in rows] for name in _TYPES})
    return set(won)


def _known(session: Session, urls: Sequence[str]) -> dict[str, Link]:
    query = (
        select(LinkUrl.canonical_url, Link)
        .join(Link, Link.id == LinkUrl.link_id)
        .where(LinkUrl.canonical_url == any_(bindparam("urls", type_=ARRAY(Text))))
    )
    return {row.canonical_url: row.Link for row in session.execute(query, {"urls": list(urls)})} if urls else {}


def _pick(
    session: Session, new: NewLink, known: dict[str, Link], created: set[int], now: datetime
) -> tuple[Link, bool]:
    if new.canonical_url is None:
        return session.scalars(insert(Link).values(_values(new, now)).returning(Link)).one(), True
    link = known[new.canonical_url]
    is_new = link.id in created
    created.discard(link.id)  # a URL that stands twice in one batch is new once
    return link, is_new


def identify(session: Session, link_id: int, canonical_url: str) -> int | None:
    """Note that the link's page lives at this URL too. -> the other link that this page is already known by, if any.

    A link that was rejected or failed knows nothing of the page: it stands in nobody's way. One that was taken down
    does: its page must not come back under another name.
    """
    statement = insert(LinkUrl).values(canonical_url=canonical_url, link_id=link_id)
    session.execute(statement.on_conflict_do_nothing())
    query = (
        select(func.coalesce(Link.duplicate_of, Link.id))
        .join(LinkUrl, LinkUrl.link_id == Link.id)
        .where(LinkUrl.canonical_url == canonical_url)
        .where(or_(Link.fate.not_in([Fate.REJECTED, Fate.FAILED]), Link.reason == TAKEN_DOWN))
    )
    other = session.scalar(query)
    return None if other == link_id else other


def _values(new: NewLink, now: datetime) -> dict[str, object]:
    return {
        "url": new.url,
        "canonical_url": new.canonical_url,
        "host": new.host,
        "feed_id": new.feed_id,
        "stage": new.stage,
        "entry_digest": new.entry_digest,
        "next_attempt_at": now,
        "declared_title": new.declared.title,
        "declared_published": new.declared.published,
        "declared_precision": new.declared.precision,
        "declared_source": new.declared.source,
        "declared_language": new.declared.language,
        "created_at": now,
        "updated_at": now,
    }


# A column each, as one value: with a parameter for each of many links, most of the time goes into writing statements.
_TYPES = {
    "id": "bigint",
    "url": "text",
    "canonical_url": "text",
    "host": "text",
    "feed_id": "bigint",
    "stage": "text",
    "entry_digest": "text",
    "next_attempt_at": "timestamptz",
    "declared_title": "text",
    "declared_published": "timestamptz",
    "declared_precision": "text",
    "declared_source": "text",
    "declared_language": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_COLUMNS, _GIVEN = ", ".join(_TYPES), ", ".join(f"CAST(:{name} AS {type_}[])" for name, type_ in _TYPES.items())
_LINKS = text(f"INSERT INTO links ({_COLUMNS}) SELECT {_COLUMNS} FROM unnest({_GIVEN}) AS given ({_COLUMNS})")  # noqa: S608
_IDENTITIES = text(
    """
    INSERT INTO link_urls (canonical_url, link_id)
    SELECT url, nextval(pg_get_serial_sequence('links', 'id'))
    FROM unnest(CAST(:urls AS text[])) WITH ORDINALITY AS named (url, place) ORDER BY place
    ON CONFLICT DO NOTHING RETURNING canonical_url, link_id
    """
)


def get_link(session: Session, link_id: int) -> LinkRecord:
    """A link and where its article stands (a duplicate's: the article of the link it repeats). Raises `NotFound`."""
    link = session.get(Link, link_id)
    if link is None:
        raise NotFound(f"there is no link {link_id}")
    query = (
        select(Article.id, Cluster.story_id)
        .outerjoin(Cluster, Cluster.id == Article.cluster_id)
        .where(Article.link_id == (link.duplicate_of or link.id))
    )
    row = session.execute(query).one_or_none()
    return LinkRecord(link, *(row or (None, None)))


def list_links(
    session: Session,
    *,
    fate: Fate | None = None,
    host: str | None = None,
    since: datetime | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Link]:
    """Links, newest first, below `before_id` where given. `since` goes by when the link was first known."""
    query = select(Link).order_by(Link.id.desc()).limit(limit)
    if fate is not None:
        query = query.where(Link.fate == fate)
    if host is not None:
        query = query.where(Link.host == host)
    if since is not None:
        query = query.where(Link.created_at >= since)
    if before_id is not None:
        query = query.where(Link.id < before_id)
    return list(session.scalars(query))


def retry_link(session: Session, link_id: int, now: datetime) -> Link:
    """Start a link again that was rejected or failed, from the page it has or from its URL.

    Raises:
        NotFound: there is no such link.
        Conflict: it is still pending, folded, a duplicate, or was taken down.
    """
    again = (
        update(Link)
        .where(Link.id == link_id, Link.fate.in_([Fate.REJECTED, Fate.FAILED]))
        .where(Link.reason.is_distinct_from(TAKEN_DOWN))
        .values(
            **FREE,
            fate=Fate.PENDING,
            stage=Stage.FETCH if _has_url(session, link_id) else Stage.DIGEST,
            reason=None,
            detail=None,
            attempts=0,
            lost_leases=0,
            next_attempt_at=now,
            updated_at=now,
        )
        .returning(Link)
    )
    link = session.scalars(again).one_or_none()
    if link is None:
        known = get_link(session, link_id).link
        why = "was taken down" if known.reason == TAKEN_DOWN else f"is {known.fate}"
        raise Conflict(f"link {link_id} {why}: only a rejected or failed link can be tried again")
    return link


def _has_url(session: Session, link_id: int) -> bool:
    return session.scalar(select(Link.url).where(Link.id == link_id)) is not None
