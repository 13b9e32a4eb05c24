"""The language of a text that came without one, for the choice of word frequencies alone."""

from __future__ import annotations

from functools import lru_cache

SAMPLE = 600  # characters: enough for py3langid on news, and the same cost for a text of any length


def language_of(text: str) -> str:
    """An ISO 639-1 code; empty for a text without words."""
    sample = text[:SAMPLE]
    return _classify(sample) if any(c.isalpha() for c in sample) else ""


@lru_cache(maxsize=1024)
def _classify(sample: str) -> str:
    import py3langid

    language, _ = py3langid.classify(sample)
    return str(language)
