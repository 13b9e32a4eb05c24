"""The extractors that are held side by side, each as a function from a page's bytes and address to its text."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from datetime import UTC, datetime

Extractor = Callable[[bytes, str | None], str]


def storyfold(body: bytes, url: str | None) -> str:
    from storyfold.articles.article import Declared
    from storyfold.articles.digest import digest_page

    now = datetime.now(UTC)
    return digest_page(body, content_type=None, url=url, declared=Declared(url=url), now=now).text


def trafilatura_default(body: bytes, url: str | None) -> str:
    from trafilatura import bare_extraction

    found = bare_extraction(body, url=url, include_comments=False, with_metadata=True)
    return (found.text or "") if found else ""


def trafilatura_precision(body: bytes, url: str | None) -> str:
    from trafilatura import bare_extraction

    found = bare_extraction(body, url=url, include_comments=False, with_metadata=True, favor_precision=True)
    return (found.text or "") if found else ""


def readability(body: bytes, url: str | None) -> str:
    import lxml.html
    from readability import Document

    from storyfold.articles.decoding import decode

    summary = lxml.html.fromstring(Document(decode(body, None), url=url).summary())
    for block in summary.iter("p", "div", "li", "h1", "h2", "h3", "h4", "tr", "br"):
        block.tail = "\n" + (block.tail or "")
    return str(summary.text_content())


def newspaper4k(body: bytes, url: str | None) -> str:
    import newspaper

    from storyfold.articles.decoding import decode

    article = newspaper.Article(url or "http://localhost/", fetch_images=False)
    article.download(input_html=decode(body, None))
    article.parse()
    return str(article.text)


def resiliparse(body: bytes, url: str | None) -> str:  # noqa: ARG001
    from resiliparse.extract.html2text import extract_plain_text

    from storyfold.articles.decoding import decode

    return str(extract_plain_text(decode(body, None), main_content=True, alt_texts=False, comments=False))


SYSTEMS: dict[str, Extractor] = {
    "storyfold": storyfold,
    "trafilatura": trafilatura_default,
    "trafilatura, precision": trafilatura_precision,
    "readability-lxml": readability,
    "newspaper4k": newspaper4k,
    "resiliparse": resiliparse,
}


def quiet() -> None:
    """The extractors speak of single pages on stderr; a table is wanted."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
