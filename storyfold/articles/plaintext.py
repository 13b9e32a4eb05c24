"""Any string made fit to keep: storable in PostgreSQL, encodable as UTF-8, NFC, one block a line."""

from __future__ import annotations

import re
import unicodedata

# NUL and the other controls, the non-characters, the byte order mark, zero-width space and soft hyphen. Joiners stay
# (Persian and emoji need them); tab, line breaks and the separators U+2028/9 are turned into spaces and lines below.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\ud800-\udfff\ufeff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n{3,}")


def storable(text: str) -> str:
    """`text` in NFC without NUL, controls and non-characters; a lone surrogate becomes U+FFFD."""
    return unicodedata.normalize("NFC", _UNWANTED.sub(_instead, text))


def _instead(unwanted: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= unwanted[0] <= "\udfff" else ""


def one_line(text: str | None, limit: int = 1000) -> str | None:
    """A value for a metadata field: one line, trimmed, at most `limit` characters; None when nothing is left."""
    if not text:
        return None
    return " ".join(storable(text[: 4 * limit]).split())[:limit].rstrip() or None


def tidy(text: str) -> str:
    """Lines trimmed and their spaces made single; at most one blank line in a row, none at either end."""
    trimmed = "\n".join(" ".join(line.split()) for line in storable(text).splitlines())
    return _BLANK_LINES.sub("\n\n", trimmed).strip("\n")
