"""JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from storyfold.errors import BadInput
from storyfold.feeds.dates import parse_date
from storyfold.feeds.model import Feed, FeedEntry, FeedKind, absolute, entry, plain_line


def parse_json_feed(data: bytes, *, url: str, now: datetime) -> Feed:
    """As `parse_feed`. A value of a wrong type counts as missing. Raises `BadInput` for JSON that is no feed."""
    document = _document(data)
    items = document["items"]
    entries = [_entry(item, url, now) for item in items if isinstance(item, dict)]
    followed = tuple(found for found in entries if found is not None)
    version = _text(document, "version") or ""
    return Feed(
        kind=FeedKind.JSON,
        title=plain_line(_text(document, "title")),
        home_url=absolute(url, _text(document, "home_page_url")),
        entries=followed,
        without_link=len(items) - len(followed),
        hub_url=_hub(document, url),
        fault=None if "jsonfeed.org/version/" in version else "its version is not one of JSON Feed",
    )


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"this is neither XML nor JSON that can be read: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise BadInput("this is JSON, but no JSON Feed: it has no list of items")
    return document


def _entry(item: dict[str, Any], base: str, now: datetime) -> FeedEntry | None:
    identity = item.get("id")
    guid = str(identity) if isinstance(identity, (str, int)) else None
    by_id = guid if guid and guid.startswith(("http://", "https://")) else None
    return entry(
        base=base,
        link=_text(item, "url") or by_id,
        guid=guid,
        title=_text(item, "title"),
        published=parse_date(item.get("date_published")),
        updated=parse_date(item.get("date_modified")),
        now=now,
    )


def _hub(document: dict[str, Any], base: str) -> str | None:
    hubs = document.get("hubs")
    first = hubs[0] if isinstance(hubs, list) and hubs else None
    return absolute(base, _text(first, "url")) if isinstance(first, dict) else None


def _text(values: dict[str, Any], key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) else None
