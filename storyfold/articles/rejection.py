"""What is not an article, and the word for why. An article that is short stays an article.

Theory. A false rejection loses a story; a false acceptance adds a stray page that folds with nothing. So what is taken
for no article has to say so itself, and to have little prose: with `LONG_TEXT` characters of it a page is an article
whatever else stands there (consent banners, login links and "subscribe to read" boxes stand on most good pages too).
Only a list of links, or of what other pages hold in a few lines each, is told by its shape alone; a page whose data for
machines holds an article never is.

============== ================================================================================================
empty          there is no text
wrong-type     a PDF, image, feed, JSON or other thing that is no page
too-big        over the size this package reads
not-found      the address does not exist (whatever the HTTP status was: a soft 404)
error-page     any other error page, and a wait-while-we-check-your-browser page
consent-wall   only the question for consent was sent
login          only a login form was sent
paywall        the beginning of an article, cut off by an offer to subscribe
index          a list of links to other pages: front pages, tags, archives, search results
gallery        pictures without a text
no-article     too little text for anything else
============== ================================================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from storyfold.articles.line_rules import bare
from storyfold.articles.link_rows import LinkRows
from storyfold.articles.linked_data import Node, as_list
from storyfold.articles.rules import walls
from storyfold.articles.structure import PageMarks, line_key

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONG_TEXT = 1200
"""Characters of prose that make an article; nineteen of twenty labelled articles have more."""
SHORT_TEXT = 800
"""Characters of a page's text in which what it says about itself is looked for; walls say it at once."""
LEAST_TEXT = 100
"""With fewer characters nothing can be folded. The shortest of 1,012 labelled articles has 342."""
PROSE_LINE = 80
LEAST_PICTURES = 5
INDEX_LINES = 6
"""Links that make up lines of their own, from which on a page may be an index."""
INDEX_SHARE = 0.5
"""Share of a text's lines, or of its letters, that is nothing but links on an index page; no labelled article without
prose has it."""
LEAST_SUMMARIES = 5
SUMMARY_SHARE = 0.7
LONGEST_SUMMARY = 500
SHORT_PROSE = 50
"""A page is a list of articles when five blocks or more, each under a heading that leads elsewhere and with no more
than so many characters, hold this share of its prose."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PageSigns:
    """What a page shows beside its text."""

    heads: tuple[str, ...]
    has_password: bool
    pictures: int
    not_free: bool
    says_article: bool = False
    """Whether its JSON-LD holds an article."""
    called_article: bool = False
    """Whether its meta tags call it one, as blogs do with any page that is no list by their own lights."""


def page_signs(tree: HtmlElement, nodes: list[Node], title: str | None) -> PageSigns:
    """Looks a page over; `nodes` are its JSON-LD."""
    headings = [" ".join("".join(heading.itertext()).split()) for heading in tree.iter("h1", "title")]
    return PageSigns(
        heads=tuple(filter(None, [title, *headings[:3]])),
        has_password=any((field.get("type") or "").lower() == "password" for field in tree.iter("input")),
        pictures=sum(1 for _ in tree.iter("img")),
        not_free=any(
            str(free).lower() == "false" for node in nodes for free in as_list(node.get("isAccessibleForFree"))
        ),
        says_article=any("headline" in node or "articleBody" in node for node in nodes),
        called_article=any(meta.get("property") == "og:type" and _is_article(meta) for meta in tree.iter("meta")),
    )


def _is_article(meta: HtmlElement) -> bool:
    return (meta.get("content") or "").strip().lower() == "article"


def why_rejected(text: str, marks: PageMarks, signs: PageSigns) -> str | None:
    """The reason why a page with this main text (line rules not yet applied) is no article, None for an article."""
    lines = [line for line in text.split("\n") if line]
    if _is_list_of_summaries(lines, marks, signs):
        listed = frozenset().union(*marks.summaries)
        own = "\n".join(line for line in lines if line_key(line) not in listed)
        return _said(own, signs) or "index"
    if not signs.says_article and any(_heading("index").fullmatch(bare(head[:200])) for head in signs.heads):
        return "index"
    links = _link_lines(lines, marks)
    prose = sum(len(line) for line in lines if len(line) >= PROSE_LINE) - sum(len(ln) for ln in lines if ln in links)
    if prose >= LONG_TEXT:
        return None
    return (
        _said(text, signs)
        or ("paywall" if _is_cut(lines, signs) else None)
        or ("index" if _is_list_of_links(lines, marks, links, signs) else None)
        or _too_little("\n".join(line for line in lines if marks.marked.get(line_key(line)) != "media"), signs)
    )


def _link_lines(lines: list[str], marks: PageMarks) -> dict[str, int]:
    """The lines that are nothing but links, each with how many it holds."""
    keys = [line_key(line) for line in lines]
    counts = LinkRows(marks.links).counts(keys)
    counted = zip(lines, keys, counts, strict=True)
    return {line: count or 1 for line, key, count in counted if count or key in marks.linked}


def _is_list_of_links(lines: list[str], marks: PageMarks, links: dict[str, int], signs: PageSigns) -> bool:
    """Whether six links or more make up half of the lines; or of the letters, which a few rows of them may hold, where
    the page does not say that it is an article."""
    alone = sum(line_key(line) in marks.linked for line in lines)
    if alone >= max(INDEX_LINES, INDEX_SHARE * len(lines)):
        return True
    if signs.says_article or signs.called_article or sum(links.values()) < INDEX_LINES:
        return False
    return sum(len(line) for line in lines if line in links) >= INDEX_SHARE * sum(map(len, lines))


def _is_list_of_summaries(lines: list[str], marks: PageMarks, signs: PageSigns) -> bool:
    """Whether most of a page's prose says, in a few lines each, what other pages hold."""
    if signs.says_article or len(marks.summaries) < LEAST_SUMMARIES:
        return False
    prose = {line_key(line): len(line) for line in lines if len(line) >= SHORT_PROSE}
    lengths = [sum(prose.get(key, 0) for key in summary) for summary in marks.summaries]
    found = [length for length in lengths if 0 < length <= LONGEST_SUMMARY]
    return len(found) >= LEAST_SUMMARIES and sum(found) >= SUMMARY_SHARE * sum(prose.values())


def _said(text: str, signs: PageSigns) -> str | None:
    heads = [bare(head[:200]) for head in signs.heads]
    start = _spaces_made_single(text[:SHORT_TEXT])
    for reason in walls.TEXTS:
        in_head = any(_heading(reason).fullmatch(head) for head in heads)
        in_text = bool(_text(reason).search(start))
        if reason == "login":
            told = signs.has_password and (in_head or in_text) and len(text) < SHORT_TEXT
        elif len(text) < SHORT_TEXT:
            told = in_head or in_text
        else:
            told = in_head and in_text
        if told:
            return reason
    return None


def _is_cut(lines: list[str], signs: PageSigns) -> bool:
    """Whether the text ends in an offer to subscribe; or breaks off, where the page's own data says it is not free."""
    end = _spaces_made_single(" ".join(lines[-6:])[-SHORT_TEXT:])
    breaks_off = bool(lines) and lines[-1].endswith(("…", "..."))
    return bool(_cuts().search(end)) or (signs.not_free and breaks_off)


def _spaces_made_single(text: str) -> str:
    return _SPACE.sub(" ", bare(text))


def _too_little(text: str, signs: PageSigns) -> str | None:
    if len(text) >= LEAST_TEXT:
        return None
    if signs.pictures >= LEAST_PICTURES:
        return "gallery"
    return "no-article" if text else "empty"


@cache
def _heading(reason: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row})" for row in walls.HEADINGS[reason]))


@cache
def _text(reason: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row})" for row in walls.TEXTS[reason]))


@cache
def _cuts() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row})" for row in walls.CUTS))
