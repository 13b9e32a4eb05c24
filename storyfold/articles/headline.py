"""Whether the first line of a text is its headline."""

from __future__ import annotations

LONGEST_HEADLINE = 150
"""Characters; the longest of the titles of 793 labelled pages that stand on their own has 148."""
_SENTENCE_ENDS = (".", ";", ":", ",", "…", '."', ".”", ",”", ',"')


def headline_of(text: str) -> str | None:
    """The first line, where it looks like a headline: short, not the end of a sentence, with a blank line after it."""
    first, _, rest = text.partition("\n")
    if not rest.startswith("\n") or len(first) > LONGEST_HEADLINE or len(first.split()) < 2:
        return None
    return None if first.endswith(_SENTENCE_ENDS) else first
