"""Why two articles are tied, for a person: what both have, and their sentences one above the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from storyfold.cli.readable import brief, plain

SHOWN = 6  # names, figures or quotes of one tie; --json has all
QUOTE = 80  # characters
PAIRS = 3  # of aligned sentences, the likest
SENTENCE = 220  # characters


def shared(evidence: Mapping[str, Any]) -> str:
    """What two articles share by the evidence of their tie, as far as a line holds it."""
    names = [f"{name['name']} ({name['other']})" if "other" in name else name["name"] for name in evidence["names"]]
    quotes = [f"“{brief(quote['quote'], QUOTE)}”" for quote in evidence["quotes"]]
    listed = (("names", names), ("dates", evidence["dates"]), ("figures", evidence["figures"]), ("quotes", quotes))
    passages = [counted(len(evidence["passages"]), "passage")] if evidence["passages"] else []
    return plain("; ".join([*passages, *(f"{kind} {', '.join(what[:SHOWN])}" for kind, what in listed if what)]))


def sentences(evidence: Mapping[str, Any], text: str, other: str, names: tuple[str, str]) -> Iterator[str]:
    """The aligned sentences that are most alike, in the order of `text`: a line for each of the two, headed by the name
    of its text, or one for both where they are the same."""
    likest = sorted(evidence["passages"], key=lambda passage: -passage["alike"])[:PAIRS]
    both = "both"
    width = max(map(len, (*names, both)))
    for passage in sorted(likest, key=lambda passage: list(passage["at"])):
        mine, theirs = brief(text[slice(*passage["at"])], SENTENCE), brief(other[slice(*passage["other"])], SENTENCE)
        if not (mine and theirs):
            continue  # a text has changed since, and is about to be folded again
        if mine == theirs:
            yield f"{both:>{width}} │ {mine}"
        else:
            yield f"{names[0]:>{width}} │ {mine}"
            yield f"{names[1]:>{width}} │ {theirs}"


def counted(number: int, name: str) -> str:
    """The number with its noun, in the plural where it is not 1."""
    return f"{number} {name}{'' if number == 1 else 's'}"
