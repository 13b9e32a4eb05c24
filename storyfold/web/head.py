"""What a page's head says about its address: the canonical one, the page behind an AMP form, a meta refresh.

Read by pattern from the first bytes: it is asked of every page in threads that should only move bytes, and building a
tree would cost more than the fetch. `resolve` decides which of it to believe.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from storyfold.errors import BadInput
from storyfold.web.urls import canonicalize, join, requestable, source_of

HEAD_BYTES = 128 * 1024
LONGEST_REFRESH = 5.0
"""Seconds. A page that sends its readers on at once is a redirect; one that does so later renews itself."""

SHORTENER_BYTES = 8 * 1024
"""A page up to this size may be a shortener's, whose ``<noscript>`` refresh is meant; a larger one is a page with a
complaint about missing scripts."""

_ATTRIBUTES = r"((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
_OPENING = re.compile(
    rf"<(?:(html|base|link|meta|body)\b{_ATTRIBUTES}|(!--)|(script|style|template|noscript)\b)", re.IGNORECASE
)
"""Tags of a head, and the beginnings of what is passed over because no tag in it counts."""
_CLOSING = {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "template", "noscript")
} | {"!--": re.compile("-->")}

_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_REFRESH = re.compile(
    r"""\s*(?:(\d+(?:\.\d*)?)\s*[;,\s]|[;,])\s*(?:url\s*=\s*)?(["']?)(.*?)\2\s*$""", re.IGNORECASE | re.DOTALL
)
_AMP_CACHE = re.compile(r"(?:^|\.)(?:cdn\.ampproject\.org|bing-amp\.com)$")


@dataclass(frozen=True, slots=True)
class HeadHints:
    """As the page says it, absolute but not checked."""

    canonical: str | None = None
    refresh: str | None = None
    """Where a meta refresh of at most five seconds leads."""
    is_amp: bool = False


def head_hints(body: bytes, url: str) -> HeadHints:
    """The hints of a page fetched from `url`. What cannot be read is not there."""
    base, canonical, refresh, is_amp = url, None, None, False
    for name, written in _tags(body[:HEAD_BYTES].decode("latin-1"), may_be_shortener=len(body) <= SHORTENER_BYTES):
        if name == "body":
            break
        if not _may_tell(name, written.lower()):
            continue
        attributes = _attributes(written)
        if name == "html":
            is_amp = "amp" in attributes or "\xe2\x9a\xa1" in attributes  # a lightning bolt, read as latin-1
        elif name == "base" and base == url:
            base = _joined(url, attributes.get("href")) or url
        elif name == "link" and "canonical" in attributes.get("rel", "").lower().split():
            canonical = canonical or _joined(base, attributes.get("href"))
        elif name == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
            refresh = refresh or _refresh(base, attributes.get("content", ""))
    return HeadHints(canonical, refresh, is_amp)


def _may_tell(name: str, written: str) -> bool:
    """Whether the attributes of a tag, as they are written, are worth taking apart: those of most are not."""
    if name == "link":
        return "canonical" in written or "&" in written
    return name != "meta" or "http-equiv" in written


def _tags(text: str, *, may_be_shortener: bool) -> Iterator[tuple[str, str]]:
    """The tags of a head, each with its attributes as they are written; a shortener's also within ``<noscript>``."""
    place = 0
    while (tag := _OPENING.search(text, place)) is not None:
        place = tag.end()
        if tag[1]:
            yield tag[1].lower(), tag[2]
            continue
        name = (tag[3] or tag[4]).lower()
        if not (name == "noscript" and may_be_shortener):
            end = _CLOSING[name].search(text, place)  # found by itself: to try it after each character takes long
            place = end.end() if end else len(text)


def next_hop(hints: HeadHints, url: str) -> str | None:
    """The address to fetch instead of `url`, where the page at `url` is only a step: a meta refresh elsewhere, or the
    full page behind an AMP form. None for a page to be read as it is."""
    for target in (hints.refresh, hints.canonical if hints.is_amp else None):
        if target and not _same(target, url):
            return target
    return None


def identity(hints: HeadHints, url: str) -> str:
    """The canonical URL of the page at `url`: what it says itself, where that can be believed, else `url`.

    Believed is another address of the same source: a site knows its own mobile forms and print views. Not believed is
    another source's (a reprint that names its original is a text of its own here), and a home page named for an
    article, which is a template's mistake. An AMP cache speaks for the publisher whose page it serves.
    """
    own = canonicalize(url)
    try:
        named = canonicalize(hints.canonical) if hints.canonical else own
    except BadInput:
        return own.url
    if _is_home(named.url) and not _is_home(own.url):
        return own.url
    same_source = source_of(named.url) == source_of(own.url)
    return named.url if same_source or (hints.is_amp and _AMP_CACHE.search(own.host)) else own.url


def _refresh(base: str, content: str) -> str | None:
    found = _REFRESH.match(content)
    if not found or not found[3]:
        return None
    try:
        seconds = float(found[1] or 0)
    except ValueError:
        return None
    return _joined(base, found[3]) if seconds <= LONGEST_REFRESH else None


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), html.unescape("".join(values)).strip())
    return found


def _joined(base: str, reference: str | None) -> str | None:
    if not reference:
        return None
    try:
        return requestable(join(base, _as_utf8(reference))).url
    except BadInput:
        return None


def _as_utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _same(one: str, other: str) -> bool:
    return canonicalize(one) == canonicalize(other)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query
