import json
import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storyfold.articles.article import Article, Declared
from storyfold.articles.digest import digest_page
from storyfold.articles.structure import PageMarks
from storyfold.articles.template import SiteTemplate, line_hash

NOW = datetime(2024, 3, 1, tzinfo=UTC)
URL = "https://www.lindow-post.example/2024/02/pier"
STORY = (
    "The old pier of Lindow will be rebuilt, the harbour council decided on Tuesday after nine years of dispute.",
    "Seven of the eleven members were in favour, among them two who had spoken against the plan in the spring.",
    "Work is to begin in October and to cost four million crowns, a third of it paid by the fishing fleet.",
)


def page(*blocks: str, head: str = "", data: object = None, title: str = "Pier to be rebuilt | Lindow Post") -> bytes:
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if data else ""
    body = "".join(block if block.startswith("<") else f"<p>{block}</p>" for block in blocks)
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{head}{script}</head>"
        f"<body><article><h1>Pier to be rebuilt</h1>{body}</article></body></html>"
    ).encode()


def digest(body: bytes, url: str | None = URL, content_type: str | None = "text/html", **more: object) -> Article:
    return digest_page(body, content_type=content_type, url=url, declared=Declared(), now=NOW, **more)  # type: ignore[arg-type]


def test_the_text_is_the_paragraphs_and_the_headline_is_the_title() -> None:
    article = digest(page(*STORY))
    assert article.text == "\n".join(STORY)
    assert article.title == "Pier to be rebuilt"
    assert article.rejected is None
    assert article.language == "en"


def test_json_ld_comes_before_meta_tags() -> None:
    data = {
        "@graph": [
            {
                "@type": ["NewsArticle"],
                "headline": "Pier will be rebuilt",
                "author": [{"@type": "Person", "name": "Ada Moor"}, {"name": "Jon Vale"}],
                "datePublished": "2024-02-03T22:30:15-05:00",
                "dateModified": "2024-02-04T10:00:00Z",
                "publisher": {"name": "Lindow Post"},
                "image": [{"url": "/pier.jpg"}],
            }
        ]
    }
    head = (
        '<meta property="article:published_time" content="2020-01-02T03:04:05Z"><meta name="author" content="Nobody">'
    )
    article = digest(page(*STORY, head=head, data=data))
    assert article.title == "Pier will be rebuilt"
    assert article.authors == ("Ada Moor", "Jon Vale")
    assert article.published == datetime(2024, 2, 4, 3, 30, 15, tzinfo=UTC)
    assert article.published.day == 3  # in the page's own zone
    assert article.published_precision == "second"
    assert article.modified == datetime(2024, 2, 4, 10, tzinfo=UTC)
    assert article.site == "Lindow Post"
    assert article.image == "https://www.lindow-post.example/pier.jpg"


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("2024-02-03", "day"),
        ("2024-02-03T00:00:00+01:00", "day"),
        ("2024-02-03T10:11", "minute"),
        ("2024-02-03T10:11:12Z", "second"),
    ],
)
def test_the_precision_of_a_time_is_kept(written: str, precision: str) -> None:
    article = digest(page(*STORY, data={"@type": "NewsArticle", "datePublished": written}))
    assert article.published is not None
    assert (article.published.date().isoformat(), article.published_precision) == ("2024-02-03", precision)


def test_a_time_in_the_future_is_unknown() -> None:
    tomorrow = (NOW + timedelta(days=1)).isoformat()
    article = digest(page(*STORY, data={"@type": "NewsArticle", "datePublished": tomorrow, "dateModified": tomorrow}))
    assert (article.published, article.published_precision, article.modified) == (None, None, None)


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("/2024/02/pier", URL),
        ("https://lindow-post.example/2024/02/pier#top", "https://lindow-post.example/2024/02/pier"),
        ("https://elsewhere.example/pier", None),
        ("https://www.lindow-post.example/", None),
        ("javascript:void(0)", None),
        ("http://[", None),
    ],
)
def test_a_canonical_url_is_taken_where_it_is_plausible(canonical: str, expected: str | None) -> None:
    assert digest(page(*STORY, head=f'<link rel="canonical" href="{canonical}">')).canonical_url == expected


def test_the_agency_is_read_off_the_dateline() -> None:
    assert digest(page("LINDOW, Feb 3 (Reuters) - " + STORY[0], *STORY[1:])).agency == "Reuters"


def test_captions_forms_and_promotions_of_the_page_go() -> None:
    figure = "<p class='caption'>The old pier as seen from the north mole in winter</p>"
    form = "<div class='newsletter'><p>The best of the island in your hands every morning</p></div>"
    article = digest(page(STORY[0], figure, STORY[1], form, STORY[2]))
    assert article.text == "\n".join(STORY)


def test_a_paragraph_that_a_caption_quotes_stays() -> None:
    figure = f"<figure><img src=pier.jpg><figcaption><p>{STORY[0]}</p></figcaption></figure>"
    assert STORY[0] in digest(page(figure, *STORY)).text


def test_a_site_template_is_applied_after_extraction() -> None:
    imprint = "The island's own paper and the only one that sails"
    template = SiteTemplate(anywhere=frozenset([line_hash(imprint)]))
    assert digest(page(*STORY, imprint), template=template).text == "\n".join(STORY)


def test_declared_facts_win_over_found_ones() -> None:
    declared = Declared(title="Mine", published=NOW - timedelta(days=2), published_precision="day", language="fr")
    article = digest_page(page(*STORY), content_type=None, url=URL, declared=declared, now=NOW)
    assert (article.title, article.language, article.published_precision) == ("Mine", "fr", "day")
    assert article.published == NOW - timedelta(days=2)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 \x00\x01", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\x00", "text/html"),
        (b'{"a": 1}', "application/json"),
        (b"<?xml version='1.0'?><rss><channel><title>x</title></channel></rss>", "text/xml"),
        (b"\x00\x01\x02" * 500, "application/octet-stream"),
    ],
)
def test_what_is_no_page_is_rejected(body: bytes, content_type: str) -> None:
    assert digest(body, content_type=content_type).rejected == "wrong-type"


def test_plain_text_goes_through_the_line_rules() -> None:
    body = "\n\n".join(["Header Ads", *STORY, "No comments"]).encode()
    assert digest(body, content_type="text/plain").text == "\n\n".join(STORY)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_a_declared_charset_is_read(charset: str) -> None:
    russian = "Старый причал будет восстановлен, решил во вторник совет гавани после девяти лет споров и отсрочек."
    body = page(russian).decode().replace("<meta charset=utf-8>", "").encode(charset)
    article = digest(body, content_type=f"text/html; charset={charset}")
    assert russian in article.text
    assert article.language == "ru"


def test_hostile_pages_and_texts_end_in_a_text_or_a_reason() -> None:
    sys.path.insert(0, str(Path(__file__).parents[3] / "bench" / "extraction"))
    try:
        from hostile import hostile
    finally:
        sys.path.pop(0)
    for number in range(120):
        made = hostile(number, None)
        article = digest(made.body, content_type=made.content_type) if made.text is None else None
        if article:
            article.text.encode("utf-8")
            assert unicodedata.is_normalized("NFC", article.text)
            assert "\0" not in article.text
            assert article.text or article.rejected
            assert article.published is None or article.published <= NOW


def test_deep_nesting_and_many_elements_are_bounded() -> None:
    assert digest(b"<html><body><p>Hello there.</p>" + b"<div>" * 100_000).rejected
    assert digest(b"<html><body><table>" + b"<tr><td>1</td></tr>" * 60_000).rejected == "too-big"


def test_marks_of_no_page_are_empty() -> None:
    assert PageMarks().with_headline(None) == PageMarks()


@pytest.mark.parametrize(
    "masthead",
    [
        "<h1><a href='/'>Lindow Now</a></h1>",
        "<h1><a href='https://lindow-now.example/'>Lindow Now</a></h1>",
        "<h1>Lindow Now</h1>",
    ],
)
def test_the_name_of_the_site_is_no_headline(masthead: str) -> None:
    body = "".join(
        f"<p>{sentence}</p>" for sentence in ["The pier at Lindow opened again on Friday after the storm."] * 8
    )
    head = "<head><title>Pier opens again ~ Lindow Now</title></head>"
    page = f"<html>{head}<body>{masthead}<div>{body}</div></body></html>"
    article = digest_page(page.encode(), content_type="text/html", url=None, declared=Declared(), now=NOW)
    assert article.title == "Pier opens again"
