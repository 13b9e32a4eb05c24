"""How many requests a caller may send, and how that is told."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import pytest
import redis
from asgi_client import KEY

from api.rates import Rates, network_of
from storyfold.store import keys
from storyfold.store.keys import KeyTerms
from storyfold.store.tables import KeyScope

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def rates(redis_url):
    rates = Rates(redis_url, 3)
    yield rates
    rates.close()


def spent(rates: Rates, caller: str, requests: int) -> list[bool]:
    return [rates.take(caller).exceeded for _ in range(requests)]


def test_a_caller_has_so_many_requests_and_no_more(rates):
    assert spent(rates, "key 1 desk", 5) == [False, False, False, True, True]


def test_one_caller_does_not_use_up_anothers(rates):
    spent(rates, "key 1 desk", 5)
    assert spent(rates, "key 2 night", 1) == [False]


def test_all_processes_count_together(rates, redis_url):
    spent(rates, "key 1 desk", 2)
    other = Rates(redis_url, 3)
    assert spent(other, "key 1 desk", 2) == [False, True]
    other.close()


def test_a_key_may_have_a_limit_of_its_own(rates):
    assert [rates.take("key 1 desk", 1).exceeded for _ in range(2)] == [False, True]


def test_where_there_is_no_limit_nothing_is_counted(redis_url):
    rates = Rates(redis_url, 0)
    assert rates.take("key 1 desk") is None
    rates.close()


def test_where_redis_is_away_each_process_counts_its_own_and_says_so_once(caplog):
    rates = Rates(AWAY, 2)
    with caplog.at_level(logging.WARNING, "api.rates"):
        assert spent(rates, "key 1 desk", 3) == [False, False, True]
    assert len(caplog.records) == 1
    rates.close()


def test_redis_is_asked_again_after_a_while(redis_url, monkeypatch):
    seconds = [100.0]
    rates = Rates(redis_url, 3, clock=lambda: seconds[0])
    rates._silent_until = 105.0
    connection = redis.Redis.from_url(redis_url)
    rates.take("key 1 desk")
    assert connection.keys("storyfold-rates*") == []
    seconds[0] = 106.0
    rates.take("key 1 desk")
    assert connection.keys("storyfold-rates*") != []
    connection.close()
    rates.close()


def test_an_ipv6_client_is_its_network_and_an_ipv4_client_its_address():
    assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("testclient") == "testclient"


def test_every_answer_tells_what_is_left_and_the_one_too_many_is_429(serve):
    client = serve(rate_per_minute=2)
    first = client.get("/v1/stories")
    assert first.headers["ratelimit-policy"] == '"minute";q=2;w=60'
    assert re.fullmatch(r'"minute";r=1;t=\d+', first.headers["ratelimit"])
    client.get("/v1/nothing")
    refused = client.get("/v1/stories")
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["violated-policies"] == ["minute"]
    assert refused.json()["type"].endswith("#quota-exceeded")


def test_alive_and_ready_are_not_counted(serve):
    client = serve(rate_per_minute=1)
    assert [client.get("/healthz").status_code for _ in range(3)] == [200, 200, 200]
    assert "ratelimit" not in client.get("/readyz").headers


def test_what_is_too_much_is_not_done(serve, newsroom):
    client = serve(rate_per_minute=1)
    client.get("/v1/stories")
    assert client.post("/v1/links", json={"urls": ["https://a.example/"]}).status_code == 429
    assert serve(rate_per_minute=0).get("/v1/links").json()["items"] == []


def test_guessing_at_keys_is_counted_by_address_and_takes_nothing_from_the_keys(serve):
    client = serve(rate_per_minute=2, api_key=KEY)
    guesses = [client.get("/v1/stories", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(4)]
    assert guesses == [401, 401, 429, 429]
    assert client.get("/v1/stories", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200


def test_the_limit_of_a_key_is_its_own(serve, newsroom):
    with newsroom.sessions.begin() as session:
        terms = KeyTerms("slow desk", [KeyScope.READ], per_minute=1)
        _, key = keys.make_key(session, terms, "ada", datetime.now(UTC))
    client = serve(rate_per_minute=100)
    told = [client.get("/v1/stories", headers={"Authorization": f"Bearer {key}"}).status_code for _ in range(2)]
    assert told == [200, 429]
