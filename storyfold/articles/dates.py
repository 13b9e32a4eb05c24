"""Times as pages write them, to an aware time and how exactly it is known."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from storyfold.articles.article import Precision

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LOGGER = logging.getLogger(__name__)

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No page is older than the web; an earlier date is about something else."""
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")
_SHORT_ZONE = re.compile(r"([+-]\d\d)$")


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware time, and what of it is known. It keeps the zone it was written in, in which its day is the day the page
    shows; of a `day` it is midnight UTC of the day as written.
    """

    time: datetime
    precision: Precision


def parse_moment(written: str | None, *, now: datetime) -> Moment | None:
    """The time in a string of ISO 8601 or RFC 5322; None for any other string and for times not in the past.

    Midnight to the second is what systems write that know the day alone. A time without a zone is taken as UTC.
    """
    if not written or len(written) > 60:
        return None
    written = written.strip()
    time = _read(written)
    if time is None:
        return None
    clock = _CLOCK.search(written)
    if not clock or (time.hour, time.minute, time.second) == (0, 0, 0):
        moment = Moment(datetime(time.year, time.month, time.day, tzinfo=UTC), "day")
    else:
        moment = Moment(time, "second" if clock[1] else "minute")
    return moment if EARLIEST <= moment.time <= now else None


def _read(written: str) -> datetime | None:
    iso = _SHORT_ZONE.sub(r"\1:00", _LONG_FRACTION.sub(r"\1", written)) if "T" in written else written
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            time = parse(iso)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        return aware if EARLIEST.year <= aware.year <= 9990 else None
    return None


def guessed_day(tree: HtmlElement, url: str | None, *, modified: bool, now: datetime) -> Moment | None:
    """The day of publication that htmldate finds in the page's text and markup.

    Where the page's head says when it was `modified`, only the body is searched: htmldate would take that day. The
    first of January is what it makes of a copyright year, and counts as not found.
    """
    from htmldate import find_date

    body = tree.find("body")
    latest = (now + timedelta(days=1)).strftime("%Y-%m-%d")
    try:
        found = find_date(
            body if modified and body is not None else tree,
            original_date=True,
            extensive_search=False,
            url=url,
            max_date=latest,
        )
    except MemoryError:
        raise
    except Exception:  # what a hostile page can make a date parser raise has no end
        LOGGER.info("the date of a page could not be guessed", exc_info=True)
        return None
    return None if found and found.endswith("-01-01") else parse_moment(found, now=now)
