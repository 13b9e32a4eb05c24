"""The two doors: a page's bytes to an article, and a text in hand to an article.

Neither raises on any input; only `MemoryError` passes through, since it speaks of the process and not of the page.
Time and memory are bounded by the caller, who runs them in a child process with hard limits; what can be bounded here
is (`MAX_PAGE_BYTES`, `MAX_TEXT_CHARACTERS`, `page.MAX_ELEMENTS`), and what was cut is rejected as ``too-big``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from storyfold.articles.agencies import agency_of
from storyfold.articles.article import Article, Declared
from storyfold.articles.cleaning import clean, without_template
from storyfold.articles.completeness import fuller_text
from storyfold.articles.decoding import MAX_PAGE_BYTES, decode, kind_of
from storyfold.articles.headline import headline_of
from storyfold.articles.language import language_of
from storyfold.articles.linked_data import article_body, article_nodes
from storyfold.articles.metadata import page_metadata, with_declared
from storyfold.articles.page import elements_of, inclusive_text, is_cut_off, is_too_large, main_text, parse, rough_text
from storyfold.articles.plaintext import tidy
from storyfold.articles.rejection import page_signs, why_rejected
from storyfold.articles.structure import PageMarks, page_marks
from storyfold.articles.template import SiteTemplate

MAX_TEXT_CHARACTERS = 2_000_000
"""Characters of a text that are kept: some 300,000 words, three novels."""


def digest_page(
    body: bytes,
    *,
    content_type: str | None,
    url: str | None,
    declared: Declared,
    now: datetime,
    template: SiteTemplate | None = None,
) -> Article:
    """The article in a page's bytes, `url` being the address they came from.

    What is no article has `rejected` set and whatever text there is.
    """
    kind = kind_of(body, content_type)
    markup = decode(body[:MAX_PAGE_BYTES], content_type) if kind != "other" or b"\0" not in body[:1024] else ""
    if kind != "html":
        article = digest_text(markup, declared=declared, now=now, template=template)
        return article if kind == "text" else replace(article, rejected="wrong-type")
    tree = parse(markup)
    if tree is None:
        return replace(Article(""), rejected="empty")
    elements = elements_of(tree)
    if len(body) > MAX_PAGE_BYTES or is_too_large(elements):
        cut = digest_text(rough_text(markup), declared=declared, now=now)
        return replace(cut, rejected="too-big")
    nodes = article_nodes(tree)
    metadata = with_declared(page_metadata(tree, nodes, url=url, now=now), declared, now=now)
    signs = page_signs(tree, nodes, metadata.title)
    marks = page_marks(tree, url or metadata.canonical_url, may_be_list=not signs.says_article)
    other = "" if is_cut_off(elements, markup) else inclusive_text(markup)
    found = fuller_text(main_text(tree, url), other, article_body(nodes))
    text = tidy(found)[:MAX_TEXT_CHARACTERS]
    cleaned = clean(text, marks.with_headline(metadata.title), _good(template))
    rejected = why_rejected(text, marks, signs)
    return _finished(replace(metadata, text=cleaned.text, removed=cleaned.removed, rejected=rejected), template)


def digest_text(text: str, *, declared: Declared, now: datetime, template: SiteTemplate | None = None) -> Article:
    """The article in a text: its own lines, without those that are no part of it.

    The title is the declared one, else the first line where that looks like a headline; such a line stays in the text
    (nothing else holds it), while a first line that repeats the declared title goes, as it does on pages.
    """
    whole = tidy(text[: MAX_TEXT_CHARACTERS + 1])
    metadata = with_declared(Article(""), declared, now=now)
    cleaned = clean(whole[:MAX_TEXT_CHARACTERS], PageMarks().with_headline(metadata.title), _good(template))
    title = metadata.title or headline_of(cleaned.text)
    rejected = "too-big" if len(text) > MAX_TEXT_CHARACTERS else None
    article = replace(metadata, text=cleaned.text, removed=cleaned.removed, title=title, rejected=rejected)
    return _finished(article, template)


def _good(template: SiteTemplate | None) -> frozenset[int]:
    return template.good if template else frozenset()


def _finished(article: Article, template: SiteTemplate | None) -> Article:
    article = without_template(article, template)
    return replace(
        article,
        rejected=article.rejected or ("empty" if not article.text else None),
        language=article.language or language_of(article.text),
        agency=agency_of(article.text, article.authors),
    )
