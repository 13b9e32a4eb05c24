"""Validators go back as they came; cache headers say how long nothing new is to be had."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storyfold.feeds.freshness import Validators, fresh_seconds, validators

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def test_validators_are_returned_exactly_as_received() -> None:
    received = {"etag": 'W/"a  b"', "last-modified": "Monday, 4th of May"}

    assert validators(received).headers() == {"if-none-match": 'W/"a  b"', "if-modified-since": "Monday, 4th of May"}


def test_without_validators_the_request_is_unconditional() -> None:
    assert validators({}).headers() == {}


def test_what_a_304_leaves_out_stays() -> None:
    assert validators({"etag": '"2"'}, previous=Validators('"1"', "then")) == Validators('"2"', "then")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, Max-Age = 600, s-maxage=9"}, 600),
        ({"cache-control": "s-maxage=900"}, None),
        ({"cache-control": "max-age=600", "age": "200"}, 400),
        ({"cache-control": "max-age=600", "age": "700"}, None),
        ({"cache-control": "max-age=600, no-cache"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"expires": "Mon, 04 May 2026 13:00:00 GMT"}, 3_600),
        ({"expires": "Mon, 04 May 2026 13:00:00 GMT", "date": "Mon, 04 May 2026 12:30:00 GMT"}, 1_800),
        ({"expires": "Mon, 04 May 2026 13:00:00 GMT", "cache-control": "max-age=60"}, 60),
        ({"expires": "Mon, 04 May 2020 13:00:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"expires": "Mon, 99 May 2026 13:00:00 GMT"}, None),
    ],
)
def test_the_lifetime_an_answer_claims(headers: dict[str, str], seconds: float | None) -> None:
    assert fresh_seconds(headers, NOW) == seconds
