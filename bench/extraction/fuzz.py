"""Hostile input: no crash, nothing over the limits, each item ending in a text or a reason.

usage: python bench/extraction/fuzz.py [--items 20000] [--first 0] [--processes 1]

Each item runs in a child process with the limits of `storyfold extract` (20 s, 1 GB). Real pages to mutate come from
`../shared/data/extraction` or `STORYFOLD_BENCH_DATA`/extraction; where neither is there, an invented page is mutated.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from hostile import hostile
from run import data_folder

from storyfold.articles.article import Article, Declared
from storyfold.articles.digest import digest_page, digest_text
from storyfold.articles.rows import load_libraries
from storyfold.articles.sandbox import Failure, Limits, in_children

Item = tuple[int, Path | None]


def faults(article: Article, now: datetime) -> str | None:
    """What is wrong with what was given back, None when nothing is."""
    strings = [article.text, article.title, article.language, article.canonical_url, article.site, article.image]
    strings += [*article.authors, *(line.line for line in article.removed)]
    for string in filter(None, strings):
        if re.search("[\0\ud800-\udfff]", string) or not unicodedata.is_normalized("NFC", string):
            return "a string cannot be stored"
    if not article.text and not article.rejected:
        return "neither a text nor a reason"
    if any(time and time > now for time in (article.published, article.modified)):
        return "a time in the future"
    return None


def digest_item(item: Item) -> tuple[str, str | None, str | None, float]:
    """The kind of the item, the reason it was rejected for, what is wrong, and the seconds it took."""
    made = hostile(*item)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    start = time.perf_counter()
    if made.text is not None:
        article = digest_text(made.text, declared=Declared(), now=now)
    else:
        url = "http://lindow.example/a/page"
        article = digest_page(made.body, content_type=made.content_type, url=url, declared=Declared(), now=now)
    return made.kind, article.rejected, faults(article, now), time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    folder = data_folder()
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    slowest: list[tuple[float, str, int]] = []
    bad = 0
    items = ((number, folder) for number in range(arguments.first, arguments.first + arguments.items))
    limits = Limits(processes=arguments.processes)
    for (number, _), result in in_children(digest_item, items, limits=limits, prepare=load_libraries):
        if isinstance(result, Failure):
            bad += 1
            print(f"item {number}: {result.reason}", flush=True)
            continue
        kind, rejected, fault, seconds = result
        kinds[kind] += 1
        reasons[rejected or "article"] += 1
        slowest = sorted([*slowest, (seconds, kind, number)], reverse=True)[:5]
        if fault:
            bad += 1
            print(f"item {number} ({kind}): {fault}", flush=True)
    print(f"{arguments.items} items, {bad} bad; kinds {dict(kinds)}; ended as {dict(reasons)}")
    print("slowest:", ", ".join(f"{seconds:.1f} s ({kind}, item {number})" for seconds, kind, number in slowest))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
