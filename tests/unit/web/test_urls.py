"""One spelling for one address; what differs for a server stays apart."""

from __future__ import annotations

import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.errors import BadInput
from storyfold.web.urls import MAX_LENGTH, canonicalize, join, requestable, source_of

SAME = {
    "tracking parameters": "http://news.example/a?utm_source=feed&id=7&fbclid=x&mc_cid=9&ref=home",
    "fragment": "http://news.example/a?id=7#comments",
    "case of scheme and host": "HTTP://News.EXAMPLE/a?id=7",
    "default port": "http://news.example:80/a?id=7",
    "trailing dot of the host": "http://news.example./a?id=7",
    "percent encoding": "http://news.example/%61?i%64=7",
    "dot segments": "http://news.example/x/../%2e/a?id=7",
    "empty parameters": "http://news.example/a?&id=7&",
    "white space around": " \thttp://news.example/a?id=7\n",
    "line breaks inside": "http://news.exa\nmple/a?id=7",
}


@pytest.mark.parametrize("spelling", SAME.values(), ids=SAME.keys())
def test_spellings_of_one_address_are_one_link(spelling: str) -> None:
    assert canonicalize(spelling).url == "http://news.example/a?id=7"


DIFFERENT = {
    "scheme": "https://news.example/a?id=7",
    "port": "http://news.example:8080/a?id=7",
    "subdomain": "http://www.news.example/a?id=7",
    "trailing slash": "http://news.example/a/?id=7",
    "case of the path": "http://news.example/A?id=7",
    "value": "http://news.example/a?id=8",
    "order of the query": "http://news.example/a?x=1&id=7",
    "an encoded slash": "http://news.example/%2Fa?id=7",
    "an encoded ampersand": "http://news.example/a?id=7%26",
}


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_a_server_may_tell_apart_stays_apart(other: str) -> None:
    assert canonicalize(other).url != "http://news.example/a?id=7"


@pytest.mark.parametrize(
    "kept", ["cid=4711", "eid=12", "game=3", "gallery=9", "p=1", "page=2", "id=utm", "q=a+b", "12345", "reference=iv"]
)
def test_parameters_that_may_name_an_article_are_kept(kept: str) -> None:
    assert canonicalize(f"http://news.example/a?{kept}").url == f"http://news.example/a?{kept}"


@pytest.mark.parametrize(
    "dropped",
    ["utm_campaign=x", "UTM_Medium=x", "gclid=1", "fbclid=1", "cid=mail-7", "_ga=1.2", "at_medium=rss", "xtor=1"],
)
def test_tracking_parameters_are_dropped(dropped: str) -> None:
    assert canonicalize(f"http://news.example/a?{dropped}").url == "http://news.example/a"


def test_what_a_redirect_names_is_asked_for_whole() -> None:
    assert requestable("http://News.example/a?utm_source=x#f").url == "http://news.example/a?utm_source=x"


@pytest.mark.parametrize(
    "spelling", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "１２７.0.0.1", "127.0.0.1."]
)
def test_every_spelling_of_an_ipv4_address_is_that_address(spelling: str) -> None:
    assert canonicalize(f"http://{spelling}:8080/").url == "http://127.0.0.1:8080/"


def test_hosts_are_given_in_ascii_and_without_brackets() -> None:
    assert canonicalize("http://Bücher.example/").host == "xn--bcher-kva.example"
    assert canonicalize("http://[::0:1]:8080/") == canonicalize("http://[0::1]:8080/")
    assert canonicalize("http://[::1]:8080/").host == "::1"
    assert canonicalize("http://localhost:8000/a").url == "http://localhost:8000/a"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "news",
        "news.example/a",
        "//news.example/a",
        "ftp://news.example/a",
        "javascript:alert(1)",
        "http://",
        "http:///a",
        "http://reader@news.example/a",
        "http://reader:word@news.example/a",
        "http://news.example:0/",
        "http://news.example:65536/",
        "http://news.example:eighty/",
        "http://news example/",
        "http://news.example\\@other.example/",
        "http://news..example/",
        "http://-.example|x/",
        "http://300.1.1.1/",
        "http://1.2.3.4.5/",
        "http://0x/1",
        "http://[::1/",
        "http://[::1%25eth0]/",
        "http://[v1.x]/",
        "http://news.example/\ud800",
        f"http://{'a' * 64}.example/",
        f"http://news.example/{'a' * MAX_LENGTH}",
        f"http://news.example/{'a' * 100_000}",
    ],
)
def test_what_is_no_web_address_is_bad_input_with_a_reason(bad: str) -> None:
    with pytest.raises(BadInput, match=r"\w{3}"):
        canonicalize(bad)


def test_a_reference_is_joined_to_its_page() -> None:
    assert join("http://news.example/a/b?c", "../d") == "http://news.example/d"
    with pytest.raises(BadInput):
        join("http://news.example/", "http://[bad")


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("http://www.news.example.co.uk/a", "example.co.uk"),
        ("http://News.EXAMPLE.com:8080/a", "example.com"),
        ("http://alice.blogspot.com/", "alice.blogspot.com"),
        ("http://blogspot.com/", "blogspot.com"),
        ("http://www.harbour.internal-name/", "harbour.internal-name"),
        ("http://127.0.0.7:8080/", "127.0.0.7"),
        ("http://[::1]:8080/", "::1"),
        ("http://localhost:8080/", "localhost"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_the_source_is_the_registrable_domain_or_the_address_itself(url: str, source: str) -> None:
    assert source_of(url) == source


def test_nothing_is_looked_up_to_find_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: pytest.fail("looked up"))

    assert source_of("http://a.never.seen.example.org/") == "example.org"


hosts = st.sampled_from(
    ["news.example", "NEWS.example:80", "127.1", "[::1]:443", "bücher.example.", "a_b.example:8080"]
)
tails = st.text(st.characters(codec="utf-8"), max_size=40) | st.text("/.%25aA2eE?&=;#+~ utm_ref", max_size=60)
urls = st.builds(
    lambda scheme, host, tail: f"{scheme}://{host}/{tail}", st.sampled_from(["http", "HTTPS"]), hosts, tails
)


@given(urls)
def test_canonicalizing_twice_is_canonicalizing_once(url: str) -> None:
    once = canonicalize(url)

    assert canonicalize(once.url) == once
    assert requestable(once.url) == once


@given(urls)
def test_a_canonical_url_is_printable_ascii_without_fragment(url: str) -> None:
    canonical = canonicalize(url).url

    assert canonical.isascii()
    assert canonical.isprintable()
    assert not set(' #"<>\\') & set(canonical)


@given(st.text(max_size=60))
def test_any_text_is_canonical_or_bad_input(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert canonicalize(text).host
