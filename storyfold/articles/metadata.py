"""What a page says about itself, and what others said about it before.

JSON-LD first, then meta tags, then what can be seen. When a page was published has a module of its own
(:mod:`.published`). A time in the future counts as unknown.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from storyfold.articles.addresses import absolute, plausible_canonical
from storyfold.articles.article import Article, Declared
from storyfold.articles.byline import page_authors
from storyfold.articles.linked_data import Node, first_string
from storyfold.articles.plaintext import one_line
from storyfold.articles.published import modified_time, published_time

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FRONT_PAGE = re.compile(r"((https?:)?//[^/?#]*)?/?(\?[^/]*)?", re.IGNORECASE)
_TITLE_SEPARATOR = re.compile(r"\s+[|–—·•»›:~-]+\s+")


def page_metadata(tree: HtmlElement, nodes: list[Node], *, url: str | None, now: datetime) -> Article:
    """An article without text that holds the metadata of the page at `url`; `nodes` are its JSON-LD."""
    meta = _meta(tree)
    site = one_line(meta.get("og:site_name") or _from(nodes, "publisher") or meta.get("application-name"), 200)
    canonical = plausible_canonical([_canonical_link(tree), meta.get("og:url")], url)
    modified = modified_time(nodes, meta, now=now)
    title = page_title(tree, nodes, meta, site)
    published = published_time(tree, nodes, meta, url=url or canonical, title=title, modified=modified, now=now)
    image = meta.get("og:image") or _from(nodes, "image", "url") or meta.get("twitter:image")
    return Article(
        "",
        title=title,
        authors=page_authors(tree, nodes, meta, site),
        published=published.time if published else None,
        published_precision=published.precision if published else None,
        modified=modified.time if modified else None,
        canonical_url=canonical,
        site=site,
        image=absolute(image, url),
    )


def with_declared(article: Article, declared: Declared, *, now: datetime) -> Article:
    """What was declared laid over what was found; a declared time in the future counts as unknown."""
    published = declared.published if declared.published and declared.published <= now else None
    return replace(
        article,
        title=one_line(declared.title) or article.title,
        published=published or article.published,
        published_precision=(declared.published_precision or "second") if published else article.published_precision,
        site=article.site or one_line(declared.source, 200),
        language=declared.language or article.language,
    )


def page_title(tree: HtmlElement, nodes: list[Node], meta: dict[str, str], site: str | None) -> str | None:
    """The headline, without the site's name."""
    named = tree.find(".//title")
    title = one_line("".join(named.itertext())) if named is not None else None
    first = [
        (heading, one_line("".join(heading.itertext()))) for _, heading in zip(range(2), tree.iter("h1"), strict=False)
    ]
    mastheads = [text for heading, text in first if text and _is_masthead(heading, text, title)]
    headings = [text for _, text in first if text not in mastheads]
    only_heading = headings[0] if len(headings) == 1 else None
    candidates = (
        one_line(_from(nodes, "headline")),
        one_line(meta.get("og:title")),
        only_heading,
        one_line(meta.get("twitter:title")),
        title,
        headings[0] if headings else None,
    )
    found = next(filter(None, candidates), None)
    return _without_site(found, site or next(iter(mastheads), None), only_heading) if found else None


def _is_masthead(heading: HtmlElement, text: str, title: str | None) -> bool:
    """Whether a first heading is the site's name: it leads to the front page, or the page's title ends with it."""
    links = [link.get("href") for link in heading.iter("a")]
    parts = _TITLE_SEPARATOR.split(title or "")
    home = any(link is not None and _FRONT_PAGE.fullmatch(link.strip()) for link in links)
    return home or (len(parts) > 1 and _same_name(parts[-1], text))


def _without_site(title: str, site: str | None, heading: str | None) -> str:
    """The title without " | Site"; the page's only h1 decides where the title is that and something more."""
    if heading and title != heading and title.startswith(heading) and len(heading) > 10:
        return heading
    parts = _TITLE_SEPARATOR.split(title)
    if site and len(parts) > 1:
        for separator in _TITLE_SEPARATOR.finditer(title):
            if _same_name(title[separator.end() :], site):
                return title[: separator.start()]
            if _same_name(title[: separator.start()], site):
                return title[separator.end() :]
    return title


def _same_name(a: str, b: str) -> bool:
    a, b = (re.sub(r"\W+|^the\b|\.(com|org|net|de|fr|es|ru|co\.uk)$", "", name.lower()) for name in (a, b))
    return bool(a) and a == b


def _meta(tree: HtmlElement) -> dict[str, str]:
    """The page's meta tags by name, the first of each name."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        named = meta.get("property") or meta.get("name")
        names = [named.strip()] if named else (meta.get("itemprop") or "").split()
        content = (meta.get("content") or "").strip()
        for name in names if content else ():
            found.setdefault(name.lower(), content)
    return found


def _from(nodes: list[Node], field: str, key: str = "name") -> str | None:
    return next(filter(None, (first_string(node.get(field), key) for node in nodes)), None)


def _canonical_link(tree: HtmlElement) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return str(link.get("href") or "") or None
    return None
