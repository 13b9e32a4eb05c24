"""What the page's own markup says about its lines: which are its headline, its deck, a caption, a form, a promotion.

Extractors throw the markup away and leave such lines in the text. Here the lines are looked up again: an element counts
when its tag or one of the words in its class or id is in the table, and it holds little text (a class on the whole
article says nothing). Each entry was right for at least four of five lines on the half of the labelled pages that it
was chosen on; `related`, `author`, `breadcrumb` and buttons were not, and are absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LARGEST_CONTAINER = 1200
"""Characters of text an element may hold for its class to say something about each of its lines."""

SHORTEST_KEY = 10
"""Letters and digits: shorter lines ("IKEA") stand in too many places to be told by their words."""

TAGS = {"figcaption": "media", "form": "follow"}
CLASSES = {
    "follow": ("newsletter", "popup", "subscribe", "signup", "optin", "form"),
    "promotion": ("cta", "promo"),
    "legal": ("disclosure", "disclaimer"),
    "media": ("caption", "credit"),
    "date": ("date", "published", "timestamp"),
    "byline": ("byline", "authors"),
}
_REASONS = {word: reason for reason, words in CLASSES.items() for word in words}
_TELLING = frozenset(_REASONS)
_LATIN_WORD = re.compile("[a-z]+")
_BLOCKS = (
    "p",
    "li",
    "div",
    "span",
    "h2",
    "h3",
    "h4",
    "h5",
    "label",
    "a",
    "strong",
    "td",
    "figcaption",
    "button",
    "form",
)
_INLINE = frozenset({"strong", "em", "b", "i", "span", "u", "font"})
_LINK_BLOCKS = frozenset({"p", "li", "div", "h2", "h3", "h4"})
LINKED_SHARE = 0.9
_SUMMARY_BLOCKS = ("p", "div", "span", "li", "td")
MOST_SUMMARIES = 200
"""Headings that are looked at."""
SHORTEST_SUMMARY = 40
"""Letters and digits of a line that says what another page holds."""
_DECK_TAGS = ("h2", "h3", "h4")
_TITLE_NAMES = frozenset({"og:title", "twitter:title", "title"})
_DESCRIPTION_NAMES = frozenset({"description", "og:description", "twitter:description"})
_NO_WORD = re.compile(r"\W+")
_LOWER = bytes(range(256)).lower()
_NO_LETTERS = bytes(byte for byte in range(128) if not (chr(byte).isalnum() or chr(byte) == "_"))


@dataclass(frozen=True, slots=True)
class PageMarks:
    """Keys (see :func:`line_key`) of the lines that the page itself marks as no part of its text."""

    headlines: frozenset[str] = frozenset()
    decks: frozenset[str] = frozenset()
    marked: dict[str, str] = field(default_factory=dict)
    linked: frozenset[str] = frozenset()
    """Lines that are nothing but links."""
    teasers: frozenset[str] = frozenset()
    """Paragraphs that are nothing but a link to the same site."""
    links: tuple[str, ...] = ()
    """Every link with a word in it, in the order of the page, however short."""
    summaries: tuple[frozenset[str], ...] = ()
    """The lines of each block under a heading that leads to another page, as lists of articles have them."""

    def with_headline(self, headline: str | None) -> PageMarks:
        """These marks with one more headline."""
        return replace(self, headlines=self.headlines | {line_key(headline)}) if headline else self


def line_key(line: str) -> str:
    """A line's letters and digits, by which it is found again whatever was done to its spaces and quotes."""
    # What is ASCII is picked out of bytes, in a twentieth of the time that a pattern takes: hundreds of a page's lines
    # are asked for. What is left of other characters is short.
    letters = line.encode("utf-8", "surrogatepass").translate(_LOWER, _NO_LETTERS).decode("utf-8", "surrogatepass")
    return letters if letters.isascii() else _NO_WORD.sub("", letters).lower()


def page_marks(tree: HtmlElement, url: str | None = None, *, may_be_list: bool = True) -> PageMarks:
    """What the page marks, `url` being its address; summaries only where it `may_be_list` of articles.

    Costs a walk over its elements.
    """
    titles, descriptions = set(), set()
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name in _TITLE_NAMES:
            titles.add(line_key(meta.get("content") or ""))
        elif name in _DESCRIPTION_NAMES:
            descriptions.add(line_key(meta.get("content") or ""))
    headlines = titles | {line_key(_text(h1) or "") for h1 in tree.iter("h1")}
    headings = {line_key(_text(heading) or "") for heading in tree.iter(*_DECK_TAGS)}
    linked, teasers, links = _links(tree, host_of(url))
    return PageMarks(
        headlines=frozenset(headlines - {""}),
        decks=frozenset((descriptions & headings) - {""}),
        marked=_marked(tree),
        linked=linked,
        teasers=teasers,
        links=links,
        summaries=tuple(_summaries(tree, host_of(url))) if may_be_list else (),
    )


def _summaries(tree: HtmlElement, host: str | None) -> Iterator[frozenset[str]]:
    for heading, _ in zip(tree.iter(*_DECK_TAGS), range(MOST_SUMMARIES), strict=False):
        link = next(heading.iter("a"), None)
        target = (link.get("href") or "") if link is not None else ""
        if link is None or target.startswith("#") or host_of(target) not in (None, host):
            continue
        if len(line_key(_text(link) or "")) >= LINKED_SHARE * len(line_key(_text(heading) or "")):
            keys = {line_key(_text(block) or "") for block in _block_under(heading).iter(*_SUMMARY_BLOCKS)}
            yield frozenset(key for key in keys if len(key) >= SHORTEST_SUMMARY)


def _block_under(heading: HtmlElement) -> HtmlElement:
    """The largest element that holds no other heading than this one."""
    block = heading
    for parent, _ in zip(heading.iterancestors(), range(4), strict=False):
        inside = [other for other, _ in zip(parent.iter(*_DECK_TAGS), range(2), strict=False)]
        if parent.tag in {"body", "main"} or len(inside) > 1:
            break
        block = parent
    return block


def _links(tree: HtmlElement, host: str | None) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    linked, teasers, links = set(), set(), []
    for link in tree.iter("a"):
        text = _text(link) or ""
        key = line_key(text)
        if key:
            links.append(key)
        if len(key) < SHORTEST_KEY:
            continue
        linked.add(key)
        block = link.getparent()
        while block is not None and block.tag in _INLINE:
            block = block.getparent()
        if block is None or block.tag not in _LINK_BLOCKS:
            continue
        around = _text(block) or ""
        whole = key if around == text else line_key(around)
        if len(key) < LINKED_SHARE * len(whole):
            continue
        linked.add(whole)
        if block.tag == "p" and host_of(link.get("href")) in (None, host):
            teasers.add(whole)
    return frozenset(linked), frozenset(teasers), tuple(links)


def host_of(url: str | None) -> str | None:
    """The host of an absolute address without "www.", None for any other string."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _marked(tree: HtmlElement) -> dict[str, str]:
    """The marked lines, without those that are also a paragraph of the text: a caption may quote it word for word."""
    marked: dict[str, str] = {}
    inside: set[HtmlElement] = set()
    for element, reason in _containers(tree):
        if element not in inside and _text(element) is not None:
            for block in element.iter(*_BLOCKS):
                inside.add(block)
                marked.setdefault(line_key(_text(block) or ""), reason)
            marked.setdefault(line_key(_text(element) or ""), reason)
    if not marked:
        return {}
    plain = {line_key(_text(paragraph) or "") for paragraph in tree.iter("p") if paragraph not in inside}
    return {key: reason for key, reason in marked.items() if len(key) >= SHORTEST_KEY and key not in plain}


def _containers(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    for element in tree.iter(*TAGS):
        yield element, TAGS[element.tag]
    for body in tree.iter("body"):
        for element in body.iterdescendants("*"):  # in half the time that a path with a question takes
            named, called = element.get("class"), element.get("id")
            reason = (_reason(named) if named else None) or (_reason(called) if called else None)
            if reason:
                yield element, reason


@lru_cache(maxsize=10_000)
def _reason(names: str | None) -> str | None:
    """What the first word says, of those in an attribute, that is in the table."""
    words = _LATIN_WORD.findall(names.lower()) if names else ()
    if _TELLING.isdisjoint(words):
        return None
    return next(_REASONS[word] for word in words if word in _REASONS)


def _text(element: HtmlElement) -> str | None:
    """The element's text, None when it holds more than `LARGEST_CONTAINER` characters."""
    text = str(_string()(element)) if len(element) else element.text or ""
    return None if len(text) > LARGEST_CONTAINER and len(" ".join(text.split())) > LARGEST_CONTAINER else text


@cache
def _string() -> Callable[[HtmlElement], object]:
    from lxml.etree import XPath

    return XPath("string()", smart_strings=False)
