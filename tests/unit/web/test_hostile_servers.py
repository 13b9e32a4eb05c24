"""Every hostile behaviour ends in its documented fate, within its limit."""

from __future__ import annotations

import dataclasses
import gc
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from servers.hostile import BEHAVIOURS, Hostile

from storyfold.errors import FateError, Rejected, Transient
from storyfold.web.client import Client, Limits
from storyfold.web.guard import AddressGuard

LIMITS = Limits(wire_bytes=300_000, decoded_bytes=600_000, total_seconds=20, connect_seconds=10, redirects=4)
HASTY = dataclasses.replace(LIMITS, total_seconds=0.4)
"""For what only the time can end: a busy machine must not turn another fate into a time-out."""

LOOPBACK = "127.0.0.1/32"

FATES: dict[str, tuple[type[FateError], str]] = {
    "drip-headers": (Transient, "time-out"),
    "drip-body": (Transient, "time-out"),
    "drip-chunks": (Transient, "time-out"),
    "hang": (Transient, "time-out"),
    "hang-in-body": (Transient, "time-out"),
    "endless-chunks": (Rejected, "too-big"),
    "endless-empty-extensions": (Rejected, "too-big"),
    "endless-body": (Rejected, "too-big"),
    "announces-a-terabyte": (Rejected, "too-big"),
    "header-flood": (Rejected, "too-big"),
    "one-endless-header": (Rejected, "too-big"),
    "endless-interim-answers": (Rejected, "too-big"),
    "endless-trailers": (Rejected, "too-big"),
    "close-at-once": (Transient, "connection"),
    "reset-at-once": (Transient, "connection"),
    "reset-in-body": (Transient, "connection"),
    "length-too-long": (Transient, "truncated"),
    "length-of-5000-digits": (Transient, "bad-response"),
    "chunks-cut-off": (Transient, "truncated"),
    "chunk-of-no-length": (Transient, "truncated"),
    "gzip-cut-off": (Transient, "truncated"),
    "brotli-cut-off": (Transient, "truncated"),
    "zstd-cut-off": (Transient, "truncated"),
    "gzip-bomb": (Rejected, "too-big"),
    "gzip-in-gzip-bomb": (Rejected, "too-big"),
    "deflate-bomb": (Rejected, "too-big"),
    "brotli-bomb": (Rejected, "too-big"),
    "zstd-bomb": (Rejected, "too-big"),
    "zstd-wide-window": (Transient, "bad-encoding"),
    "not-gzip": (Transient, "bad-encoding"),
    "not-brotli": (Transient, "bad-encoding"),
    "not-zstd": (Transient, "bad-encoding"),
    "five-codings": (Rejected, "unknown-encoding"),
    "coding-not-asked-for": (Rejected, "unknown-encoding"),
    "not-http": (Transient, "bad-response"),
    "binary-noise": (Transient, "bad-response"),
    "redirect-to-self": (Rejected, "redirect-loop"),
    "ping": (Rejected, "redirect-loop"),
    "redirect-chain": (Rejected, "redirect-loop"),
    "redirect-nowhere": (Rejected, "bad-redirect"),
    "redirect-to?file:///etc/passwd": (Rejected, "bad-redirect"),
    "redirect-to?http://user:word@127.0.0.1/": (Rejected, "bad-redirect"),
    "redirect-to?http://169.254.169.254/latest/meta-data/": (Rejected, "forbidden-address"),
    "redirect-to?http://10.0.0.1/": (Rejected, "forbidden-address"),
    "redirect-to?http://[::ffff:7f00:1]/": (Rejected, "forbidden-address"),
    "redirect-to?http://0x7f000002/": (Rejected, "forbidden-address"),
    "busy-429-seconds": (Transient, "rate-limited"),
    "busy-429-date": (Transient, "rate-limited"),
    "busy-429-nonsense": (Transient, "rate-limited"),
    "busy-503-seconds": (Transient, "server-error"),
    "busy-503-date": (Transient, "server-error"),
    "part-not-asked-for": (Transient, "truncated"),
    "status/400": (Rejected, "client-error"),
    "status/401": (Rejected, "unauthorized"),
    "status/402": (Rejected, "unauthorized"),
    "status/403": (Rejected, "forbidden"),
    "status/404": (Rejected, "not-found"),
    "status/408": (Transient, "time-out"),
    "status/410": (Rejected, "gone"),
    "status/418": (Rejected, "client-error"),
    "status/451": (Rejected, "forbidden"),
    "status/500": (Transient, "server-error"),
    "status/502": (Transient, "server-error"),
    "status/300": (Rejected, "bad-redirect"),
}
HARMLESS = {"fine", "length-too-short", "wrong-charset", "redirect-in-utf8", "pong"}


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    with Hostile() as server:
        yield server


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(AddressGuard([LOOPBACK]), LIMITS)


@pytest.fixture(scope="module")
def hasty() -> Client:
    return Client(AddressGuard([LOOPBACK]), HASTY)


@pytest.mark.parametrize("behaviour", [path for path, fate in FATES.items() if fate[1] != "time-out"])
def test_a_hostile_behaviour_ends_in_its_fate(hostile: Hostile, client: Client, behaviour: str) -> None:
    with pytest.raises(FateError) as caught:
        client.fetch(hostile.url(behaviour))

    assert (type(caught.value), caught.value.reason) == FATES[behaviour]


@pytest.mark.parametrize("behaviour", [path for path, fate in FATES.items() if fate[1] == "time-out"])
def test_a_server_that_plays_for_time_gets_no_more_than_the_limit(
    hostile: Hostile, hasty: Client, behaviour: str
) -> None:
    started = time.monotonic()

    with pytest.raises(FateError) as caught:
        hasty.fetch(hostile.url(behaviour))

    assert (type(caught.value), caught.value.reason) == FATES[behaviour]
    assert time.monotonic() - started < HASTY.total_seconds + 1


def test_every_behaviour_of_the_server_has_a_fate() -> None:
    named = {path.partition("/")[0].partition("?")[0] for path in FATES}

    assert named | HARMLESS == set(BEHAVIOURS)


@pytest.mark.parametrize("behaviour", ["busy-429-seconds", "busy-429-date", "busy-503-seconds", "busy-503-date"])
def test_both_forms_of_retry_after_say_when_to_come_back(hostile: Hostile, client: Client, behaviour: str) -> None:
    with pytest.raises(Transient) as caught:
        client.fetch(hostile.url(behaviour))

    assert caught.value.retry_at is not None
    assert abs(caught.value.retry_at - datetime.now(UTC) - timedelta(seconds=120)) < timedelta(seconds=3)


def test_a_retry_after_that_cannot_be_read_names_no_time(hostile: Hostile, client: Client) -> None:
    with pytest.raises(Transient) as caught:
        client.fetch(hostile.url("busy-429-nonsense"))

    assert caught.value.retry_at is None


def test_a_body_longer_than_announced_is_read_as_announced(hostile: Hostile, client: Client) -> None:
    assert client.fetch(hostile.url("length-too-short")).body == b"hello"


def test_bytes_of_a_wrong_charset_are_handed_on_as_they_came(hostile: Hostile, client: Client) -> None:
    assert client.fetch(hostile.url("wrong-charset")).body == b"caf\xe9"


def test_a_redirect_written_in_raw_utf8_is_followed(hostile: Hostile, client: Client) -> None:
    assert client.fetch(hostile.url("redirect-in-utf8")).final_url == hostile.url("fine/%C3%BC")


def test_a_client_that_met_them_all_still_works_and_holds_no_more_memory(hostile: Hostile, hasty: Client) -> None:
    _meet_all(hasty, hostile)
    before = psutil.Process().memory_info().rss

    _meet_all(hasty, hostile)

    assert hasty.fetch(hostile.url("fine")).body == b"hello"
    assert psutil.Process().memory_info().rss <= 1.2 * before


def _meet_all(client: Client, hostile: Hostile) -> None:
    for behaviour in FATES:
        with pytest.raises(FateError):
            client.fetch(hostile.url(behaviour))
    gc.collect()
