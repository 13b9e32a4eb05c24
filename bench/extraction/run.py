"""Storyfold and other extractors on labelled pages: quality and CPU time a page, one table, one run.

usage: python bench/extraction/run.py [--only aeb,wcxb,sites] [--systems 'storyfold|trafilatura'] [--every N]
                                      [--keep FILE.jsonl [--seconds 280]]

Reads `../shared/data/extraction`, or `STORYFOLD_BENCH_DATA`/extraction; says so and ends where that is not there. Every
page goes through every system in turn, so that a busy machine slows all alike; the first page is run twice, the first
time for warming up. On `sites` Storyfold also runs as `storyfold extract` does, with the site's other pages as history.

All of it takes a quarter of an hour. With `--keep` each page's figures are kept in a file and a later run goes on where
the last one stopped, at the latest after `--seconds`; the table is over the pages that are done. Delete the file when
the code has changed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from scoring import figures, score_page
from systems import SYSTEMS, quiet

SETS = ("aeb", "wcxb", "sites")


@dataclass(frozen=True, slots=True)
class Measured:
    """One page through one system: precision and recall, None where the labelled text is empty, and CPU seconds."""

    page: str
    system: str
    score: tuple[float, float] | None
    seconds: float | None
    failed: bool = False


def data_folder() -> Path | None:
    named = os.environ.get("STORYFOLD_BENCH_DATA")
    folder = (Path(named) if named else Path(__file__).parents[3] / "shared" / "data") / "extraction"
    return folder if folder.is_dir() else None


def rows(folder: Path, every: int) -> list[dict[str, Any]]:
    with (folder / "gold.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines][::every]


def measure(system: str, folder: Path, row: dict[str, Any]) -> Measured:
    body = gzip.decompress((folder / f"{row['id']}.html.gz").read_bytes())
    start, failed = time.process_time(), False
    try:
        text = SYSTEMS[system](body, row.get("url"))
    except Exception:  # noqa: BLE001  any failure of an extractor is its own, and is counted
        failed, text = True, ""
    seconds = time.process_time() - start
    return Measured(row["id"], system, score_page(row["text"] or "", text), seconds, failed)


def run_set(
    folder: Path, systems: list[str], every: int, done: list[Measured], until: float
) -> Iterator[list[Measured]]:
    """What was measured of page after page, through every system, until the time is up; pages that are done are not."""
    known = {(one.page, one.system) for one in done}
    warm = False
    for row in rows(folder, every):
        if all((row["id"], system) in known for system in systems):
            continue
        if time.monotonic() > until:
            return
        if not warm:
            warm = all(measure(system, folder, row) for system in systems)
        yield [measure(system, folder, row) for system in systems]


def with_history(folder: Path) -> list[Measured]:
    """Storyfold on the set as a batch, each page with the others of its site as history."""
    from storyfold.articles.batch import extract_file
    from storyfold.articles.sandbox import Limits

    gold = {row["id"]: row["text"] or "" for row in rows(folder, 1)}
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "in.jsonl", Path(scratch) / "out.jsonl"
        batch = [
            {"id": row["id"], "html_file": str(folder / f"{row['id']}.html.gz"), "source": row.get("site")}
            for row in rows(folder, 1)
        ]
        source.write_text("\n".join(map(json.dumps, batch)), encoding="utf-8")
        extract_file(source, target, now=datetime.now(UTC), limits=Limits())
        found = [json.loads(line) for line in target.read_bytes().splitlines()]
    name = "storyfold, with history"
    return [Measured(row["id"], name, score_page(gold[row["id"]], row["text"] or ""), None) for row in found]


def kept(file: Path | None, name: str) -> list[Measured]:
    """What an earlier run has kept of a set."""
    if file is None or not file.exists():
        return []
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    own = [dict(one, score=tuple(one["score"]) if one["score"] else None) for one in found if one.pop("set") == name]
    return [Measured(**one) for one in own]


def keep(file: Path | None, name: str, measured: list[Measured]) -> None:
    if file is not None:
        with file.open("a", encoding="utf-8") as out:
            out.writelines(json.dumps({"set": name, **asdict(one)}) + "\n" for one in measured)


def print_table(name: str, measured: list[Measured]) -> None:
    by_system: defaultdict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        by_system[one.system].append(one)
    medians = {system: median(found) for system, found in by_system.items()}
    baseline = medians.get("trafilatura")
    print(f"\n{name:26}    P      R      F1    exact  lost  fail  pages  ms(median)  x trafilatura")
    for system, found in by_system.items():
        f, seconds = figures([one.score for one in found if one.score]), medians[system] or float("nan")
        ratio = seconds / (baseline or float("nan"))
        print(
            f"{system:26}  {f.precision:.4f} {f.recall:.4f} {f.f1:.4f}  {f.exact:5.1%} {f.lost:5d}"
            f" {sum(one.failed for one in found):5d} {f.pages:6d}   {seconds * 1000:8.1f}   {ratio:8.2f}"
        )


def median(measured: list[Measured]) -> float | None:
    times = [one.seconds for one in measured if one.seconds is not None]
    return statistics.median(times) if times else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SETS))
    parser.add_argument("--systems", default="|".join(SYSTEMS), help="names, parted by |")
    parser.add_argument("--every", type=int, default=1, help="take every Nth page")
    parser.add_argument("--keep", type=Path, help="a file to keep figures in, and to go on from")
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after that time, and keep what is done"
    )
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        print("skipped: no labelled pages at ../shared/data/extraction; name a folder in STORYFOLD_BENCH_DATA")
        return
    quiet()
    systems, until = arguments.systems.split("|"), time.monotonic() + arguments.seconds
    for name in arguments.only.split(","):
        measured = kept(arguments.keep, name)
        for page in run_set(folder / name, systems, arguments.every, measured, until):
            keep(arguments.keep, name, page)
            measured += page
        if name == "sites" and arguments.every == 1:
            measured += with_history(folder / name)
        print_table(name, measured)
        missing = len(rows(folder / name, arguments.every)) - len({one.page for one in measured})
        if missing:
            print(f"{missing} pages of {name} are left; run the same again to go on")


if __name__ == "__main__":
    main()
