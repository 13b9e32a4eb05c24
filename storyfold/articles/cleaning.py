"""Lines in, clean lines out: line rules, then the site's template, with a record of everything removed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from storyfold.articles.article import Article, RemovedLine, restore
from storyfold.articles.line_rules import junk_lines, within_share
from storyfold.articles.plaintext import tidy
from storyfold.articles.structure import PageMarks
from storyfold.articles.template import SiteTemplate, line_hash, template_lines


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean text and what was taken out of it, in order of position."""

    text: str
    removed: tuple[RemovedLine, ...]


def clean(text: str, marks: PageMarks, good: frozenset[int] = frozenset()) -> Cleaned:
    """`text` (already tidy) without the lines that are no part of the article, by the line rules.

    Lines whose hash is among the `good` stay.
    """
    found = junk_lines([line for line in text.split("\n") if line], marks)
    removed = [line for line in found if not good or line_hash(line.line) not in good]
    return Cleaned(_without(text, removed), tuple(removed))


def without_template(article: Article, template: SiteTemplate | None) -> Article:
    """The article without the lines that its site's template knows; what was removed before stays removed.

    An article that has been through a template is given that template's lines back first.
    """
    if not template or not (template.anywhere or template.at_edges):
        return article
    whole = restore(article).text
    lines = [line for line in whole.split("\n") if line]
    by_rules = {removed.position: removed for removed in article.removed if removed.reason != "template"}
    left = [position for position in range(len(lines)) if position not in by_rules]
    found = template_lines([lines[position] for position in left], template)
    by_template = [replace(line, position=left[line.position]) for line in found]
    removed = within_share([*by_rules.values(), *by_template], lines)
    return replace(article, text=_without(whole, removed), removed=tuple(removed))


def _without(text: str, removed: list[RemovedLine]) -> str:
    if not removed:
        return text
    positions = {line.position for line in removed}
    kept, position = [], 0
    for line in text.split("\n"):
        if not line or position not in positions:
            kept.append(line)
        position += bool(line)
    return tidy("\n".join(kept))
