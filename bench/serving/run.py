"""How fast lists, stories, changes and ranked search are answered, whether readers miss a change, what an export takes.

    .venv/bin/python -m bench.serving.run [latency|follow|export ...] [--articles 100000] [--stories 40000]
                                          [--rate 50] [--seconds 60] [--data DIR]

======== =====================================================================================================
latency  requests of all kinds in turn, `--rate` a second for `--seconds`, sent by a second process at their own
         times whether or not the answers before them have come; then the plans of what they ask of PostgreSQL
follow   8 writers add changes for `--seconds`; a reader of pages and one of the stream follow, while the API is
         killed and started again and the stream is hung up on
export   `storyfold export` of everything: seconds, and the most memory it took
======== =====================================================================================================

Without a name all three run. The store is filled with invented articles first (some minutes); `--data` keeps it for the
next time. Exits 1 where 95 of 100 answers take longer than 50 ms (search: 120 ms), a plan goes through all articles, a
change was missed, came twice or out of order, or the export took more than 200 MB or came out incomplete.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "api")]  # what follows, and what is followed, is that of the tests

from following import running_api  # noqa: E402

from bench.serving import corpus, exporting, plans, readers, requests  # noqa: E402
from storyfold.embedded import Engines, create_database  # noqa: E402
from storyfold.store.engine import make_engine  # noqa: E402
from storyfold.store.migrate import migrate  # noqa: E402

MOST_MS = {"list": 50, "story": 50, "changes": 50, "search": 120}
MOST_MEMORY = 200_000_000


@dataclass(frozen=True)
class Store:
    database_url: str
    redis_url: str
    articles: int
    stories: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="WHAT", help="all by default")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--stories", type=int, default=40_000)
    parser.add_argument("--rate", type=float, default=50, help="requests a second")
    parser.add_argument("--seconds", type=float, default=60, help="of requests, and of writing")
    parser.add_argument("--data", type=Path, help="folder in which the store is kept")
    asked = parser.parse_args()
    what = asked.what or ["latency", "follow", "export"]
    with filled(asked.data, asked.articles, asked.stories) as store:
        passed = [
            *([latency(store, asked.rate, asked.seconds)] if "latency" in what else []),
            *([export(store)] if "export" in what else []),
            *([follow(store, asked.seconds)] if "follow" in what else []),
        ]
    sys.exit(0 if all(passed) else 1)


@contextmanager
def filled(data: Path | None, articles: int, stories: int) -> Iterator[Store]:
    """Engines with a store of so many articles, filled now or kept from before."""
    with tempfile.TemporaryDirectory(prefix="storyfold-serving-") as temporary:
        folder = data or Path(temporary)
        with Engines(folder) as engines:
            known = folder / f"serving-{articles}-{stories}.json"
            if not known.exists():
                name = f"serving_{articles}_{stories}_{os.getpid()}"
                url = create_database(engines.database_url, name)
                engine = make_engine(url)
                migrate(engine)
                engine.dispose()
                print(f"filling a store with {articles} articles in {stories} stories ...", flush=True)
                corpus.load(url, articles, stories)
                known.write_text(json.dumps(name))
            name = json.loads(known.read_text())
            url = engines.database_url.replace("/storyfold?", f"/{name}?")
            yield Store(url, engines.redis_url, articles, stories)


def latency(store: Store, rate: float, seconds: float) -> bool:
    before = os.getloadavg()[0]
    with running_api(database_url=store.database_url, redis_url=store.redis_url, rate_per_minute="0") as api:
        requests.warm_up(api.url, store.stories)
        took = requests.send_from_another_process(api.url, store.stories, rate, seconds)
    print(f"latency at {rate:g} requests a second for {seconds:g} s (load {before:.1f} before)")
    passed = True
    for kind, most in MOST_MS.items():
        figures = sorted(took[kind])
        at = {share: figures[min(len(figures) - 1, int(len(figures) * share))] for share in (0.5, 0.95, 0.99)}
        passed &= at[0.95] <= most
        shown = "  ".join(f"p{share * 100:g} {ms:7.1f} ms" for share, ms in at.items())
        print(f"  {kind:8} {len(figures):6} answers  {shown}  (at most {most} ms at p95)")
    scans = plans.sequential_scans(store.database_url)
    print(f"  sequential scans in the plans: {', '.join(sorted(scans)) or 'none'}")
    return passed and not scans


def follow(store: Store, seconds: float) -> bool:
    told = readers.follow(store.database_url, store.redis_url, seconds)
    print(f"follow   {told.written} changes by {readers.WRITERS} writers in {seconds:g} s")
    print(f"         {told.restarts} restarts of the API, {told.connections} connections of the stream")
    print(f"         pages: {told.pages}; stream: {told.stream}")
    return told.pages == told.stream == "all once, in order"


def export(store: Store) -> bool:
    found = exporting.measure(store.database_url)
    whole = found.articles == store.articles and found.stories == store.stories
    told = f"{'complete' if whole else 'INCOMPLETE'}, {'equal' if found.equal else 'NOT EQUAL'} to the store"
    print(f"export   {found.records} records, {found.size / 1e6:.0f} MB in {found.seconds:.1f} s, {told}")
    print(f"         at most {found.memory / 1e6:.0f} MB of memory")
    return whole and found.equal and found.memory <= MOST_MEMORY


if __name__ == "__main__":
    main()
