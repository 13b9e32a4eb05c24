"""Kills processes with signal 9 in the middle of submitted URLs, and counts what became of them.

    .venv/bin/python -m bench.faults.run [workers|everything|engines|redis] [--urls 200]

=========== ==========================================================================================
workers     every worker process with its children; `storyfold up` starts others
everything  every process of the run, engines included; then `storyfold up` is started again
engines     PostgreSQL and Redis with their children; their supervisor starts others
redis       nothing is killed, but Redis loses everything it holds
=========== ==========================================================================================

Without a name all four run, each in a fresh folder. A run passes where every URL has one link, every link a fate other
than pending, none failed, and no article stands twice. Exits 1 where one does not pass. The pause between two requests
to a host is 0, and leases last 12 seconds; what was in dead hands comes back when its lease, or its doorbell (30
seconds), has run out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]  # the run and the site that the tests use

import psutil  # noqa: E402
import redis  # noqa: E402
from parish import report  # noqa: E402
from running import Service, gone, wait_for  # noqa: E402
from servers.site import Site  # noqa: E402

from storyfold.embedded import running_urls  # noqa: E402

LATENCY = 0.05
LONGEST = 300.0
ENGINES = ("postgres", "redis-server")


@dataclass(frozen=True)
class Outcome:
    """What was seen: `done_before` links had their fate at the blow, `seconds` went by until all had."""

    fault: str
    struck: int
    done_before: int
    fates: Counter[str]
    links: int
    articles: int
    twice: int
    seconds: float

    def passes(self, urls: int) -> bool:
        clean = self.fates == {"folded": urls} and self.links == urls
        return clean and self.articles == urls and not self.twice and self.done_before < urls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fault", nargs="?", choices=list(FAULTS), help="all of them without")
    parser.add_argument("--urls", type=int, default=200)
    asked = parser.parse_args()
    print(f"{'fault':<12}{'killed':>7}{'done before':>13}{'links':>7}{'articles':>10}{'twice':>7}{'seconds':>9}  fates")
    passed = [run(fault, asked.urls) for fault in ([asked.fault] if asked.fault else FAULTS)]
    sys.exit(0 if all(passed) else 1)


def run(fault: str, urls: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="storyfold-faults-") as folder, Site(latency=LATENCY) as site:
        service = Service(Path(folder) / "var", host_concurrency=4)
        try:
            service.start()
            outcome = strike(service, site, fault, urls)
        finally:
            service.close()
    fates = ", ".join(f"{count} {fate}" for fate, count in sorted(outcome.fates.items()))
    verdict = "" if outcome.passes(urls) else "   DOES NOT PASS"
    print(
        f"{fault:<12}{outcome.struck:>7}{outcome.done_before:>13}{outcome.links:>7}{outcome.articles:>10}"
        f"{outcome.twice:>7}{outcome.seconds:>9.1f}  {fates}{verdict}",
        flush=True,
    )
    return outcome.passes(urls)


def strike(service: Service, site: Site, fault: str, urls: int) -> Outcome:
    """Submit the URLs, strike when a quarter of them is done, and wait for the rest."""
    seeds = {link["id"] for link in service.all_links()}
    service.submit(*(site.serve(f"/{number}", report(number)) for number in range(urls)))
    wait_for(lambda: len(_done(service, seeds)) >= urls // 4, LONGEST, service.said)
    done = len(_done(service, seeds))
    started = time.monotonic()
    struck = FAULTS[fault](service)
    ids = [link["id"] for link in _links(service, seeds)]
    links = service.settled(ids, LONGEST)
    seconds = time.monotonic() - started
    articles = Counter(_articles_in_stories(service, {link["article_id"] for link in links}))
    fates = Counter(link["fate"] for link in links)
    twice = sum(count > 1 for count in articles.values())
    return Outcome(fault, struck, done, fates, len(links), len(articles), twice, seconds)


def _links(service: Service, seeds: set[str]) -> list[dict[str, str]]:
    wait_for(lambda: service.http.get("/v1/links").status_code == 200, LONGEST, service.said)
    return [link for link in service.all_links() if link["id"] not in seeds]


def _done(service: Service, seeds: set[str]) -> list[dict[str, str]]:
    return [link for link in _links(service, seeds) if link["fate"] != "pending"]


def _articles_in_stories(service: Service, wanted: set[str]) -> list[str]:
    """Each time that one of the articles stands in a story."""
    return [
        article["id"]
        for story in service.every("/v1/stories")
        for cluster in service.get(f"/v1/stories/{story['id']}")["clusters"]
        for article in cluster["articles"]
        if article["id"] in wanted
    ]


def _kill(processes: list[psutil.Process]) -> int:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue  # it went with its parent
    return len(processes)


def kill_workers(service: Service) -> int:
    return _kill(service.workers())


def kill_everything(service: Service) -> int:
    processes = service.processes()
    killed = _kill(processes)
    if service.process is not None:
        service.process.wait()
    if left := gone(processes):
        raise SystemExit(f"these live on: {left}")
    service.start()
    return killed


def kill_engines(service: Service) -> int:
    return _kill([process for process in service.processes() if process.name() in ENGINES])


def flush_redis(service: Service) -> int:
    running = running_urls(service.data_dir)
    if running is None:
        raise SystemExit("the run cannot be joined")
    with redis.Redis.from_url(running.redis_url) as client:
        client.flushall()
    return 0


FAULTS = {"workers": kill_workers, "everything": kill_everything, "engines": kill_engines, "redis": flush_redis}


if __name__ == "__main__":
    main()
