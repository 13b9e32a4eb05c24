"""Messages: what a subscriber is told of a change, as text that stays the same through all tries."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from storyfold.store import cursors
from storyfold.store.tables import Change, Story

TEST = "test"
"""The kind of a message that tells of no change."""

_CHANGES = "changes"


def new_message_id() -> str:
    """An id that no other message has: subscribers tell by it that they had a message before."""
    return f"msg_{secrets.token_hex(16)}"


def change_message(change: Change, story: Story | None) -> str:
    """The message that tells of a change; `story` as it stands now, under the id it has now, where it still does."""
    data = {
        "cursor": cursors.encode(_CHANGES, change.cursor),
        "kind": change.kind,
        "story_id": str(change.story_id),
        "other_story_id": _id(change.other_story_id),
        "at": _time(change.at),
        "story": _summary(story) if story is not None else None,
    }
    return _message(f"story.{change.kind}", change.at, data)


def blank_message(body: str) -> str:
    """The message without its story."""
    message = json.loads(body)
    message["data"] |= {"story": None}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def trial_message(now: datetime) -> str:
    """A message to see whether messages arrive."""
    return _message(TEST, now, {})


def _message(kind: str, at: datetime, data: dict[str, Any]) -> str:
    """As Standard Webhooks recommends it: what, when, and the rest."""
    return json.dumps({"type": kind, "timestamp": _time(at), "data": data}, ensure_ascii=False, separators=(",", ":"))


def _summary(story: Story) -> dict[str, Any]:
    """The fields of a story in the API's lists."""
    return {
        "id": str(story.id),
        "title": story.title,
        "canonical_article_id": _id(story.canonical_article_id),
        "article_count": story.article_count,
        "source_count": story.source_count,
        "cluster_count": story.cluster_count,
        "first_published": _time(story.first_published),
        "last_published": _time(story.last_published),
        "updated_at": _time(story.updated_at),
        "language": story.language,
    }


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.astimezone(UTC).isoformat().replace("+00:00", "Z")
