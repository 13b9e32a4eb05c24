"""What it costs to fold one more article as the corpus grows: 10,000, 100,000, 300,000 articles stored.

    .venv/bin/python bench/growth/run.py [--sizes 10000 100000 300000] [--timed 2000]
    .venv/bin/python bench/growth/run.py --store FOLDER --minutes 4       in pieces: called again it goes on

The corpus is put together from sentences of unrelated articles of the labelled background (`corpus.py`) and stored in
bulk; what is timed are articles that were not touched, one by one, through the service's own fold stage, in a process
of its own: until each has its place, and by itself the evidence that is made out afterwards. A table and a picture are
written to `--out` (bench/results): `growth.md`, `growth.svg`.

Data: `../shared/data` from the project's root, or `STORYFOLD_BENCH_DATA`. Exits 1 where p95 at the largest size is over
25 ms or over 1.5 times that at the smallest, 3 where `--minutes` ended before all was measured.
"""

from __future__ import annotations

import argparse
import json
import lzma
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import psycopg  # noqa: E402

from bench import charts  # noqa: E402
from bench.growth.corpus import Mixer, grow  # noqa: E402
from storyfold.batch.load import load_rows  # noqa: E402
from storyfold.batch.rows import Row, read_rows  # noqa: E402
from storyfold.embedded import Engines, TemporaryEngines, libpq_url  # noqa: E402
from storyfold.garbage import collect_seldom  # noqa: E402
from storyfold.matching.idf import Idf  # noqa: E402
from storyfold.stages.fold import Fold  # noqa: E402
from storyfold.stages.incoming import find, fingerprinted, nearby  # noqa: E402
from storyfold.stages.showing import show  # noqa: E402
from storyfold.stages.work import RetryPolicy  # noqa: E402
from storyfold.store import ties  # noqa: E402
from storyfold.store.engine import WORKERS_PING_AFTER, make_engine, make_sessions  # noqa: E402
from storyfold.store.migrate import migrate  # noqa: E402
from storyfold.store.texts import texts_to_fold  # noqa: E402

UNTIL = datetime(2018, 12, 31, tzinfo=UTC)
LOOKS = 4  # at the worker's memory, beside the first
ASKED = (
    4  # of so many articles one is asked for its candidates, and its fold not counted: what that read is at hand then
)
WARM = 50  # articles folded before the clock counts: connections, plans and tables of words are made once
TIMED = ("candidates", "fold", "evidence")
SIZED = ("posting_blocks", "fingerprints", "bonds", "articles", "revisions", "evidence")
MOST_MS, MOST_GROWTH = 25.0, 1.5


@dataclass(frozen=True)
class Measured:
    """One size: milliseconds at the 50th and 95th percentile, the worker's MB from the first to the last, MB of tables
    and of their indexes. `evidence` is of what was tied."""

    stored: int
    timed: int
    candidates: tuple[float, float]
    fold: tuple[float, float]
    evidence: tuple[float, float]
    memory: Sequence[float]
    tables: dict[str, tuple[float, float]]
    load: float

    def row(self) -> str:
        memory = ", ".join(f"{value:.0f}" for value in self.memory)
        times = " | ".join(f"{value:.1f}" for value in (*self.candidates, *self.fold, *self.evidence))
        table, index = (sum(sizes[n] for sizes in self.tables.values()) for n in (0, 1))
        return (
            f"| {self.stored:,} | {self.timed:,} | {times} | {memory} | {table:.0f} | {index:.0f} | {self.load:.1f} |"
        )


HEAD = (
    "| stored | timed | candidates p50 | p95 ms | fold p50 | p95 ms | evidence p50 | p95 ms | worker MB | tables MB "
    "| indexes MB | load |\n" + "|---" * 12 + "|"
)


def data_folder() -> Path:
    return Path(os.environ.get("STORYFOLD_BENCH_DATA", ROOT.parent / "shared" / "data"))


def fold_each(url: str, rows: Sequence[Row], answer: multiprocessing.Queue[dict[str, list[float]]]) -> None:
    """Fold the rows one by one. -> milliseconds for the candidates of each, for each fold, and for the evidence of each
    tie; and memory in MB."""
    collect_seldom()  # as a worker does
    sessions = make_sessions(make_engine(url, pool_size=2, ping_after=WORKERS_PING_AFTER))
    stage = Fold(sessions, Idf(0), RetryPolicy(1, 0.0), 600.0)
    took: dict[str, list[float]] = {"candidates": [], "fold": [], "evidence": [], "memory": []}
    looked = {WARM + k * (len(rows) - 1 - WARM) // LOOKS for k in range(LOOKS + 1)}
    for n, row in enumerate(rows):
        with sessions.begin() as session:
            load_rows(session, [row], datetime.now(UTC))
        with sessions.begin() as session:
            job = stage.claim_waiting(session, datetime.now(UTC))
        if job is None:
            raise SystemExit("an article was stored and is not there")
        asked = n % ASKED == 0
        if asked:
            with sessions.begin() as session:
                found, _ = texts_to_fold(session, [lease.id for lease in job.leases])
                batch = fingerprinted(found, stage.idf)
                start = time.perf_counter()
                nearby(find(session, batch))
                took["candidates"] += [1000 * (time.perf_counter() - start)] * (n >= WARM)
        start = time.perf_counter()
        drafted = stage.run(job, datetime.now(UTC))
        with sessions.begin() as session:
            stage.store(session, job, drafted, datetime.now(UTC))
        took["fold"] += [1000 * (time.perf_counter() - start)] * (n >= WARM and not asked)
        start = time.perf_counter()
        with sessions.begin() as session:
            tied = ties.unshown(session, 1)
            show(session, tied, stage.idf, stage.loader, datetime.now(UTC))
        took["evidence"] += [1000 * (time.perf_counter() - start)] * (n >= WARM and len(tied))
        if n in looked:
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


def sizes(connection: psycopg.Connection) -> dict[str, tuple[float, float]]:
    """MB of each table and of its indexes."""
    found = {}
    for table in SIZED:
        row = connection.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", (table, table)).fetchone()
        if row:
            found[table] = (row[0] / 1e6, row[1] / 1e6)
    connection.commit()
    return found


def measure(url: str, connection: psycopg.Connection, size: int, rows: Sequence[Row]) -> Measured:
    took = timed(url, rows)
    percentiles = {name: tuple(np.percentile(took[name], (50, 95)).tolist()) for name in TIMED}
    load = os.getloadavg()[0]
    return Measured(size, len(rows), memory=took["memory"], tables=sizes(connection), load=load, **percentiles)


def report(measured: Sequence[Measured], out: Path) -> bool:
    """Write the table and the picture. -> whether the figures are within their bounds."""
    out.mkdir(parents=True, exist_ok=True)
    heads = "| table (MB of it + MB of its indexes) | " + " | ".join(f"{m.stored:,}" for m in measured) + " |"
    parts = [
        f"| {name} | " + " | ".join("{:.0f} + {:.0f}".format(*m.tables[name]) for m in measured) + " |"
        for name in SIZED
    ]
    rule = "|---" * (len(measured) + 1) + "|"
    table = "\n".join([HEAD, *(m.row() for m in measured), "", heads, rule, *parts])
    (out / "growth.md").write_text(f"# What one more article costs\n\n{table}\n")
    shown = {
        "fold, p95": [(m.stored, m.fold[1]) for m in measured],
        "fold, p50": [(m.stored, m.fold[0]) for m in measured],
        "candidates, p95": [(m.stored, m.candidates[1]) for m in measured],
    }
    picture = charts.lines("Folding one more article", shown, x="articles stored", y="milliseconds", limit=MOST_MS)
    (out / "growth.svg").write_text(picture)
    first, last = measured[0].fold[1], measured[-1].fold[1]
    print(f"\np95 at the largest size: {last:.1f} ms, {last / first:.2f} times that at the smallest", flush=True)
    return last <= MOST_MS and last <= MOST_GROWTH * first


class Kept:
    """What was measured, beside the store that it was measured in; in memory where that is temporary."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "growth.json" if folder else None
        known = json.loads(self._file.read_text()) if self._file and self._file.exists() else []
        self.measured = [Measured(**row) for row in known]

    def add(self, found: Measured) -> None:
        self.measured.append(found)
        if self._file:
            self._file.write_text(json.dumps([asdict(m) for m in self.measured], indent=1))


@contextmanager
def store(folder: Path | None) -> Iterator[str]:
    """A migrated database, in `folder` or gone at the end. -> its URL."""
    with TemporaryEngines(redis=False) if folder is None else Engines(folder, redis=False, durable=False) as engines:
        migrate(engine := make_engine(engines.database_url))
        engine.dispose()
        yield engines.database_url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 300_000])
    parser.add_argument(
        "--timed", type=int, default=2720, help="articles folded at each size, three in four of them timed"
    )
    parser.add_argument("--store", type=Path, help="keep the store in this folder, and go on with what is there")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop loading after so long")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    given = parser.parse_args()
    deadline = time.monotonic() + given.minutes * 60
    folder = data_folder() / "events"
    if not (folder / "background.jsonl.xz").exists():
        sys.exit(f"skipped: no labelled data at {folder}; set STORYFOLD_BENCH_DATA")
    with lzma.open(folder / "background.jsonl.xz", "rt", encoding="utf-8") as stored:
        mixer = Mixer([json.loads(line)["text"] for line in stored])
    untouched = [row for row in read_rows(folder / "stream-dev.in.jsonl.xz", UNTIL) if row.error is None]
    kept = Kept(given.store)
    print("\n".join([HEAD, *(m.row() for m in kept.measured)]), flush=True)
    with store(given.store) as url, psycopg.connect(libpq_url(url)) as connection:
        for size in sorted(set(given.sizes) - {m.stored for m in kept.measured}):
            have = grow(connection, mixer, size, Idf(0), UNTIL, deadline)
            if have < size:
                print(f"{have:,} stored; call again with --store {given.store} to go on", file=sys.stderr)
                sys.exit(3)
            used = sum(m.timed for m in kept.measured)
            kept.add(measure(url, connection, size, untouched[used : used + given.timed]))
            print(kept.measured[-1].row(), flush=True)
    sys.exit(0 if report(kept.measured, given.out) else 1)


if __name__ == "__main__":
    main()
