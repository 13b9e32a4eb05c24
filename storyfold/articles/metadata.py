"""What a page says about itself, and what others said about it before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from storyfold.articles.article import Article, Declared
from storyfold.articles.plaintext import one_line


def page_metadata(found: Any, *, now: datetime) -> Article:
    """An article without text that holds the page's metadata."""
    if found is None:
        return Article("")
    day = datetime.strptime(found.date, "%Y-%m-%d").replace(tzinfo=UTC) if found.date else None
    day = day if day and day <= now else None
    return Article(
        "",
        title=one_line(found.title),
        authors=tuple(filter(None, map(one_line, (found.author or "").split(";")))),
        published=day,
        published_precision="day" if day else None,
        canonical_url=one_line(found.url),
        site=one_line(found.sitename),
        image=one_line(found.image),
    )


def with_declared(article: Article, declared: Declared, *, now: datetime) -> Article:
    """What was declared laid over what was found; a declared time in the future counts as unknown."""
    published = declared.published if declared.published and declared.published <= now else None
    return replace(
        article,
        title=one_line(declared.title) or article.title,
        published=published or article.published,
        published_precision=(declared.published_precision or "second") if published else article.published_precision,
        site=one_line(declared.source) or article.site,
        language=declared.language or article.language,
    )
