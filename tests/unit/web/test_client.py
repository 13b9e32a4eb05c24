"""What the client sends, follows, judges and keeps, against friendly servers."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
import zstandard
from servers.hostile import Hostile
from servers.site import Reply, Site
from servers.tls import TlsSite

from storyfold.errors import BadInput, Rejected, Transient
from storyfold.web.client import Client, Limits
from storyfold.web.guard import AddressGuard

LOOPBACK = ["127.0.0.0/8"]
LIMITS = Limits(total_seconds=5.0, connect_seconds=1.0)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def client() -> Client:
    return Client(AddressGuard(LOOPBACK), LIMITS, "Storyfold-Test (+https://contact.example)")


def test_an_answer_carries_body_type_and_lower_case_headers(site: Site, client: Client) -> None:
    site.serve("/a", "text", content_type="Text/HTML; charset=utf-8", headers={"ETag": 'W/"1"'})

    answer = client.fetch(site.url("/a"))

    assert (answer.status, answer.body, answer.content_type) == (200, b"text", "text/html")
    assert answer.headers["etag"] == 'W/"1"'


def test_it_says_who_it_is_and_sends_no_cookie_it_was_given(site: Site, client: Client) -> None:
    site.serve("/a", headers={"Set-Cookie": "id=1"})

    client.fetch(site.url("/a"))
    client.fetch(site.url("/a"))

    first, second = site.asked("/a")
    assert first.headers["user-agent"] == "Storyfold-Test (+https://contact.example)"
    assert "cookie" not in second.headers


def test_validators_go_out_as_given_and_304_is_an_answer(site: Site, client: Client) -> None:
    site.routes["/a"] = lambda request: Reply(status=304 if request.headers.get("if-none-match") == 'W/"x y"' else 200)

    answer = client.fetch(site.url("/a"), headers={"If-None-Match": 'W/"x y"'})

    assert (answer.status, answer.body) == (304, b"")


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("gzip", lambda data: gzip.compress(data) + b"\0\0\0"),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("zstd", lambda data: zstandard.compress(data[:9]) + zstandard.compress(data[9:])),
        ("br, gzip", lambda data: gzip.compress(brotli.compress(data))),
        ("identity", bytes),
    ],
)
def test_every_coding_that_is_asked_for_is_undone(
    site: Site, client: Client, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    text = bytes(range(256)) * 2_000
    site.serve("/a", compress(text), headers={"Content-Encoding": coding})

    assert client.fetch(site.url("/a")).body == text


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_under_a_coding_is_empty(site: Site, client: Client, coding: str) -> None:
    site.serve("/a", b"", headers={"Content-Encoding": coding})

    assert client.fetch(site.url("/a")).body == b""


def test_redirects_are_followed_and_the_permanent_run_from_the_start_is_told(site: Site, client: Client) -> None:
    for path, status, target in (("/1", 301, "/2"), ("/2", 308, "/3?ref=home"), ("/3", 302, "/4")):
        site.serve(path, status=status, headers={"Location": target})
    site.serve("/4", "here")

    answer = client.fetch(site.url("/1"))

    assert (answer.url, answer.final_url, answer.body) == (site.url("/1"), site.url("/4"), b"here")
    assert answer.permanent_redirect_to == site.url("/3?ref=home")


def test_a_permanent_redirect_behind_a_temporary_one_is_not_permanent(site: Site, client: Client) -> None:
    site.serve("/1", status=302, headers={"Location": "/2"})
    site.serve("/2", status=301, headers={"Location": "/3"})
    site.serve("/3", "here")

    assert client.fetch(site.url("/1")).permanent_redirect_to is None


def test_a_redirect_that_sets_a_cookie_and_returns_is_a_loop(site: Site, client: Client) -> None:
    site.serve("/1", status=302, headers={"Location": "/1#again", "Set-Cookie": "seen=1"})

    with pytest.raises(Rejected, match="leads to"):
        client.fetch(site.url("/1"))


def test_loopback_is_out_of_reach_without_an_allow_list(site: Site) -> None:
    with pytest.raises(Rejected) as caught:
        Client(AddressGuard(), LIMITS).fetch(site.url("/a"))

    assert caught.value.reason == "forbidden-address"
    assert site.requests == []


def test_what_is_no_url_is_bad_input(client: Client) -> None:
    with pytest.raises(BadInput):
        client.fetch("news.example/a")


def test_a_refused_connection_is_transient(client: Client) -> None:
    with Site() as gone:
        url = gone.url("/")

    with pytest.raises(Transient) as caught:
        client.fetch(url)

    assert caught.value.reason == "connection"


def test_a_post_carries_its_body_and_follows_no_redirect(site: Site, client: Client) -> None:
    site.serve("/hook", status=204)
    site.serve("/moved", status=307, headers={"Location": "/hook"})

    assert client.post(site.url("/hook"), b"{}", headers={"webhook-id": "1"}).status == 204
    with pytest.raises(Rejected, match="leads nowhere"):
        client.post(site.url("/moved"), b"{}", headers={})

    assert [(seen.body, seen.headers["webhook-id"]) for seen in site.asked("/hook")] == [(b"{}", "1")]


# --- names ------------------------------------------------------------------------------------------------------------


def test_the_name_is_resolved_once_and_its_judged_address_is_the_one_connected_to() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    with Hostile("127.0.0.1") as judged:
        client = Client(AddressGuard(["127.0.0.1/32"]), LIMITS, resolver=lambda host, port: next(answers))

        assert client.fetch(f"http://rebinding.example:{judged.port}/fine").body == b"hello"
    assert next(answers) == ["127.0.0.2"]


def test_a_name_that_changes_its_address_between_redirects_is_judged_again(site: Site) -> None:
    answers = iter([[site.host], ["10.0.0.1"]])
    client = Client(AddressGuard([f"{site.host}/32"]), LIMITS, resolver=lambda host, port: next(answers))
    site.serve("/1", status=302, headers={"Location": "/2"})

    with pytest.raises(Rejected) as caught:
        client.fetch(f"http://rebinding.example:{site.port}/1")

    assert caught.value.reason == "forbidden-address"
    assert [seen.path for seen in site.requests] == ["/1"]


def test_of_several_addresses_only_judged_ones_are_tried_until_one_answers(site: Site) -> None:
    with Site("127.0.0.3") as forbidden:
        addresses = ["10.0.0.1", forbidden.host, "127.0.0.4", site.host]
        guard = AddressGuard(["127.0.0.4/32", f"{site.host}/32"])
        client = Client(guard, LIMITS, resolver=lambda host, port: addresses)
        site.serve("/a", "here")

        assert client.fetch(f"http://several.example:{site.port}/a").body == b"here"
        assert forbidden.requests == []


def test_the_host_asked_for_is_the_name_and_not_the_address(site: Site) -> None:
    client = Client(AddressGuard(LOOPBACK), LIMITS, resolver=lambda host, port: [site.host])
    site.serve("/a")

    client.fetch(f"http://Named.Example:{site.port}/a")

    assert site.requests[0].headers["host"] == f"named.example:{site.port}"


@pytest.mark.parametrize("answer", [OSError("no such host"), []])
def test_a_name_without_an_address_is_transient(answer: OSError | list[str]) -> None:
    def resolver(host: str, port: int) -> list[str]:
        if isinstance(answer, OSError):
            raise answer
        return answer

    with pytest.raises(Transient) as caught:
        Client(AddressGuard(LOOPBACK), LIMITS, resolver=resolver).fetch("http://nowhere.example/")

    assert caught.value.reason == "dns"


def test_a_resolver_that_hangs_costs_no_more_than_a_connection_may() -> None:
    answered = threading.Event()

    def resolver(host: str, port: int) -> list[str]:
        answered.wait(10)
        return ["127.0.0.1"]

    client = Client(AddressGuard(LOOPBACK), Limits(connect_seconds=0.05), resolver=resolver)
    with pytest.raises(Transient) as caught:
        client.fetch("http://hanging.example/")
    answered.set()

    assert caught.value.reason == "dns"


# --- certificates -----------------------------------------------------------------------------------------------------


@pytest.fixture
def tls() -> Iterator[TlsSite]:
    with TlsSite() as running:
        yield running


def _client_for(tls: TlsSite, trusted: Path | None) -> Client:
    context = ssl.create_default_context(cafile=str(trusted) if trusted else None)
    return Client(AddressGuard(LOOPBACK), LIMITS, resolver=lambda host, port: [tls.host], ssl_context=context)


def test_a_trusted_certificate_for_the_name_is_accepted_and_the_name_is_sent(tls: TlsSite) -> None:
    client = _client_for(tls, tls.certificate)

    assert client.fetch(f"https://news.example:{tls.port}/").body == b"hello"
    assert tls.names_asked_for == ["news.example"]


@pytest.mark.parametrize(("name", "trusted"), [("news.example", False), ("other.example", True)])
def test_a_certificate_of_nobody_or_of_another_is_an_error(tls: TlsSite, name: str, trusted: bool) -> None:
    client = _client_for(tls, tls.certificate if trusted else None)

    with pytest.raises(Transient) as caught:
        client.fetch(f"https://{name}:{tls.port}/")

    assert caught.value.reason == "tls"


def test_a_server_that_speaks_no_tls_is_an_error(site: Site) -> None:
    client = Client(AddressGuard(LOOPBACK), LIMITS)

    with pytest.raises(Transient) as caught:
        client.fetch(site.url("/").replace("http:", "https:"))

    assert caught.value.reason == "tls"


def test_a_tls_handshake_that_hangs_ends_with_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(AddressGuard(LOOPBACK), Limits(connect_seconds=0.1, total_seconds=0.3))

        with pytest.raises(Transient) as caught:
            client.fetch(f"https://127.0.0.1:{silent.getsockname()[1]}/")

    assert caught.value.reason == "time-out"
