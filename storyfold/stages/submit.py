"""Submit: from what was handed in (a URL, a text, a page) to links with work waiting. Whoever calls commits.

Every door submits here: the API, the command line, and whatever reads feeds.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from storyfold.errors import BadInput
from storyfold.logs import about
from storyfold.store import feed_changes, feeds, links, pages, pushes
from storyfold.store.links import Declared, NewLink
from storyfold.store.pages import RawPage
from storyfold.store.tables import Fate, Feed, Link, PageKind, Stage
from storyfold.web.urls import CanonicalUrl, canonicalize, requestable

log = logging.getLogger(__name__)

INVALID_URL = "invalid-url"
"""The reason of an item whose URL cannot be one: it gets no link."""

# The first newspaper appeared in 1605; a date before it is a mistake, and years near 1 break time zones.
EARLIEST = datetime(1605, 1, 1, tzinfo=UTC)

LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$"
"""What a language may be given as: ``en``, ``pt-BR``."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Published:
    """When something appeared, in UTC; `precision` is ``day`` or ``second``."""

    at: datetime
    precision: str


@dataclass(frozen=True, slots=True)
class UrlSubmission:
    """A URL as it was handed in, and what was said about it."""

    url: str
    published: Published | None = None
    source: str | None = None
    title: str | None = None
    feed_id: int | None = None
    entry_digest: str | None = None


@dataclass(frozen=True, slots=True)
class PushedArticle:
    """A text or a page already in hand: exactly one of `text` and `html`."""

    text: str | None = None
    html: str | None = None
    url: str | None = None
    title: str | None = None
    published: Published | None = None
    source: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SubmittedItem:
    """What became of one thing handed in. `url` is as handed in; `id` is null only for what cannot be a link."""

    id: int | None
    url: str | None
    canonical_url: str | None
    fate: Fate
    reason: str | None
    created: bool


def parse_published(text: str) -> Published:
    """``YYYY-MM-DD`` (known to the day) or RFC 3339 (known to the second). Raises `BadInput` for anything else."""
    try:
        if _DAY.fullmatch(text):
            return Published(datetime.fromisoformat(text).replace(tzinfo=UTC), "day")
        if _INSTANT.fullmatch(text):
            return Published(datetime.fromisoformat(text.upper()).astimezone(UTC), "second")
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{text[:40]!r} is no date that can be") from error
    raise BadInput(f"{text[:40]!r} is neither a date (2026-07-01) nor RFC 3339 (2026-07-01T12:00:00Z)")


def believable(published: Published | None, now: datetime) -> Published | None:
    """The same, or None for what cannot be when something appeared: before there were newspapers, or after `now`."""
    return published if published and EARLIEST <= published.at <= now else None


def parse_language(tag: str) -> str:
    """The language that a tag names, its first part in small letters. Raises `BadInput` for what is no tag."""
    if not re.fullmatch(LANGUAGE_TAG, tag):
        raise BadInput(f"{tag[:40]!r} is no tag of a language (en, pt-BR)")
    return tag.partition("-")[0].lower()


def submit_urls(session: Session, submissions: Sequence[UrlSubmission], now: datetime) -> list[SubmittedItem]:
    """Make the URLs known, in the order given. What cannot be a URL is rejected and stops nothing else."""
    canonical = [_canonical(submission.url) for submission in submissions]
    new = [_new_link(given, url, now) for given, url in zip(submissions, canonical, strict=True) if url is not None]
    submitted = iter(_noted(links.submit(session, new, now)))
    return [
        _rejected(given.url) if url is None else _item(given.url, *next(submitted))
        for given, url in zip(submissions, canonical, strict=True)
    ]


def _noted(submitted: list[tuple[Link, bool]]) -> list[tuple[Link, bool]]:
    """The same, with a line of the log for each new link: where its way begins."""
    if log.isEnabledFor(logging.INFO):
        for link, created in submitted:
            if created:
                log.info("submit: new", extra=about(link=link.id, stage="submit", outcome="new", feed=link.feed_id))
    return submitted


def push_article(session: Session, pushed: PushedArticle, now: datetime) -> SubmittedItem:
    """Make the text or page known, to be read without any fetch.

    A URL that is known already keeps its link: one that waits for its fetch, was rejected or failed is taken up with
    what was pushed; one with a page or an article of its own stays as it is.

    Raises:
        BadInput: the URL cannot be one, or not exactly one of text and page is there.
    """
    if (pushed.text is None) == (pushed.html is None):
        raise BadInput("exactly one of text and html has to be given")
    url = canonicalize(_storable(pushed.url)) if pushed.url is not None else None
    declared = _declared(pushed, now)
    new = NewLink(
        pushed.url, url.url if url else None, url.host if url else None, declared=declared, stage=Stage.DIGEST
    )
    [(link, created)] = _noted(links.submit(session, [new], now))
    if pushes.awaits_page(session, link.id):
        page_id = pages.put_page(session, _raw_page(pushed, link.canonical_url, now), link.id)
        link = pushes.start_from_page(session, link.id, page_id, declared, now)
    return _item(pushed.url, link, created)


def watch_feed(session: Session, url: str, now: datetime) -> tuple[Feed, bool]:
    """Watch the feed at `url`, due at once. -> (feed, whether it is new). Raises `BadInput`.

    A feed's query is kept whole: what tracks a reader of pages may be what a feed is told apart by.
    """
    address = feed_address(url)
    return feeds.add_feed(session, address.url, address.host, now)


def change_feed(
    session: Session,
    feed_id: int,
    actor: str,
    now: datetime,
    *,
    url: str | None = None,
    paused: bool | None = None,
    name: str | None = None,
) -> Feed:
    """Change a feed; see `store.feed_changes`. Raises `BadInput` for what can be no feed's address."""
    address = feed_address(url) if url is not None else None
    moved = feed_changes.Address(address.url, address.host) if address else None
    said = _kept(name).strip() if name is not None else None
    return feed_changes.change_feed(session, feed_id, actor, now, address=moved, paused=paused, name=said)


def feed_address(url: str) -> CanonicalUrl:
    """The address by which a feed is known. Raises `BadInput`."""
    return requestable(_storable(url))


def _new_link(given: UrlSubmission, url: CanonicalUrl, now: datetime) -> NewLink:
    declared = _declared(given, now)
    return NewLink(given.url, url.url, url.host, declared, given.feed_id, entry_digest=given.entry_digest)


def _declared(given: UrlSubmission | PushedArticle, now: datetime) -> Declared:
    published = believable(given.published, now)
    return Declared(
        title=_said(given.title),
        published=published.at if published else None,
        precision=published.precision if published else None,
        source=_said(given.source),
        language=_said(given.language) if isinstance(given, PushedArticle) else None,
    )


def _raw_page(pushed: PushedArticle, url: str | None, now: datetime) -> RawPage:
    """What was pushed as bytes. Half a surrogate pair stands for no character and cannot be kept."""
    if pushed.html is not None:
        body = pushed.html.encode("utf-8", "replace")
        return RawPage(PageKind.PUSHED_HTML, body, now, url, "text/html; charset=utf-8")
    return RawPage(PageKind.PUSHED_TEXT, str(pushed.text).encode("utf-8", "replace"), now, url, "text/plain")


def _canonical(url: str) -> CanonicalUrl | None:
    try:
        return canonicalize(_storable(url))
    except BadInput:
        return None


def _storable(url: str) -> str:
    """The URL, which is kept as it was given. Raises `BadInput` where PostgreSQL cannot hold it."""
    if _kept(url) != url:
        raise BadInput("the URL holds characters that no URL can carry")
    return url


def _kept(text: str) -> str:
    """What PostgreSQL can hold of a text: all but NUL and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _said(text: str | None) -> str | None:
    return (_kept(text).strip() or None) if text is not None else None


def _item(url: str | None, link: Link, created: bool) -> SubmittedItem:
    return SubmittedItem(link.id, url, link.canonical_url, Fate(link.fate), link.reason, created)


def _rejected(url: str) -> SubmittedItem:
    return SubmittedItem(None, url, None, Fate.REJECTED, INVALID_URL, created=False)
