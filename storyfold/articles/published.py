"""When a page was published, from all that it says of it.

What it says to machines (JSON-LD, then meta tags) stands, with its time of day, unless readers are told a day that
contradicts it in every time zone:

* an earlier one: then machines were told when a record was made or moved, which is so on one page in a hundred;
* a later one that is not the day of the last change: the article was published anew.

A later day that is the last change's is left alone: half of such pages mean it as the date of an older text.
The day in the page's address is such a day, too; it was right on all of 34 labelled pages. Where it is the day before
or after in a zone that exists, the time is given in that zone, so that its date is the day the site means.

Where nothing is said to machines, the day is the one in the address, else the one shown beside the headline, else one
that a line of the page calls that of publication, else one between the headline and the text, else from tags that often
mean the last change, else htmldate's guess.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from storyfold.articles.dated_lines import day_called_published, days_below
from storyfold.articles.dates import Moment, guessed_day, parse_moment
from storyfold.articles.linked_data import Node, first_string
from storyfold.articles.visible_dates import ShownDay, shown_days
from storyfold.articles.written_dates import date_lines, month_of, tag_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "article:published", "datepublished", "parsely-pub-date"),
    *("sailthru.date", "dc.date.issued", "dcterms.created", "pubdate", "publishdate", "publication_date"),
    *("publish-date", "article.published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime"),
    *("og:published_time", "published_time", "citation_publication_date", "citation_online_date", "citation_date"),
    *("article_date_original", "originalpublicationdate", "article:published_date", "article:publicationdate"),
    *("article:post_date", "og:article:published", "og:datepublished", "og:pubdate", "og:publish_date", "bt:pubdate"),
    *("publish_date", "published_date", "published-date", "publisheddate", "date_published", "dateposted"),
    *("publish_time", "dcterms.issued", "dc.issued", "dc.date.publication", "prism.publicationdate", "pdate", "ptime"),
    *("rnews:datepublished", "vr:published_time", "mediator_published_time", "shareaholic:article_published_time"),
)
_PUBLISHED_NAME = re.compile(r"(^|[._: -])pub(lish(ed)?|lication)?[._ -]?(date|time|at|on)?$")
"""Further names of meta tags, as systems make them up: "published", "content.publish-date", "article_pub_date"."""
_SOME_DATE = ("dc.date", "dc:date", "dcterms.date", "dc.created", "dc.date.created", "date", "created", "datecreated")
"""Names that many systems give to the day of the last change: what the page shows goes before them."""
_MODIFIED = (
    *("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified", "dc.modified"),
    *("article:modified", "article:modified_date", "og:modified_time", "og:article:modified_time", "bt:moddate"),
    *("modified_time", "updated_time", "lastmod", "revision_date"),
)
_PERHAPS_MARKED = "//body/descendant::*[@itemprop or @pubdate]"
_DAY_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)([/_-])(\d\d|[a-z]{3,9})\2(\d\d?)(?=[/_.?#-]|$)")
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
"""The zones that exist."""
_OFFSETS = tuple(timedelta(hours=hours) for hours in sorted(range(-12, 15), key=abs))


def modified_time(nodes: list[Node], meta: dict[str, str], *, now: datetime) -> Moment | None:
    """When the page says that it was last changed."""
    return _stated(nodes, "dateModified", meta, _MODIFIED, now)


def published_time(
    tree: HtmlElement,
    nodes: list[Node],
    meta: dict[str, str],
    *,
    url: str | None,
    title: str | None,
    modified: Moment | None,
    now: datetime,
) -> Moment | None:
    """When the page was published; never after `now`. `nodes` are its JSON-LD, `meta` its meta tags by name."""
    names = (*_PUBLISHED, *filter(_PUBLISHED_NAME.search, meta))
    stated = _stated(nodes, "datePublished", meta, names, now)
    lang = tag_of(tree.get("lang"), meta.get("og:locale") or meta.get("content-language"), url)
    in_address = _day_in_address(url, now)
    if stated and in_address:
        return _by_address(stated, in_address)
    marked, shown = _marked(tree, lang, now), shown_days(tree, title, lang, now)
    if stated:
        return _corrected(stated, marked, shown, modified)
    original = [*marked, *(one.moment for one in shown if not one.is_update)]
    if in_address:
        return next((moment for moment in original if moment.time.date() == in_address.time.date()), in_address)
    some_date = _stated([], "", meta, _SOME_DATE, now)
    if original:
        return _read_otherwise(original[0], shown, some_date) or original[0]
    below = days_below(tree, title, lang, now)
    return (
        day_called_published(tree, lang, now)
        or next((one.moment for one in below if not one.is_update), None)
        or next((one.moment for one in [*shown, *below]), None)
        or some_date
        or guessed_day(tree, url, modified=modified is not None, now=now)
    )


def _read_otherwise(day: Moment, shown: list[ShownDay], named: Moment | None) -> Moment | None:
    """The day `named` elsewhere, where `day` is in figures that can be read as that one: 12/03/2025 in March."""
    in_figures = any(one.moment == day and not one.sure for one in shown)
    turned = (day.time.year, day.time.day, day.time.month)
    is_same = named is not None and (named.time.year, named.time.month, named.time.day) == turned
    return named if in_figures and is_same else None


def _stated(
    nodes: list[Node], field: str, meta: dict[str, str], names: tuple[str, ...], now: datetime
) -> Moment | None:
    """The first time that is stated; one with a time of day goes before a day alone that it may be on."""
    written = [first_string(node.get(field), "@value") for node in nodes] + [meta.get(name) for name in names]
    moments = [moment for one in written if one and (moment := _read(one, now))]
    if not moments or moments[0].precision != "day":
        return next(iter(moments), None)
    exact = (one for one in moments if one.precision != "day" and _may_be(one, moments[0].time.date()))
    return next(exact, moments[0])


def _read(written: str, now: datetime, lang: str = "en") -> Moment | None:
    days = (line.day for line in date_lines(written.strip(), lang) if not line.doubtful)
    return parse_moment(written, now=now) or parse_moment(next(days, None), now=now)


def _marked(tree: HtmlElement, lang: str, now: datetime) -> list[Moment]:
    """What the page's markup calls the day of publication, outside its head; nothing where it says so of several."""
    found = []
    for element in filter(_is_marked, tree.xpath(_PERHAPS_MARKED)):
        text = element.get("datetime") or element.get("content") or " ".join("".join(element.itertext()).split())
        moment = _read(text, now, lang)
        if moment:
            found.append(moment)
    return found[:1] if len({moment.time.date() for moment in found}) == 1 else []


def _is_marked(element: HtmlElement) -> bool:
    by_name = element.tag != "meta" and "datePublished" in (element.get("itemprop") or "")
    return by_name or (element.tag == "time" and element.get("pubdate") is not None)


def _day_in_address(url: str | None, now: datetime) -> Moment | None:
    match = _DAY_IN_ADDRESS.search((url or "").lower())
    if not match:
        return None
    month = month_of(match[3]) or (int(match[3]) if match[3].isdigit() else 0)
    return parse_moment(f"{match[1]}-{month:02}-{int(match[4]):02}", now=now)


def _corrected(stated: Moment, marked: list[Moment], shown: list[ShownDay], modified: Moment | None) -> Moment:
    """The stated time, or the one day that readers are told instead."""
    sure = [one for one in shown if one.sure and not one.is_update]
    told = [*marked, *(one.moment for one in sure)]
    if len({moment.time.date() for moment in told}) != 1 or _may_be(stated, told[0].time.date()):
        return stated
    if told[0].time < stated.time:
        return told[0]
    is_change = modified is None or _may_be(modified, told[0].time.date())
    return told[0] if sure and sure[0].is_called_published and not is_change else stated


def _may_be(moment: Moment, day: date) -> bool:
    """Whether the moment is on that day in some time zone."""
    return (moment.time.astimezone(UTC) + _WEST).date() <= day <= (moment.time.astimezone(UTC) + _EAST).date()


def _by_address(stated: Moment, in_address: Moment) -> Moment:
    """The stated time in the nearest zone where it is on the day in the address; that day itself if it is earlier."""
    day = in_address.time.date()
    if stated.time.date() == day or not _may_be(stated, day):
        return in_address if in_address.time < stated.time and stated.time.date() != day else stated
    if stated.precision == "day":
        return in_address
    zones = (stated.time.astimezone(timezone(offset)) for offset in _OFFSETS)
    return replace(stated, time=next((time for time in zones if time.date() == day), stated.time))
