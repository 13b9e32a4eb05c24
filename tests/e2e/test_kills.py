"""Workers, engines and queues that die in the middle: every link comes to its fate, and none twice.

The short form of `bench/faults`, which does the same with 200 links and says what it saw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import redis
from parish import report
from running import Service, kill, wait_for
from servers.site import Site

from storyfold.embedded import running_urls

Launch = Callable[..., Service]

LINKS = 60
# What was in the hands of the dead comes back when its lease or its doorbell has run out: 12 and 30 seconds.
SECONDS = 100.0


@pytest.fixture
def slow_site() -> Any:
    with Site(latency=0.05) as site:
        yield site


def hand_in(service: Service, site: Site) -> list[str]:
    return service.submit(*(site.serve(f"/{number}", report(number)) for number in range(LINKS)))


def folded(service: Service) -> int:
    counts = service.http.get("/metrics").text
    return int(float(counts.split('storyfold_links{fate="folded"} ')[1].split()[0]))


def in_the_middle(service: Service, at_least: int = 10) -> None:
    """Wait until some of the links are folded; fails where all of them are, since then nothing is shown."""
    before = 5  # the seed corpus
    wait_for(lambda: folded(service) >= before + at_least, 60, service.said)
    assert folded(service) < before + LINKS


def assert_each_has_one_fate_and_one_article(service: Service, link_ids: list[str]) -> None:
    links = service.settled(link_ids, SECONDS)
    assert Counter(link["fate"] for link in links) == {"folded": LINKS}
    assert len({link["article_id"] for link in links}) == LINKS
    articles = [
        article["id"]
        for story in service.every("/v1/stories")
        for cluster in service.get(f"/v1/stories/{story['id']}")["clusters"]
        for article in cluster["articles"]
    ]
    assert len(articles) == len(set(articles)) == LINKS + 5


def test_killed_workers_lose_no_link_and_double_none(own_service: Launch, slow_site: Site) -> None:
    service = own_service(host_concurrency=4)
    service.start()
    ids = hand_in(service, slow_site)
    in_the_middle(service)
    kill(service.workers())
    assert_each_has_one_fate_and_one_article(service, ids)
    assert service.stop() == 0


def test_killing_everything_loses_no_link_and_doubles_none(own_service: Launch, slow_site: Site) -> None:
    service = own_service(host_concurrency=4)
    service.start()
    ids = hand_in(service, slow_site)
    in_the_middle(service)
    service.kill()
    service.start()
    assert_each_has_one_fate_and_one_article(service, ids)


def test_a_flushed_redis_loses_no_link(own_service: Launch, slow_site: Site) -> None:
    service = own_service(host_concurrency=4)
    service.start()
    ids = hand_in(service, slow_site)
    in_the_middle(service)
    running = running_urls(service.data_dir)
    assert running is not None
    client = redis.Redis.from_url(running.redis_url)
    client.flushall()
    client.close()
    assert_each_has_one_fate_and_one_article(service, ids)


def test_killed_engines_lose_no_link(own_service: Launch, slow_site: Site) -> None:
    service = own_service(host_concurrency=4)
    service.start()
    ids = hand_in(service, slow_site)
    in_the_middle(service)
    kill(p for p in service.processes() if p.name() in ("postgres", "redis-server"))
    assert_each_has_one_fate_and_one_article(service, ids)
    assert service.stop() == 0
