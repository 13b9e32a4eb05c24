"""Reading real feeds: Storyfold against feedparser's default, time and links, one table, one run.

usage: python bench/feeds/run.py [--rounds N]

Reads `../shared/data/feeds`, or `STORYFOLD_BENCH_DATA`/feeds; says so and ends where that is not there. Every feed goes
through every system in turn, so that a busy machine slows all alike. A link is lost where feedparser's default gives
an entry with one and Storyfold gives no entry with the same (relative links are compared as they resolve). Exits 1
where a link is lost or the time is over a third of feedparser's.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import feedparser

from storyfold.feeds.changes import body_hash
from storyfold.feeds.model import absolute
from storyfold.feeds.parse import parse_feed

URL = "https://feed.example/feed"
NOW = datetime.now(UTC)
BAR = 1 / 3

Links = list[str]


def data_file() -> Path | None:
    named = os.environ.get("STORYFOLD_BENCH_DATA")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared" / "data"
    file = folder / "feeds" / "dev.jsonl.xz"
    return file if file.is_file() else None


def by_default(body: bytes) -> Links:
    return _resolved(feedparser.parse(io.BytesIO(body)))


def by_the_fast_options(body: bytes) -> Links:
    return _resolved(feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False))


def by_storyfold(body: bytes) -> Links:
    return [entry.url for entry in parse_feed(body, content_type="", url=URL, now=NOW).entries]


def unchanged(body: bytes) -> Links:
    body_hash(body)
    return []


SYSTEMS: dict[str, Callable[[bytes], Links]] = {
    "feedparser, default": by_default,
    "feedparser, no sanitizing": by_the_fast_options,
    "storyfold": by_storyfold,
    "storyfold, unchanged body": unchanged,
}


def _resolved(parsed: feedparser.FeedParserDict) -> Links:
    links = (absolute(URL, entry.get("link")) for entry in parsed.entries)
    return [link for link in links if link]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    rounds = parser.parse_args().rounds
    file = data_file()
    if file is None:
        print("skipped: no feeds at ../shared/data/feeds (STORYFOLD_BENCH_DATA names another folder)")
        return 0
    warnings.simplefilter("ignore")
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line)["body"].encode("latin-1") for line in lines]
    seconds: Counter[str] = Counter()
    links: Counter[str] = Counter()
    lost = 0
    for body in bodies * rounds:
        found: dict[str, Links] = {}
        for name, read in SYSTEMS.items():
            started = time.process_time()
            found[name] = read(body)
            seconds[name] += time.process_time() - started
            links[name] += len(found[name])
        lost += sum((Counter(found["feedparser, default"]) - Counter(found["storyfold"])).values())
    return report(seconds, links, lost, feeds=len(bodies) * rounds, size=sum(map(len, bodies)) * rounds)


def report(seconds: Counter[str], links: Counter[str], lost: int, *, feeds: int, size: int) -> int:
    base = seconds["feedparser, default"]
    print(f"{feeds} feeds, {size / 1e6:.1f} MB; CPU time\n")
    print(f"{'system':28} {'seconds':>8} {'ms a feed':>10} {'share':>7} {'links':>7}")
    for name in SYSTEMS:
        share = seconds[name] / base
        print(f"{name:28} {seconds[name]:8.2f} {1000 * seconds[name] / feeds:10.2f} {share:7.3f} {links[name]:7}")
    ratio = seconds["storyfold"] / base
    print(f"\nlinks lost: {lost} (bar: 0)\ntime against feedparser's default: {ratio:.3f} (bar: {BAR:.3f})")
    return 0 if lost == 0 and ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
