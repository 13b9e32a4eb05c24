"""The pages, and the site that serves them."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import gazette
from measured import LONGEST
from servers.site import Reply, Site

ROOT = Path(__file__).resolve().parents[2]
HOSTS = 100
WARM = 40
"""Pages that are done before those that count, at the most, of the spare ones that come after those."""
LEADS_ELSEWHERE = re.compile(
    rb"<link[^>]+rel=[\"']?(?:canonical|amphtml)[^>]*>|<meta[^>]+(?:og:url|http-equiv=[\"']?refresh)[^>]*>",
    re.IGNORECASE,
)
LANGUAGE = re.compile(rb"<html[^>]*\slang=[\"']?([a-z]{2})", re.IGNORECASE)


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
