"""What a feed says, whatever its format."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

_DIGEST_VERSION = "1"
_TITLE_LENGTH = 500
_CLOCK_SKEW = timedelta(minutes=10)
_EARLIEST_YEAR = 1990
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_BREAK_TAG = re.compile(r"</?(?:br|p|div|li)\b[^<>]{0,500}>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:[abiqsu]|em|strong|span|sub|sup|small|code|cite|font|mark|img)\b[^<>]{0,500}>", re.IGNORECASE
)


class FeedKind(StrEnum):
    RSS = "rss"
    RDF = "rdf"
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing a feed announces. The identity is the URL; `guid` is a hint, since publishers change and repeat it."""

    url: str
    """Absolute, as the feed gives it: not canonical."""
    guid: str | None
    title: str | None
    """Plain text, one line."""
    published: datetime | None
    """Unknown where the feed says nothing, or a time that lies ahead or before there were feeds."""
    updated: datetime | None
    day_only: bool
    """Whether `published` is known to the day: it says midnight sharp, which hardly anybody publishes at."""
    digest: str
    """Changes when the publisher signals a change (title, dates), whatever parser read the feed."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One reading of a feed. `entries` keep the feed's order."""

    kind: FeedKind
    title: str | None
    home_url: str | None
    entries: tuple[FeedEntry, ...]
    without_link: int = 0
    """Entries that name no page, and so cannot be followed."""
    asked_interval: float | None = None
    """Seconds between polls that the feed itself asks for (``ttl``, ``sy:updatePeriod``)."""
    hub_url: str | None = None
    """Its WebSub hub."""
    fault: str | None = None
    """What is wrong with it, for a person, although something could be read."""


def entry(
    *,
    base: str,
    link: str | None,
    guid: str | None,
    title: str | None,
    published: datetime | None,
    updated: datetime | None,
    now: datetime,
) -> FeedEntry | None:
    """An entry from what a parser found; None without a link to a web page. Relative links start from `base`."""
    url = absolute(base, link)
    if url is None:
        return None
    line = plain_line(title)
    said = "\0".join((line or "", _stamp(updated or published)))
    when = credible(published, now)
    digest = hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=12).hexdigest()
    return FeedEntry(
        url=url,
        guid=(guid or "").strip()[:2_000] or None,
        title=line,
        published=when,
        updated=credible(updated, now),
        day_only=when is not None and when.time() == time.min,
        digest=f"{_DIGEST_VERSION}:{digest}",
    )


def absolute(base: str, link: str | None) -> str | None:
    """`link` as an absolute web address, or None where it is none."""
    text = _LINE_BREAKS.sub("", (link or "").strip())
    if not text:
        return None
    try:
        url = urljoin(base, text)
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def credible(when: datetime | None, now: datetime) -> datetime | None:
    """`when`, or None for what cannot be a time of publication. Clocks a little ahead are set back to `now`."""
    if when is None or when.year < _EARLIEST_YEAR or when > now + _CLOCK_SKEW:
        return None
    return min(when, now)


def plain_line(text: str | None) -> str | None:
    """`text` without markup and line breaks, at most 500 characters; None where nothing is left."""
    if not text:
        return None
    bare = _INLINE_TAG.sub("", _BREAK_TAG.sub(" ", html.unescape(text[: 4 * _TITLE_LENGTH])))
    return " ".join(bare.split())[:_TITLE_LENGTH] or None


def _stamp(when: datetime | None) -> str:
    return str(int(when.timestamp())) if when else ""
