"""How long it takes from a posted URL to its story, and how long a start takes, on an otherwise idle machine.

    .venv/bin/python -m bench.latency.run [--urls 20] [--most 2.0]

A run of `storyfold up` in a fresh folder, with its own settings but for the pause between two requests to a host (0)
and the address guard (loopback is let through). Pages come from a site on loopback, one after the other; the clock
stops when ``GET /v1/stories/{id}`` shows the article. Exits 1 where the median is above `--most` seconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]  # the run and the site that the tests use

from parish import report  # noqa: E402
from running import UNHURRIED, Service  # noqa: E402
from servers.site import Site  # noqa: E402

LOOK_EVERY = 0.01
LONGEST = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--urls", type=int, default=20, help="how many are posted, one after the other")
    parser.add_argument("--most", type=float, default=2.0, help="seconds that the median may take")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storyfold-latency-") as folder, Site() as site:
        service = Service(Path(folder) / "var", **UNHURRIED)
        try:
            print(f"first start    {seconds_to_start(service):6.2f} s")
            service.stop()
            print(f"second start   {seconds_to_start(service):6.2f} s")
            took = [seconds_to_story(service, site, number) for number in range(asked.urls)]
        finally:
            service.close()
    median = statistics.median(took)
    print(f"URL to story   {median:6.2f} s median of {len(took)}, {min(took):.2f} to {max(took):.2f} s")
    print("each          ", " ".join(f"{seconds:.2f}" for seconds in took))
    sys.exit(0 if median <= asked.most else 1)


def seconds_to_start(service: Service) -> float:
    started = time.monotonic()
    service.start()
    return time.monotonic() - started


def seconds_to_story(service: Service, site: Site, number: int) -> float:
    url = site.serve(f"/{number}", report(number))
    started = time.monotonic()
    [link_id] = service.submit(url)
    while True:
        link = service.link(link_id)
        if link["story_id"] and _stands_in_story(service, link):
            return time.monotonic() - started
        if link["fate"] not in ("pending", "folded") or time.monotonic() - started > LONGEST:
            raise SystemExit(f"{url} did not become part of a story: {link}")
        time.sleep(LOOK_EVERY)


def _stands_in_story(service: Service, link: dict[str, object]) -> bool:
    clusters = service.story_of(link)["clusters"]
    return any(article["id"] == link["article_id"] for cluster in clusters for article in cluster["articles"])


if __name__ == "__main__":
    main()
