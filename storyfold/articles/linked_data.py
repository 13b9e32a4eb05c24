"""What a page says about itself in JSON-LD (schema.org): the node of its article, flattened out of graphs and lists."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Node = dict[str, Any]

MAX_SCRIPT = 1_000_000
"""Characters of one script that are read; the largest seen on 1,000 pages with an article has 190,000."""
MAX_NODES = 2000
_ARTICLES = re.compile(r"(Article|BlogPosting|Report|Review|Posting|NewsStory)$")
_PAGES = frozenset({"WebPage", "ItemPage", "AboutPage"})
_WRAPPING = re.compile(r"^\s*(<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|;)\s*$")
_BREAKING_TAG = re.compile(r"</?(?:p|div|br|li|ul|ol|h\d|blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{1,500}>")


def article_nodes(tree: HtmlElement) -> list[Node]:
    """The nodes that describe an article, in the order of the page, then those that describe the page itself."""
    nodes = [node for script in tree.iter("script") if _is_linked_data(script) for node in _nodes(script.text or "")]
    return [node for node in nodes if _is(node, articles=True)] + [node for node in nodes if _is(node, articles=False)]


def _is_linked_data(script: HtmlElement) -> bool:
    return "ld+json" in (script.get("type") or "").lower()


def _nodes(text: str) -> Iterator[Node]:
    if len(text) > MAX_SCRIPT:
        return
    try:
        data = json.loads(_WRAPPING.sub("", text), strict=False)
    except (ValueError, RecursionError):
        return
    waiting, seen = [data], 0
    while waiting and seen < MAX_NODES:
        item = waiting.pop(0)
        seen += 1
        if isinstance(item, list):
            waiting = item + waiting
        elif isinstance(item, dict):
            yield item
            waiting = [item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in item] + waiting


def _is(node: Node, *, articles: bool) -> bool:
    types = [kind for kind in as_list(node.get("@type")) if isinstance(kind, str)]
    return any(_ARTICLES.search(kind) if articles else kind in _PAGES for kind in types)


def as_list(value: Any) -> list[Any]:
    """The value as a list: itself, wrapped, or empty for None."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def first_string(value: Any, key: str = "name") -> str | None:
    """The first string in a value that may be a string, a node with `key`, or a list of either."""
    for item in as_list(value):
        found = item.get(key) if isinstance(item, dict) else item
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, str) and found.strip():
            return html.unescape(found)
    return None


def article_body(nodes: list[Node]) -> str | None:
    """The longest `articleBody`, with its markup turned into lines."""
    bodies = [node["articleBody"] for node in nodes if isinstance(node.get("articleBody"), str)]
    if not bodies:
        return None
    body = max(bodies, key=len)
    if "<" in body:
        body = _TAG.sub("", _BREAKING_TAG.sub("\n", body))
    return html.unescape(body)
