"""Articles a second of the whole pipeline on two cores, held against bare extraction of the same pages.

    .venv/bin/python bench/pipeline/run.py [--pages 600] [--installations 3] [--invented]

Bare: `trafilatura.bare_extraction(include_comments=False, with_metadata=True)` in two processes. Pipeline: PostgreSQL,
Redis and `storyfold up --only workers`, with its own settings but for the pause between two requests to a host (0); the
pages come from a site on loopback with some hundred addresses, in a process of its own. The clock runs from before the
links are handed in, as the API hands them in, until the last has its fate. Everything is held to the same two cores:
the clock goes on for the site, too, and for what asks whether all is done. Both sides have done some other pages
before, in two rounds and of every language that those declare, so that what is loaded on first use is loaded: a process
that runs for weeks does it once, and a list of words takes it as long as ten pages.

Pages are those of `../shared/data/extraction` (or `STORYFOLD_BENCH_DATA`), where it is there, each on an address of its
own, stripped of what leads elsewhere; else, or with `--invented`, invented ones of 30 to 60 kB.

With `--installations 3` the same is done by so many worker installations at once, with data directories of their own,
on one PostgreSQL and one Redis; the syndication clusters have to be those of one (adjusted Rand index of .97 at least).

Other work on the machine slows both sides, and not always alike, so CPU seconds are told beside the clock: of every
kind of process, for a page. A table and a picture are written to `--out` (bench/results): `pipeline.md`,
`pipeline.svg`. Exits 1 where the pipeline reaches less than .65 of bare extraction by CPU time.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / part) for part in ("", "e2e", "faults"))]  # what the tests use

import gazette  # noqa: E402
import psutil  # noqa: E402
from running import environment, storyfold  # noqa: E402
from servers.site import Reply, Site  # noqa: E402
from sklearn.metrics import adjusted_rand_score  # noqa: E402
from sqlalchemy import text  # noqa: E402

from api.bell import Bell  # noqa: E402
from api.broker import make_broker  # noqa: E402
from bench import charts  # noqa: E402
from storyfold.embedded import TemporaryEngines  # noqa: E402
from storyfold.settings import Settings  # noqa: E402
from storyfold.stages.submit import UrlSubmission, submit_urls  # noqa: E402
from storyfold.store.engine import make_engine, make_sessions  # noqa: E402

LEAST_SHARE, LEAST_RAND = 0.65, 0.97
PROCESSES = 2
HOSTS = 100
LONGEST = 3600.0
LOOK_EVERY = 0.1
METER_EVERY = 2.0
"""Seconds between two looks at what processes there are, each of which takes the cores for some hundredths of one."""
WARM = 40
"""Pages that are done before those that count, at the most, of the `SPARE` that come after those."""
SPARE = 340
SETTINGS = {
    "host_concurrency": 2,
    "poll_min": 300,
    "poll_max": 86400,
    "fetch_seconds": 30,
    "fetch_attempts": 3,
    "retry_seconds": 10,
    "task_seconds": 20,
    "lease_seconds": 40,
}
LEADS_ELSEWHERE = re.compile(
    rb"<link[^>]+rel=[\"']?(?:canonical|amphtml)[^>]*>|<meta[^>]+(?:og:url|http-equiv=[\"']?refresh)[^>]*>",
    re.IGNORECASE,
)
LANGUAGE = re.compile(rb"<html[^>]*\slang=[\"']?([a-z]{2})", re.IGNORECASE)


@dataclass
class Ran:
    """What one way of doing it took: `cpu` is in seconds, by kind of process."""

    pages: int
    seconds: float
    cpu: dict[str, float]
    fates: Counter[str] = field(default_factory=Counter)
    clusters: dict[str, int | None] = field(default_factory=dict)

    @property
    def cpu_each(self) -> float:
        """CPU seconds of all processes for a page."""
        return sum(self.cpu.values()) / self.pages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--installations", type=int, default=1)
    parser.add_argument("--invented", action="store_true", help="invented pages, where there are others too")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    asked = parser.parse_args()
    count = asked.pages + SPARE
    pages = invented(count) if asked.invented or data_folder() is None else labelled(count)
    counted, spare = list(pages)[: asked.pages], list(pages)[asked.pages :]
    warm = [spare[at] for at in warming([pages[place] for place in spare])]
    sizes = sorted(len(pages[place]) for place in counted)
    say(f"{len(counted)} pages, {sizes[len(sizes) // 2] / 1000:.0f} kB each (median)")
    hold_to_cores()
    bare = run_bare([pages[place] for place in counted], [pages[place] for place in warm])
    ways = {"bare extraction": bare}
    say(line("bare extraction", bare, bare))
    with site_apart(pages) as port:
        urls, before = ([f"http://{place[0]}:{port}{place[1]}" for place in part] for part in (counted, warm))
        one = ways["pipeline"] = run_pipeline(urls, 1, before)
        say(line("pipeline", one, bare))
        rand = 1.0
        if asked.installations > 1:
            many = ways[f"{asked.installations} installations"] = run_pipeline(urls, asked.installations, before)
            say(line(f"{asked.installations} installations", many, bare))
            rand = agreement(one, many)
            say(f"clusters of {asked.installations} installations and of one: adjusted Rand index {rand:.4f}")
    write(ways, rand if asked.installations > 1 else None, asked.out)
    sys.exit(0 if bare.cpu_each / one.cpu_each >= LEAST_SHARE and rand >= LEAST_RAND else 1)


def line(name: str, ran: Ran, bare: Ran) -> str:
    share, cpu_share = ran.pages / ran.seconds / (bare.pages / bare.seconds), bare.cpu_each / ran.cpu_each
    by_clock = f"{ran.pages / ran.seconds:7.1f} pages/s  {share:5.2f} of bare"
    by_cpu = f"{ran.cpu_each * 1000:6.1f} ms CPU a page  {cpu_share:5.2f} of bare"
    return f"{name:<18}{by_clock}   {by_cpu}   load {os.getloadavg()[0]:4.1f}  {dict(ran.fates) or ''}"


def write(ways: dict[str, Ran], rand: float | None, out: Path) -> None:
    """The table of where the time goes, and the picture of it."""
    bare = ways["bare extraction"]
    kinds = sorted(
        {kind for ran in ways.values() for kind in ran.cpu}, key=lambda kind: -ways["pipeline"].cpu.get(kind, 0)
    )
    rows = {
        "pages/s": lambda ran: f"{ran.pages / ran.seconds:.1f}",
        "of bare, by the clock": lambda ran: f"{ran.pages / ran.seconds / (bare.pages / bare.seconds):.2f}",
        "of bare, by CPU": lambda ran: f"{bare.cpu_each / ran.cpu_each:.2f}",
        "ms CPU a page": lambda ran: f"{ran.cpu_each * 1000:.1f}",
        **{f"- {kind}": (lambda ran, kind=kind: f"{ran.cpu.get(kind, 0.0) / ran.pages * 1000:.1f}") for kind in kinds},
    }
    table = [f"| {bare.pages} pages | " + " | ".join(ways) + " |", "|---" * (len(ways) + 1) + "|"]
    table += [f"| {name} | " + " | ".join(cell(ran) for ran in ways.values()) + " |" for name, cell in rows.items()]
    if rand is not None:
        table += ["", f"Clusters of one and of several installations: adjusted Rand index {rand:.4f}"]
    say("\n" + "\n".join(table))
    out.mkdir(parents=True, exist_ok=True)
    (out / "pipeline.md").write_text("\n".join(["# The whole pipeline beside bare extraction", "", *table, ""]))
    parts = {name: {k: ran.cpu[k] / ran.pages * 1000 for k in ran.cpu} for name, ran in ways.items()}
    (out / "pipeline.svg").write_text(charts.bars("CPU of a page, by process", parts, y="milliseconds"))


# ---- pages


def data_folder() -> Path | None:
    folder = Path(os.environ.get("STORYFOLD_BENCH_DATA", ROOT.parent / "shared" / "data")) / "extraction"
    return folder if folder.is_dir() else None


def labelled(count: int) -> dict[tuple[str, str], bytes]:
    """(address, path) -> page."""
    folder = data_folder()
    assert folder is not None
    files = sorted([*folder.glob("aeb/*.html.gz"), *folder.glob("wcxb/*.html.gz")], key=lambda file: file.name)[:count]
    bodies = [LEADS_ELSEWHERE.sub(b"", gzip.decompress(file.read_bytes())) for file in files]
    return {(_address(place % HOSTS), f"/{place}"): body for place, body in enumerate(bodies)}


def warming(bodies: Sequence[bytes]) -> list[int]:
    """Which of the spare pages are done before: two of each language, then some more, `WARM` at the most."""
    by_language: dict[bytes, list[int]] = defaultdict(list)
    for at, body in enumerate(bodies):
        declared = LANGUAGE.search(body[:10_000])
        by_language[declared[1].lower() if declared else b""].append(at)
    chosen = [at for having in by_language.values() for at in having[:2]]
    return list(dict.fromkeys([*chosen, *range(0, len(bodies), max(1, len(bodies) // WARM))]))[:WARM]


def invented(count: int) -> dict[tuple[str, str], bytes]:
    pages = {}
    for printing in gazette.printings(count, hosts=HOSTS):
        size = 30_000 + 7_919 * printing.report % 25_000
        html = gazette.page(printing, f"http://{printing.host}{printing.path}", sentences=40, furniture=size)
        pages[(printing.host, printing.path)] = LEADS_ELSEWHERE.sub(b"", html.encode())
    return pages


def _address(number: int) -> str:
    return f"127.{1 + number // 250}.0.{1 + number % 250}"


@contextmanager
def site_apart(pages: dict[tuple[str, str], bytes]) -> Iterator[int]:
    """The site in a process of its own, whose time is nobody's. -> its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(pages, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pages: dict[tuple[str, str], bytes], pipe: object) -> None:
    with Site("0.0.0.0") as site:
        for (_, path), body in pages.items():
            site.routes[path] = Reply(body, headers={"content-type": "text/html; charset=utf-8"})
        pipe.send(site.port)  # type: ignore[attr-defined]
        time.sleep(LONGEST * 3)


# ---- bare extraction


def run_bare(bodies: Sequence[bytes], warm: Sequence[bytes] = ()) -> Ran:
    with multiprocessing.Pool(PROCESSES, initializer=_load_trafilatura) as pool:
        pool.map(_extract, warm, chunksize=1)
        started = time.monotonic()
        cpu = sum(pool.imap_unordered(_extract, bodies, chunksize=1))
        seconds = time.monotonic() - started
    return Ran(len(bodies), seconds, {"extraction": cpu})


def _load_trafilatura() -> None:
    import logging

    import trafilatura  # noqa: F401

    logging.disable(logging.CRITICAL)


def _extract(body: bytes) -> float:
    from trafilatura import bare_extraction

    started = time.process_time()
    bare_extraction(body, include_comments=False, with_metadata=True)
    return time.process_time() - started


# ---- the pipeline


def run_pipeline(urls: Sequence[str], installations: int, warm: Sequence[str] = ()) -> Ran:
    with ExitStack() as stack:
        engines = TemporaryEngines()
        stack.enter_context(engines)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="storyfold-pipeline-")))
        runs = [stack.enter_context(workers(folder / f"var{n}", engines)) for n in range(installations)]
        engine = make_engine(engines.database_url)
        stack.callback(engine.dispose)
        sessions = make_sessions(engine)
        bell = Bell(make_broker(Settings(redis_url=engines.redis_url)))
        stack.callback(bell.close)
        wait_until(lambda: _is_idle(sessions), "the seed corpus is not folded")
        for part in (warm[::2], warm[1::2]):
            hand_in(sessions, part, bell)
            wait_until(lambda: _is_idle(sessions), "pages before those that count stay pending")
        watched = Meter([psutil.Process(run.pid) for run in runs] + [psutil.Process(engines.pids["supervisor"])])
        before, started = watched.read(), time.monotonic()
        hand_in(sessions, urls, bell)
        wait_until(lambda: watched.read_now_and_then() and _is_idle(sessions), "links stay pending")
        seconds = time.monotonic() - started
        after = watched.read()
        with sessions() as session:
            rows = session.execute(
                text(
                    "SELECT links.url, fate, cluster_id FROM links LEFT JOIN articles ON articles.link_id = links.id"
                    " WHERE links.url IS NOT NULL"
                )
            ).all()
    rows = [row for row in rows if row.url not in set(warm)]
    cpu = {kind: after[kind] - before.get(kind, 0.0) for kind in after}
    fates = Counter(row.fate for row in rows)
    return Ran(len(urls), seconds, cpu, fates, {row.url.partition("://127")[2]: row.cluster_id for row in rows})


def hand_in(sessions: object, urls: Sequence[str], bell: Bell) -> None:
    """As the API does: in one transaction, then the dispatcher is told."""
    with sessions.begin() as session:  # type: ignore[attr-defined]
        now = datetime.now(UTC)
        for place in range(0, len(urls), 500):
            submit_urls(session, [UrlSubmission(url) for url in urls[place : place + 500]], now)
    bell.ring()


@contextmanager
def workers(data_dir: Path, engines: TemporaryEngines) -> Iterator[subprocess.Popen[bytes]]:
    urls = {"database_url": engines.database_url, "redis_url": engines.redis_url}
    with Path(f"{data_dir}.log").open("wb") as log:
        run = subprocess.Popen(
            storyfold("up", "--only", "workers"),
            env=environment(data_dir, **SETTINGS, **urls),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield run
    finally:
        run.terminate()
        run.wait(60)


class Meter:
    """CPU seconds of processes and all they start, by kind; those of processes that have ended stay counted."""

    def __init__(self, roots: Sequence[psutil.Process]) -> None:
        self._roots = roots
        self._read_at = float("-inf")
        self._seen: dict[tuple[int, float], tuple[str, float]] = {}

    def read_now_and_then(self) -> bool:
        """So that what a process took that ends in between is not lost. True, always."""
        if time.monotonic() > self._read_at + METER_EVERY:
            self.read()
        return True

    def read(self) -> dict[str, float]:
        self._read_at = time.monotonic()
        for root in self._roots:
            for process in [root, *root.children(recursive=True)]:
                try:
                    times, key, kind = process.cpu_times(), (process.pid, process.create_time()), _kind(process)
                    before = self._seen.get(key, (kind, 0.0))[0]
                    self._seen[key] = (before if kind == OTHER else kind, times.user + times.system)
                except psutil.NoSuchProcess:
                    continue
        sums: dict[str, float] = defaultdict(float)
        for kind, seconds in self._seen.values():
            sums[kind] += seconds
        return dict(sums)


OTHER = "supervisors"


def _kind(process: psutil.Process) -> str:
    words = process.cmdline()
    if process.name() in ("postgres", "redis-server"):
        return "PostgreSQL" if process.name() == "postgres" else "Redis"
    if "workers" in words:
        return {"cpu": "CPU worker", "network": "network worker", "beat": "beat"}.get(words[-1], "up")
    return OTHER


def _is_idle(sessions: object) -> bool:
    with sessions() as session:  # type: ignore[operator]
        links, waiting = session.execute(
            text("SELECT count(*), count(*) FILTER (WHERE fate = 'pending') FROM links")
        ).one()
    return bool(links) and not waiting


def wait_until(look: object, otherwise: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not _quietly(look):
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(LOOK_EVERY)


def _quietly(look: object) -> bool:
    """The first looks come before there are any tables."""
    from sqlalchemy.exc import ProgrammingError

    try:
        return bool(look())  # type: ignore[operator]
    except ProgrammingError:
        return False


def agreement(one: Ran, many: Ran) -> float:
    """Of the links that both folded."""
    common = [
        url for url, cluster in one.clusters.items() if cluster is not None and many.clusters.get(url) is not None
    ]
    return float(adjusted_rand_score([one.clusters[url] for url in common], [many.clusters[url] for url in common]))


def hold_to_cores() -> None:
    """This process and all it starts."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSES])


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
