"""Who wrote a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from storyfold.articles.linked_data import Node, as_list, first_string
from storyfold.articles.plaintext import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_AUTHORS = 20
_MOST_CHILDREN = 10
_BYLINES = (
    "//body/descendant::*[@rel='author' or @itemprop='author'"
    " or contains(@class, 'uthor') or contains(@class, 'yline')]"
)
_BYLINE = re.compile("[Aa]uthor|[Bb]yline")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [\w.'’-]+){1,4}")
_META = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "citation_author")
_BY = re.compile(r"^(?:(?:written|posted|reviewed|story)\s+)?(?:by|von|par|por|автор|author):?\s+", re.IGNORECASE)
_AFTER_NAMES = re.compile(
    r"\s*(?:[|·•–—/(@]|\d| on | for |,? (?:published|updated|posted|contributor|staff|editor|senior)\b)", re.IGNORECASE
)
_SEVERAL = re.compile(r"\s*(?:;|\||,|\band\b|\bund\b|\bet\b|\s&\s)\s*")
_NO_NAME = re.compile(
    r"https?:|www\.|@|^\d+$|^(admin|administrator|editor|staff|redaktion|author|user)$", re.IGNORECASE
)


def page_authors(tree: HtmlElement, nodes: list[Node], meta: dict[str, str], site: str | None) -> tuple[str, ...]:
    """The authors' names: from JSON-LD, else from meta tags, else from a byline in the page."""
    structured = [first_string(author) for node in nodes for author in as_list(node.get("author"))]
    return (
        _names(structured, site)
        or _names(_split(next((meta[name] for name in _META if name in meta), None)), site)
        or _names(_split(_seen(tree)), site)
    )


def _names(candidates: list[str | None], site: str | None) -> tuple[str, ...]:
    names = [_BY.sub("", name) for name in map(one_line, candidates) if name]
    good = [name for name in names if 2 < len(name) <= 100 and not _NO_NAME.search(name) and name != site]
    return tuple(dict.fromkeys(good))[:MAX_AUTHORS]


def _split(names: str | None) -> list[str | None]:
    return list(_SEVERAL.split(names)) if names else []


def _seen(tree: HtmlElement) -> str | None:
    """The first element of a byline that holds what looks like names."""
    for element in filter(_is_byline, tree.xpath(_BYLINES)):
        text = " ".join("".join(element.itertext()).split()) if len(element) < _MOST_CHILDREN else ""
        names = _AFTER_NAMES.split(_BY.sub("", text[:200]), maxsplit=1)[0].strip(" ,:")
        if names and all(_NAME.fullmatch(name or "") for name in _split(names)):
            return names
    return None


def _is_byline(element: HtmlElement) -> bool:
    """The rest of what is asked of a byline; in the path, each further question is asked of every element."""
    is_author = "author" in (element.get("rel"), element.get("itemprop"))
    return is_author or bool(_BYLINE.search(element.get("class") or ""))
