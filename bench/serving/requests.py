"""Requests as a desk, a reader and a machine send them, from a process of their own, at their own times."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import httpx

# Common and rare words, both languages, a phrase, an absence, alternatives.
SEARCHES = [
    "government",
    "harbour",
    "people said",
    "ferry or lighthouse",
    '"of the people"',
    "president -summer",
    "regierung",
    "menschen stadt",
    "crocodile",
    "time year day",
]
FILTERS = ["", "language=de", "min_articles=5", "min_sources=3&sort=article_count", "sort=first_published"]
KINDS = ("list", "story", "changes", "search")
LONGEST = 30.0


class Asker:
    """Draws requests; the same `seed` draws the same."""

    def __init__(self, stories: int, seed: int = 3) -> None:
        self._random = random.Random(seed)
        self._stories = stories
        self.cursors = [""]

    def path(self, kind: str) -> str:
        if kind == "story":
            return f"/v1/stories/{self._random.randint(1, self._stories)}"
        if kind == "changes":
            return f"/v1/changes?cursor={self._random.choice(self.cursors)}"
        if kind == "search":
            return f"/v1/stories?sort=relevance&q={self._random.choice(SEARCHES)}"
        day = self._random.randint(1, 150)
        filters = [
            *FILTERS,
            f"source=paper-{self._random.randint(1, 200)}.example",
            f"since=2026-01-01&until={_day(day)}",
        ]
        return f"/v1/stories?{self._random.choice(filters)}"


def _day(day: int) -> str:
    return f"2026-{1 + day // 28:02}-{1 + day % 28:02}"


def warm_up(url: str, stories: int) -> None:
    """Ask each kind a few times: the first answers of a process are not those of the next day."""
    asker = Asker(stories, seed=1)
    with httpx.Client(base_url=url, timeout=LONGEST) as client:
        for _ in range(20):
            for kind in KINDS:
                client.get(asker.path(kind)).raise_for_status()


def send_from_another_process(url: str, stories: int, rate: float, seconds: float) -> dict[str, list[float]]:
    """-> milliseconds by kind, from when a request was due to the end of its answer."""
    command = [sys.executable, str(Path(__file__)), url, str(stories), str(rate), str(seconds)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    took: dict[str, list[float]] = json.loads(run.stdout)
    return took


async def send(url: str, stories: int, rate: float, seconds: float) -> dict[str, list[float]]:
    asker, took = Asker(stories), defaultdict(list)
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=url, timeout=LONGEST, limits=limits) as client:
        for _ in range(20):  # places in the log to go on from
            page = await client.get("/v1/changes", params={"cursor": asker.cursors[-1], "limit": 200})
            asker.cursors.append(page.json()["next_cursor"])

        async def one(kind: str, due: float) -> None:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            answer = await client.get(asker.path(kind))
            answer.raise_for_status()
            took[kind].append((time.perf_counter() - due) * 1000)

        start = time.perf_counter() + 0.5
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                group.create_task(one(KINDS[number % len(KINDS)], start + number / rate))
    return took


if __name__ == "__main__":
    url, stories, rate, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(send(url, int(stories), float(rate), float(seconds)))))
