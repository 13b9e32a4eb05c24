"""Storyfold and other extractors on labelled pages: quality and CPU time a page, one table, one run.

usage: python bench/extraction/run.py [--only aeb,wcxb,sites] [--systems storyfold,trafilatura] [--every N]

Reads `../shared/data/extraction`, or `STORYFOLD_BENCH_DATA`/extraction; says so and ends where that is not there. Every
page goes through every system in turn, so that a busy machine slows all alike; the first pages are run twice, the first
time for warming up. On `sites` Storyfold also runs as `storyfold extract` does, with the site's other pages as history.
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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from scoring import figures, score_page
from systems import SYSTEMS, Extractor, quiet

SETS = ("aeb", "wcxb", "sites")
WARM_UP = 3


@dataclass
class Result:
    scores: list[tuple[float, float]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    failures: int = 0


def data_folder() -> Path | None:
    named = os.environ.get("STORYFOLD_BENCH_DATA")
    folder = (Path(named) if named else Path(__file__).parents[3] / "shared" / "data") / "extraction"
    return folder if folder.is_dir() else None


def rows(folder: Path, every: int) -> list[dict[str, Any]]:
    with (folder / "gold.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines][::every]


def measure(extract: Extractor, body: bytes, url: str | None, result: Result) -> str:
    start = time.process_time()
    try:
        text = extract(body, url)
    except Exception:  # noqa: BLE001  any failure of an extractor is its own, and is counted
        result.failures += 1
        text = ""
    result.times.append(time.process_time() - start)
    return text


def run_set(folder: Path, systems: list[str], every: int) -> dict[str, Result]:
    results: defaultdict[str, Result] = defaultdict(Result)
    for number, row in enumerate(rows(folder, every)):
        body = gzip.decompress((folder / f"{row['id']}.html.gz").read_bytes())
        for name in systems:
            if number < WARM_UP:
                measure(SYSTEMS[name], body, row.get("url"), Result())
            score = score_page(row["text"] or "", measure(SYSTEMS[name], body, row.get("url"), results[name]))
            if score:
                results[name].scores.append(score)
    return results


def with_history(folder: Path) -> Result:
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
    scores = [score_page(gold[row["id"]], row["text"] or "") for row in found]
    return Result(scores=[score for score in scores if score])


def print_table(name: str, results: dict[str, Result]) -> None:
    baseline = results.get("trafilatura")
    print(f"\n{name:26}    P      R      F1    exact  lost  fail   ms(median)  x trafilatura")
    for system, result in results.items():
        f = figures(result.scores)
        median = statistics.median(result.times) * 1000 if result.times else float("nan")
        ratio = median / (statistics.median(baseline.times) * 1000) if baseline and result.times else float("nan")
        print(
            f"{system:26}  {f.precision:.4f} {f.recall:.4f} {f.f1:.4f}  {f.exact:5.1%} {f.lost:5d} {result.failures:5d}"
            f"   {median:8.1f}   {ratio:8.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SETS))
    parser.add_argument("--systems", default="|".join(SYSTEMS), help="names, parted by |")
    parser.add_argument("--every", type=int, default=1, help="take every Nth page")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        print("skipped: no labelled pages at ../shared/data/extraction; name a folder in STORYFOLD_BENCH_DATA")
        return
    quiet()
    for name in arguments.only.split(","):
        results = run_set(folder / name, arguments.systems.split("|"), arguments.every)
        if name == "sites" and arguments.every == 1:
            results = {**results, "storyfold, with history": with_history(folder / name)}
        print_table(name, results)


if __name__ == "__main__":
    main()
