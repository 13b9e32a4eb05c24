"""Any string made fit to keep: storable in PostgreSQL, encodable as UTF-8, NFC, one block a line."""

from __future__ import annotations

import re
import unicodedata

# NUL and the other controls, the non-characters, the byte order mark, zero-width space and soft hyphen. Joiners stay
# (Persian and emoji need them); tab, line breaks and the separators U+2028/9 are turned into spaces and lines below.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\ufeff\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r" [^\S\n]+|[^\S\n ][^\S\n]*")
"""Every run of spaces but a single plain one, which is what nearly all are."""
_BLANK_LINES = re.compile(r"\n{3,}")


def storable(text: str) -> str:
    """`text` in NFC without NUL, controls and non-characters; a lone surrogate becomes U+FFFD."""
    return unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text)))


def one_line(text: str | None, limit: int = 1000) -> str | None:
    """A value for a metadata field: one line, trimmed, at most `limit` characters; None when nothing is left."""
    if not text:
        return None
    return " ".join(storable(text[: 4 * limit]).split())[:limit].rstrip() or None


def tidy(text: str) -> str:
    """Lines trimmed and their spaces made single; at most one blank line in a row, none at either end."""
    lines = _SPACES.sub(" ", _LINE_BREAK.sub("\n", storable(text)))
    trimmed = "\n".join(line.strip() for line in lines.split("\n"))
    return _BLANK_LINES.sub("\n\n", trimmed).strip("\n")
