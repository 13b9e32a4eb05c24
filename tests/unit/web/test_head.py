"""What a page says about its own address, and what of it is believed."""

from __future__ import annotations

import pytest

from storyfold.web.head import HeadHints, head_hints, identity, next_hop

URL = "https://www.harbour.example/news/ferry?id=7"


def hints(head: str, url: str = URL, start: str = "<html>") -> HeadHints:
    return head_hints(f"<!doctype html>{start}<head>{head}</head><body>Ferry late</body></html>".encode(), url)


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="canonical" href="https://harbour.example/ferry">',
        "<LINK HREF='https://harbour.example/ferry' REL='Canonical'/>",
        "<link rel=canonical href=https://harbour.example/ferry>",
        '<base href="https://harbour.example/x/"><link rel="shortlink canonical" href="../ferry">',
        '<!-- <link rel="canonical" href="/old"> --><link rel="canonical" href="https://harbour.example/ferry">',
        '<script>"<link rel=canonical href=/js>"</script><link rel="canonical" href="//harbour.example/ferry">',
        '<link title="a > b" rel="canonical" href="https://harbour.example/ferry"><link rel="canonical" href="/b">',
    ],
)
def test_the_canonical_link_is_read_however_it_is_written(link: str) -> None:
    assert hints(link).canonical == "https://harbour.example/ferry"


def test_a_canonical_link_in_the_body_does_not_count() -> None:
    assert head_hints(b"<html><head></head><body><link rel=canonical href=/x></body>", URL).canonical is None


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0; url=/new", "https://www.harbour.example/new"),
        ("0;URL='/new'", "https://www.harbour.example/new"),
        ("3, /new", "https://www.harbour.example/new"),
        ("; url=/new", "https://www.harbour.example/new"),
        ("0; url=https://t.example/?a=1&amp;b=2", "https://t.example/?a=1&b=2"),
        ("300; url=/new", None),
        ("300", None),
        ("0", None),
        ("0; url=javascript:alert(1)", None),
        ("soon", None),
    ],
)
def test_a_refresh_at_once_leads_on_and_a_late_one_does_not(content: str, target: str | None) -> None:
    assert hints(f'<meta http-equiv="Refresh" content="{content}">').refresh == target


def test_a_refresh_for_readers_without_scripts_counts_on_a_shorteners_page_only() -> None:
    step = '<noscript><meta http-equiv="refresh" content="0; url=/new"></noscript>'

    assert hints(step).refresh == "https://www.harbour.example/new"
    assert hints(step + "<style>" + " " * 10_000 + "</style>").refresh is None


def test_the_page_behind_a_refresh_or_an_amp_form_is_the_next_to_fetch() -> None:
    amp = hints('<link rel="canonical" href="/news/ferry">', start="<html ⚡ lang=en>")

    assert next_hop(amp, URL) == "https://www.harbour.example/news/ferry"
    assert next_hop(HeadHints(refresh="https://t.example/"), URL) == "https://t.example/"


def test_a_page_that_leads_to_itself_is_read_as_it_is() -> None:
    assert next_hop(HeadHints(refresh=URL + "#top"), URL) is None
    assert next_hop(HeadHints(canonical=URL + "&utm_source=amp", is_amp=True), URL) is None
    assert next_hop(HeadHints(canonical="https://harbour.example/other"), URL) is None


@pytest.mark.parametrize(
    ("canonical", "believed"),
    [
        (None, URL),
        ("https://harbour.example/ferry?utm_source=x", "https://harbour.example/ferry"),
        ("https://m.harbour.example/ferry", "https://m.harbour.example/ferry"),
        ("https://agency.example/ferry", URL),
        ("https://www.harbour.example/", URL),
        ("https://user:word@harbour.example/", URL),
    ],
)
def test_a_page_is_believed_about_its_own_site(canonical: str | None, believed: str) -> None:
    assert identity(HeadHints(canonical=canonical), URL) == believed


def test_an_amp_cache_speaks_for_the_publisher() -> None:
    cached = "https://harbour-example.cdn.ampproject.org/c/s/harbour.example/ferry"

    assert identity(HeadHints("https://harbour.example/ferry", is_amp=True), cached) == "https://harbour.example/ferry"


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"<" * 200_000, b"<meta " * 40_000, b"<link a='" * 30_000, b"<!--" * 40_000]
)
def test_any_bytes_are_looked_through_at_once(body: bytes) -> None:
    assert head_hints(body, URL) == HeadHints()
