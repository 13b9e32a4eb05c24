"""Bytes of a page to a string, and what kind of thing those bytes are.

The order is: a byte order mark; strict UTF-8 (a page whose every non-ASCII byte sequence is valid UTF-8 is UTF-8,
whatever it says); the charset of the HTTP header and of the page, as browsers read their names (w3lib); a guess by
byte frequencies (resiliparse) where nothing is declared. Bytes that fit none become U+FFFD, never an error.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

MAX_PAGE_BYTES = 10_000_000
"""Bytes of a page that are read. The largest of 1,000 labelled news pages has 2.4 MB; more is cut and rejected."""

Kind = Literal["html", "text", "other"]

_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|article|div|p|table|h1)\b", re.IGNORECASE)
_FEED = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:rdf|urlset|sitemapindex|opml|svg)\b", re.I | re.S
)
_BINARY_HEADS = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"OggS",
    b"ID3",
    b"\x00\x00\x00",
)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 4096
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "unicode_escape", "utf-7", "undefined"}
)


def kind_of(body: bytes, content_type: str | None) -> Kind:
    """Whether these bytes are a web page, plain text or something else; the bytes are believed over the header."""
    head = body[:_HEAD]
    mime = (content_type or "").partition(";")[0].strip().lower()
    if head.startswith(_BINARY_HEADS) or _FEED.match(head):
        return "other"
    if _MARKUP.search(head if not head.startswith(_UTF16_MARKS) else head.replace(b"\0", b"")):
        return "html"
    if mime in ("", "text/html", "application/xhtml+xml", "application/xml", "text/xml"):
        return "other" if _looks_like_json(head) else "html"
    return "text" if mime == "text/plain" else "other"


def _looks_like_json(head: bytes) -> bool:
    return head.lstrip()[:1] in (b"{", b"[") and b"<" not in head


def decode(body: bytes, content_type: str | None) -> str:
    """The page as a string; bytes that can't be read become U+FFFD."""
    try:
        if b"\0" not in body[:_HEAD] and b"\x1b$" not in body:  # not UTF-16, not the 7-bit ISO-2022 family
            return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    return body.decode(_charset(body, content_type), "replace")


def _charset(body: bytes, content_type: str | None) -> str:
    from w3lib.encoding import (
        html_body_declared_encoding,
        http_content_type_encoding,
        read_bom,
    )

    for declared in (read_bom(body)[0], http_content_type_encoding(content_type)):
        if declared and _is_charset(declared):
            return declared
    in_page = html_body_declared_encoding(body)
    if not in_page or not _is_charset(in_page):
        return _guess(body)
    # what could be read as ASCII to find this out is not UTF-16 (as in the HTML standard)
    return "utf-8" if in_page.startswith(("utf-16", "utf-32")) else in_page


def _is_charset(name: str) -> bool:
    """Whether Python knows the name as a charset: some codecs only look like one, raise, or take quadratic time."""
    try:
        "a".encode(name)
    except (LookupError, UnicodeError):
        return False
    return codecs.lookup(name).name not in _NO_CHARSETS


def _guess(body: bytes) -> str:
    from resiliparse.parse.encoding import detect_encoding

    guess = str(detect_encoding(body[:65536], html5_compatible=True))
    return guess if _is_charset(guess) else "windows-1252"
