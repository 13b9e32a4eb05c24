"""A run of the service under faults: links handed in, faults struck, and what became of it all."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeVar

import gazette
import httpx
from gazette import Printing
from running import Service, wait_for
from servers.site import Reply, Request, Site
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from strikes import STRIKES

from storyfold.embedded import running_urls
from storyfold.store.engine import make_engine
from storyfold.store.invariants import RULES, Finding, check, snapshot

SABOTAGE = Path(__file__).parent / "sabotage"
POISON = "this page is poison to whoever parses it"
HTML = {"content-type": "text/html; charset=utf-8"}

T = TypeVar("T")


class Sabotaged(Service):
    """A run whose doorbells all ring twice, and whose parsers die of poison; see `sabotage`."""

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PYTHONPATH": str(SABOTAGE)}


@dataclass(frozen=True)
class Stood:
    """Where a link stood in the end."""

    fate: str
    reason: str | None
    article: int | None
    cluster: int | None
    story: int | None


class Press:
    """The pages of so many links, on as many hosts as there are addresses; `poison` of them are deadly."""

    def __init__(self, site: Site, links: int, *, hosts: int, poison: int = 0, seed: int = 1) -> None:
        self._site = site
        self.printed = {self._url(p.host, p.path): p for p in gazette.printings(links, hosts=hosts, seed=seed)}
        for url, printing in self.printed.items():
            site.routes[printing.path] = self._answer(url, printing)
        self.deadly = [self._url(f"127.0.0.{9 + n}", f"/poison-{n}") for n in range(poison)]
        for n in range(poison):
            site.routes[f"/poison-{n}"] = Reply(f"<html><p>{POISON} ({n})</p></html>".encode(), headers=HTML)

    @property
    def urls(self) -> list[str]:
        """All of them, the deadly ones among the first."""
        urls = list(self.printed)
        return [*urls[:10], *self.deadly, *urls[10:]]

    def _url(self, host: str, path: str) -> str:
        return f"http://{host}:{self._site.port}{path}"

    @staticmethod
    def _answer(url: str, printing: Printing) -> Callable[[Request], Reply]:
        return lambda _: Reply(gazette.page(printing, url).encode(), headers=HTML)


class Storm:
    """What is done to a service that runs, and how it is looked at meanwhile: everybody may be away at any moment."""

    def __init__(self, service: Service, random: Random, patience: float) -> None:
        self.service = service
        self.struck: Counter[str] = Counter()
        self.audits = 0
        self._random = random
        self._patience = patience

    def hand_in(self, urls: Sequence[str]) -> None:
        """As a client does that has to be sure: again and again until it is answered."""
        body = {"urls": list(urls)}
        self._insist(lambda: self.service.http.post("/v1/links", json=body).status_code == 202)

    def strike(self, name: str) -> list[Finding]:
        """Do it, and look at once what is true no more. -> what an audit finds."""
        STRIKES[name](self.service, self._random)
        self.struck[name] += 1
        return self.audit()

    def audit(self) -> list[Finding]:
        """What breaks the rules of the store now, in the middle of it all."""
        self.audits += 1
        return self._insist(self._audit)[0]

    def pending(self) -> int:
        """How many links wait."""
        return self._insist(lambda: self._rows("SELECT count(*), true FROM links WHERE fate = 'pending'"))[0][0]

    def settle(self) -> None:
        """Wait until no link is pending."""
        wait_for(lambda: self.pending() == 0, self._patience, self.service.said)

    def places(self, urls: Sequence[str]) -> dict[str, Stood]:
        """Where each of these stands. Every URL has one link, or this fails."""
        rows = self._rows(
            "SELECT links.url, fate, reason, articles.id, cluster_id, story_id FROM links"
            " LEFT JOIN articles ON articles.link_id = links.id LEFT JOIN clusters ON clusters.id = cluster_id"
        )
        found = {row[0]: Stood(*row[1:]) for row in rows}
        assert len(found) == len(rows) or None in found, "a URL has two links"
        return {url: found[url] for url in urls}

    def try_again(self, urls: Sequence[str]) -> int:
        """Retry what has failed of these, as an operator would. -> how many."""
        wanted = set(urls)
        failed = [row[0] for row in self._rows("SELECT id, url FROM links WHERE fate = 'failed'") if row[1] in wanted]
        for link_id in failed:
            self.service.post(f"/v1/links/{link_id}/retry", {})
        return len(failed)

    def _insist(self, act: Callable[[], T]) -> T:
        """What `act` gives as soon as it is true, whoever is away until then."""

        def tried() -> T | None:
            try:
                return act()
            except (httpx.TransportError, DBAPIError, ConnectionError):
                return None

        return wait_for(tried, self._patience, self.service.said)  # type: ignore[return-value]

    def _audit(self) -> tuple[list[Finding]]:
        with self._engine() as engine, snapshot(engine) as connection:
            return ([finding for finding in check(connection, RULES, datetime.now(UTC)) if finding],)

    def _rows(self, query: str) -> list[tuple[object, ...]]:
        with self._engine() as engine, engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        """Made for each look: what it connects to comes and goes."""
        running = running_urls(self.service.data_dir)
        if running is None:
            raise ConnectionError("nothing runs")
        engine = make_engine(running.database_url, pool_size=1)
        try:
            yield engine
        finally:
            engine.dispose()


def spread(items: Sequence[T], seconds: float, now: Callable[[], float] = time.monotonic) -> Iterator[list[T]]:
    """The items evenly over the seconds: at each question those that are due and were not given yet."""
    began, given = now(), 0
    while given < len(items):
        due = min(len(items), 1 + int(len(items) * (now() - began) / seconds)) if seconds else len(items)
        yield list(items[given:due])
        given = due
