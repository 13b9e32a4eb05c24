"""What a page or a text is turned into, and what was said about it beforehand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

VERSION = 2
"""The extraction algorithm's version. Any change that can change an article's text or metadata raises it."""

Precision = Literal["second", "minute", "day"]


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """One line that cleaning took out; `position` is its index among the non-empty lines before any was removed."""

    line: str
    reason: str
    position: int


@dataclass(frozen=True, slots=True)
class Declared:
    """What whoever handed the page or text in said about it. What is declared wins over what is found."""

    url: str | None = None
    title: str | None = None
    published: datetime | None = None
    published_precision: Precision | None = None
    source: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """Clean text and metadata from one page or one text.

    `text` is NFC, free of NUL and lone surrogates, and holds one block (paragraph, heading, list item, verse line,
    table row) a line. Blank lines carry no meaning; they are there only where a text handed in had them.
    Times are aware, in the zone the page wrote them in (its day is the day the page shows), never after the `now` they
    were read with; a time known to the day is midnight UTC. `language` is an ISO 639-1 code.
    `rejected` is the reason word (see :mod:`.rejection`) where this is no article; the text is given all the same.
    """

    text: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_precision: Precision | None = None
    modified: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    site: str | None = None
    image: str | None = None
    agency: str | None = None
    removed: tuple[RemovedLine, ...] = ()
    rejected: str | None = None
    version: int = VERSION


def restore(article: Article, *lines: RemovedLine) -> Article:
    """The article with these removed lines back in their places, all of them when none is named.

    Raises `ValueError` for a line that was not removed from this article.
    """
    wanted = set(lines or article.removed)
    if not wanted <= set(article.removed):
        raise ValueError("that line was not removed from this article")
    gap = "\n\n" if "\n\n" in article.text else "\n"
    blocks = _blocks(article.text, gap)
    for removed in sorted(article.removed, key=lambda line: line.position):
        blocks.insert(removed.position, (gap, removed.line if removed in wanted else None))
    text = "".join(gap + line for gap, line in blocks if line is not None).lstrip("\n")
    still_out = tuple(line for line in article.removed if line not in wanted)
    return replace(article, text=text, removed=still_out)


def _blocks(text: str, gap: str) -> list[tuple[str, str | None]]:
    """Each non-empty line with the line breaks that stand before it, `gap` before the first."""
    blocks: list[tuple[str, str | None]] = []
    for line in text.split("\n"):
        gap += "\n"
        if line:
            blocks.append((gap[:2], line))
            gap = ""
    return blocks
