"""Every hostile behaviour ends in its documented fate, within its limit."""

from __future__ import annotations

import dataclasses
import gc
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from servers.fates import FATES, HARMLESS
from servers.hostile import BEHAVIOURS, Hostile

from storyfold.errors import FateError, Transient
from storyfold.web.client import Client, Limits
from storyfold.web.guard import AddressGuard

LIMITS = Limits(wire_bytes=300_000, decoded_bytes=600_000, total_seconds=20, connect_seconds=10, redirects=4)
HASTY = dataclasses.replace(LIMITS, total_seconds=0.4)
"""For what only the time can end: a busy machine must not turn another fate into a time-out."""

LOOPBACK = "127.0.0.1/32"


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
