"""Stories as feeds that any reader understands: Atom (RFC 4287) and JSON Feed 1.1. Pure: rows in, a document out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from storyfold.store.leads import Lead
from storyfold.store.tables import Story

ATOM = "application/atom+xml"
JSON_FEED = "application/feed+json"
TITLE = "Storyfold: stories"

_NAMESPACE = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNTITLED = "(untitled)"


@dataclass(frozen=True, slots=True)
class StoryFeed:
    """A page of stories. `url` is its own address, `next_url` that of the page behind it, `base` that of the API."""

    stories: Sequence[Story]
    leads: Mapping[int, Lead]
    base: str
    url: str
    next_url: str | None

    @property
    def updated(self) -> datetime:
        return max((story.updated_at for story in self.stories), default=_NOTHING_YET)

    def address(self, story: Story) -> str:
        """Of a story in the API: its identity in both feeds."""
        return f"{self.base}/v1/stories/{story.id}"

    def page(self, story: Story) -> str:
        """Where a person reads it: the canonical article's page, or what the API says of a story without one."""
        lead = self.leads.get(story.id)
        return lead.url if lead and lead.url else self.address(story)

    def lead(self, story: Story) -> str:
        lead = self.leads.get(story.id)
        return lead.text + (" …" if lead.cut else "") if lead else ""

    def tellers(self, story: Story) -> list[str]:
        """The authors of the canonical article, else its source."""
        lead = self.leads.get(story.id)
        named = [*lead.authors] if lead else []
        return named or [lead.source if lead and lead.source else "Storyfold"]


def atom(feed: StoryFeed) -> bytes:
    """An Atom feed document."""
    without_prefix: Any = {None: _NAMESPACE}
    document = etree.Element(f"{{{_NAMESPACE}}}feed", nsmap=without_prefix)
    _add(document, "id", feed.url)
    _add(document, "title", TITLE)
    _add(document, "updated", _time(feed.updated))
    _add(document, "generator", "Storyfold")
    _add(document, "link", rel="self", href=feed.url, type=ATOM)
    if feed.next_url:
        _add(document, "link", rel="next", href=feed.next_url, type=ATOM)
    for story in feed.stories:
        _add_entry(document, feed, story)
    rendered: bytes = etree.tostring(document, xml_declaration=True, encoding="utf-8")
    return rendered


def _add_entry(document: Any, feed: StoryFeed, story: Story) -> None:
    entry = _add(document, "entry")
    _add(entry, "id", feed.address(story))
    _add(entry, "title", story.title or _UNTITLED)
    _add(entry, "updated", _time(story.updated_at))
    if story.first_published:
        _add(entry, "published", _time(story.first_published))
    for name in feed.tellers(story):
        _add(_add(entry, "author"), "name", name)
    _add(entry, "link", rel="alternate", href=feed.page(story))
    _add(entry, "link", rel="related", href=feed.address(story), type="application/json")
    _add(entry, "summary", f"{feed.lead(story)}\n\n{_told(story)}".strip(), type="text")
    if story.language:
        entry.set(_LANGUAGE, story.language)


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    cleaned = {key: _clean(value) for key, value in attributes.items()}
    element = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", cleaned)
    element.text = _clean(text) if text is not None else None
    return element


def json_feed(feed: StoryFeed) -> bytes:
    """A JSON Feed document; what is particular to stories stands under `_storyfold`."""
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": TITLE,
        "home_page_url": f"{feed.base}/v1/stories",
        "feed_url": feed.url,
        "items": [_item(feed, story) for story in feed.stories],
    }
    if feed.next_url:
        document["next_url"] = feed.next_url
    return json.dumps(document, ensure_ascii=False).encode()


def _item(feed: StoryFeed, story: Story) -> dict[str, Any]:
    known = {
        "date_published": _time(story.first_published) if story.first_published else None,
        "language": story.language,
    }
    return {
        "id": feed.address(story),
        "url": feed.page(story),
        "title": story.title or _UNTITLED,
        "content_text": feed.lead(story) or story.title or _UNTITLED,
        "summary": _told(story),
        "date_modified": _time(story.updated_at),
        "authors": [{"name": name} for name in feed.tellers(story)],
        **{name: value for name, value in known.items() if value},
        "_storyfold": {
            "story_id": str(story.id),
            "article_count": story.article_count,
            "source_count": story.source_count,
            "cluster_count": story.cluster_count,
        },
    }


def _told(story: Story) -> str:
    articles = "1 article" if story.article_count == 1 else f"{story.article_count} articles"
    sources = "1 source" if story.source_count == 1 else f"{story.source_count} sources"
    return f"Told in {articles} by {sources}."


def _time(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
