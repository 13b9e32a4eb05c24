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
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / part) for part in ("", "e2e", "faults"))]  # what the tests use

from bare import PROCESSES, run_bare  # noqa: E402
from measured import Ran  # noqa: E402
from pages import data_folder, invented, labelled, site_apart, warming  # noqa: E402
from pipeline import run_pipeline  # noqa: E402
from sklearn.metrics import adjusted_rand_score  # noqa: E402

from bench import charts  # noqa: E402

LEAST_SHARE, LEAST_RAND = 0.65, 0.97
SPARE = 340
"""Pages beside those that count, of which some are done before."""


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
