"""Lines in, clean lines out: line rules, then the site's template, with a record of everything removed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from storyfold.articles.article import RemovedLine
from storyfold.articles.line_rules import junk_lines, within_share
from storyfold.articles.plaintext import tidy
from storyfold.articles.template import SiteTemplate, template_lines


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean text and what was taken out of it, in order of position."""

    text: str
    removed: tuple[RemovedLine, ...]


def clean(text: str, *, title: str | None, template: SiteTemplate | None) -> Cleaned:
    """`text` (already tidy) without the lines that are no part of the article."""
    lines = [line for line in text.split("\n") if line]
    removed = junk_lines(lines, title)
    if template:
        gone = {line.position for line in removed}
        left = [position for position in range(len(lines)) if position not in gone]
        by_template = template_lines([lines[position] for position in left], template)
        removed += [replace(line, position=left[line.position]) for line in by_template]
    removed = within_share(removed, lines)
    return Cleaned(_without(text, {line.position for line in removed}), tuple(removed))


def _without(text: str, positions: set[int]) -> str:
    kept, position = [], 0
    for line in text.split("\n"):
        if not line or position not in positions:
            kept.append(line)
        position += bool(line)
    return tidy("\n".join(kept))
