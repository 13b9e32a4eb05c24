"""What it costs to fold one more article as the corpus grows.

    python -m bench.growth.run [--sizes 10000 100000 300000] [--timed 2000]

The corpus is put together from sentences of unrelated articles of the labelled background (`corpus.py`) and stored in
bulk; what is timed are articles that were not touched, one by one, through the service's own fold stage, in a process
of its own. Data: `../shared/data` from the project's root, or `STORYFOLD_BENCH_DATA`.
"""

from __future__ import annotations

import argparse
import json
import lzma
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psycopg

from bench.growth.corpus import Mixer, grow
from storyfold.batch.load import load_rows
from storyfold.batch.rows import Row, read_rows
from storyfold.embedded import TemporaryEngines, libpq_url
from storyfold.matching.idf import Idf
from storyfold.stages.fold import PLAN_AFRESH, Fold
from storyfold.stages.incoming import find, fingerprinted, nearby
from storyfold.stages.work import RetryPolicy
from storyfold.store.engine import make_engine, make_sessions
from storyfold.store.migrate import migrate
from storyfold.store.texts import texts_of_links

UNTIL = datetime(2018, 12, 31, tzinfo=UTC)
WARM = 50  # articles folded before the clock counts: connections, plans and tables of words are made once
SIZED = ("article_terms", "fingerprints", "bonds", "articles", "revisions", "evidence")


def data_folder() -> Path:
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("STORYFOLD_BENCH_DATA", beside))


def fold_each(url: str, rows: Sequence[Row], answer: multiprocessing.Queue[dict[str, list[float]]]) -> None:
    """Fold the rows one by one. -> milliseconds for the candidates of each, and for each fold; and memory in MB."""
    sessions = make_sessions(make_engine(url, pool_size=2))
    stage = Fold(sessions, Idf(0), RetryPolicy(1, 0.0), 600.0)
    took: dict[str, list[float]] = {"candidates": [], "fold": [], "memory": []}
    for n, row in enumerate(rows):
        with sessions.begin() as session:
            load_rows(session, [row], datetime.now(UTC))
        with sessions.begin() as session:
            job = stage.claim_waiting(session, datetime.now(UTC))
        if job is None:
            raise SystemExit("an article was stored and is not there")
        with sessions() as session:
            session.execute(PLAN_AFRESH)
            found = texts_of_links(session, [lease.id for lease in job.leases])
            batch = [fingerprinted(text, stage.idf) for text in found]
            start = time.perf_counter()
            nearby(find(session, batch))
            took["candidates"] += [1000 * (time.perf_counter() - start)] * (n >= WARM)
        start = time.perf_counter()
        drafted = stage.run(job, datetime.now(UTC))
        with sessions.begin() as session:
            stage.store(session, job, drafted, datetime.now(UTC))
        took["fold"] += [1000 * (time.perf_counter() - start)] * (n >= WARM)
        if n in (WARM, len(rows) - 1):
            took["memory"].append(resident())
    answer.put(took)


def resident() -> float:
    """Megabytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def timed(url: str, rows: Sequence[Row]) -> dict[str, list[float]]:
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=fold_each, args=(url, rows, answer))
    process.start()
    while answer.empty() and process.is_alive():
        process.join(0.2)
    if answer.empty() and process.exitcode:
        raise SystemExit("folding failed: see above")
    took: dict[str, list[float]] = answer.get()
    process.join()
    return took


def sizes(connection: psycopg.Connection) -> str:
    """Table and index sizes in MB."""
    found = []
    for table in SIZED:
        row = connection.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", (table, table)).fetchone()
        if row:
            found.append(f"{table} {row[0] / 1e6:.0f}+{row[1] / 1e6:.0f}")
    connection.commit()
    return " · ".join(found)


def line(size: int, took: dict[str, list[float]]) -> str:
    cells = [f"{np.percentile(took[what], p):.1f}" for what in ("candidates", "fold") for p in (50, 95)]
    memory = " to ".join(f"{m:.0f}" for m in took["memory"])
    return f"| {size:,} | {' | '.join(cells)} | {memory} | {os.getloadavg()[0]:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 300_000])
    parser.add_argument("--timed", type=int, default=2000, help="articles timed at each size")
    given = parser.parse_args()
    folder = data_folder() / "events"
    if not (folder / "background.jsonl.xz").exists():
        sys.exit(f"skipped: no labelled data at {folder}; set STORYFOLD_BENCH_DATA")
    with lzma.open(folder / "background.jsonl.xz", "rt", encoding="utf-8") as stored:
        mixer = Mixer([json.loads(line)["text"] for line in stored])
    untouched = [row for row in read_rows(folder / "stream-dev.in.jsonl.xz") if row.error is None]
    head = "| stored | candidates p50 | p95 | fold p50 | p95 ms | worker MB | load |"
    print(head + "\n" + "|---" * 7 + "|", flush=True)
    with TemporaryEngines(redis=False) as engines:
        migrate(engine := make_engine(engines.database_url))
        engine.dispose()
        with psycopg.connect(libpq_url(engines.database_url)) as connection:
            for size in sorted(given.sizes):
                grow(connection, mixer, size, Idf(0), UNTIL)
                took = timed(engines.database_url, [untouched.pop() for _ in range(min(given.timed, len(untouched)))])
                print(line(size, took), flush=True)
                print(f"  MB (table+indexes): {sizes(connection)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
