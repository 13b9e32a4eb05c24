"""What a document is, by its first bytes."""

from __future__ import annotations

import re

_HEAD = 4_096
_ROOT = re.compile(rb"<\s*(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_SKIPPED = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)


def root_name(data: bytes) -> str:
    """The document element's name, in lower case and without prefix; ``html`` for such a document type; or empty."""
    head = data[:_HEAD]
    if re.search(rb"<!DOCTYPE\s+html", head, re.IGNORECASE):
        return "html"
    found = _ROOT.search(_SKIPPED.sub(b"", head))
    return found[1].decode("ascii", "replace").lower() if found else ""
