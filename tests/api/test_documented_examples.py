"""The examples of docs/api.md, each run as it stands there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree
from newsroom import Newsroom

from api.matcher import Matcher
from storyfold.articles.article import RemovedLine

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
EXAMPLE = re.compile(r"```http\n(\w+) (\S+)\n(?:\n(.*?))?```\n```(json|xml) (\d+)\n(.*?)```", re.DOTALL)

FREE = frozenset({"id", "updated_at", "cursor", "next_cursor", "next_poll_at", "at", "attempts", "names", "marks"})
FREE |= {"secret", "message_id", "next_attempt_at", "created_at", "changed_at"}
JUDGED = frozenset({"relation", "score", "evidence", "alike"})  # by models, which are trained anew now and then


def morning(hour: int, minute: int) -> datetime:
    return datetime(2026, 7, 1, hour, minute, tzinfo=UTC)


def furnish(newsroom: Newsroom) -> None:
    """The story the guide speaks of, one that was merged into it, a link that was rejected, and two small stories."""
    first = newsroom.article(
        "The ferry sails again.",
        title="Ferry line reopens",
        published=morning(6, 30),
        published_precision="second",
    )
    second = newsroom.article(
        "The ferry sails again, says the harbour.",
        title="Ferry sails again",
        authors=("Ada Holm",),
        published=morning(9, 0),
        published_precision="second",
        source="valley-times.example",
        removed=(RemovedLine("Read more", "navigation", 1),),
    )
    story = newsroom.story(
        [first, second], first_published=morning(6, 30), last_published=morning(9, 0), updated_at=morning(12, 3)
    )
    other = newsroom.story()
    newsroom.merge(other, into=story)
    newsroom.change(1, "created", story)
    newsroom.change(2, "merged", other, other=story)
    newsroom.settle(1, "folded")
    newsroom.article("Soon more.")
    newsroom.settle(3, "rejected", "too-short")
    for title in ("Lighthouse painted", "A coat of paint"):
        newsroom.story([newsroom.article("It is white again.", title=title)], title=title)


def test_every_example_of_the_guide_is_answered_as_it_says(client, newsroom, monkeypatch):
    answer = {"relation": "rewrite", "matched": 1, "score": 0.91, "story_id": 1, "evidence": {"names": ["Norholm"]}}
    monkeypatch.setattr(Matcher, "ask", lambda *_: {"ok": answer})
    furnish(newsroom)
    guide = GUIDE.read_text()
    examples = EXAMPLE.findall(guide)
    assert len(examples) == guide.count("```http") > 10
    for method, path, body, form, status, told in examples:
        got = client.request(method, path, json=json.loads(body) if body else None)
        assert (path, got.status_code) == (path, int(status))
        if form == "xml":
            assert canonical(got.content) == canonical(told.encode()), path
        elif told:
            judged = JUDGED if "/compare/" in path else frozenset()
            assert shape(got.json(), judged) == shape(json.loads(told), judged), path


def canonical(document: bytes) -> bytes:
    """An XML document without the blanks between its elements, in the one form of several that say the same."""
    parsed = etree.fromstring(document, etree.XMLParser(remove_blank_text=True))
    return bytes(etree.tostring(parsed, method="c14n"))


def shape(value: object, free: frozenset[str] = frozenset()) -> object:
    """The names in a JSON value, and what is null or of a fixed vocabulary; times, ids and cursors are free."""
    if isinstance(value, dict):
        return {name: (inner is None if name in FREE | free else shape(inner, free)) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner, free) for inner in value]
    return value
