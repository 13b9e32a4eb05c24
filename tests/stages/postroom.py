"""Subscribers, the changes they are told of, and a worker that tells them; on a store of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from servers.site import Reply, Request, Site
from sqlalchemy import func, insert, select, update
from standardwebhooks import Webhook

from storyfold.errors import FateError
from storyfold.stages.deliver import Deliver
from storyfold.stages.redelivery import Patience
from storyfold.store import deliveries, leases, subscription_work, subscriptions
from storyfold.store.engine import Sessions
from storyfold.store.subscriptions import Wanted
from storyfold.store.tables import (
    Article,
    Change,
    ChangeKind,
    Cluster,
    Delivery,
    Link,
    Revision,
    Story,
    Subscription,
)
from storyfold.web.client import Client
from storyfold.web.exchange import Limits
from storyfold.web.guard import AddressGuard

LEASE_SECONDS = 15.0
PATIENCE = Patience(seconds=5, days=5)


class Postroom:
    """One worker, whose clock moves when it is told to; it starts at the real time, which signatures are judged by."""

    def __init__(self, sessions: Sessions, *, networks: Iterable[str] = ("127.0.0.0/8",), seconds: float = 5) -> None:
        self.sessions = sessions
        self.now = datetime.now(UTC)
        limits = Limits(total_seconds=seconds, wire_bytes=65_536)
        client = Client(AddressGuard(list(networks)), limits, "Storyfold/0.1", clock=lambda: self.now)
        self.stage = Deliver(client, PATIENCE, LEASE_SECONDS, Random(1))

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)

    # ---- what there is to tell

    def story(self, *clusters: list[str], language: str = "en", text: str = "The ferry sails again.") -> int:
        """A story of these clusters, each a list of the sources of its articles."""
        with self.sessions.begin() as session:
            count = sum(map(len, clusters))
            row = {"article_count": count, "source_count": count, "cluster_count": len(clusters), "title": "Ferry"}
            times = dict.fromkeys(("dated_at", "created_at", "updated_at"), self.now)
            story = session.scalars(insert(Story).values(**row, **times, language=language).returning(Story.id)).one()
            for sources in clusters:
                made = insert(Cluster).values(story_id=story, created_at=self.now).returning(Cluster.id)
                cluster = session.scalars(made).one()
                for source in sources:
                    self._article(session, cluster, source, text)
        return story

    def _article(self, session: Any, cluster: int, source: str, text: str) -> None:
        times = dict.fromkeys(("created_at", "updated_at"), self.now)
        link = session.scalars(insert(Link).values(fate="folded", **times).returning(Link.id)).one()
        stands = {"cluster_id": cluster, "relation": "new", "source": source, "arrived_at": self.now}
        article = session.scalars(insert(Article).values(link_id=link, **stands).returning(Article.id)).one()
        read = {"revision": 1, "text": text, "authors": [], "removed": [], "extraction_version": 1}
        told = {"created_at": self.now, "search_config": "english"}
        session.execute(insert(Revision).values(article_id=article, **read, **told))

    def merge(self, story: int, into: int) -> None:
        with self.sessions.begin() as session:
            session.execute(update(Cluster).where(Cluster.story_id == story).values(story_id=into))
            session.execute(update(Story).where(Story.id == story).values(merged_into=into))

    def change(self, story: int, kind: str = "grown", other: int | None = None) -> int:
        """Something happens to a story. -> its cursor."""
        with self.sessions.begin() as session:
            cursor = (session.scalar(select(func.max(Change.cursor))) or 0) + 1
            row = {"cursor": cursor, "kind": kind, "story_id": story, "other_story_id": other, "at": self.now}
            session.execute(insert(Change).values(row))
        return cursor

    def changes(self, count: int) -> list[int]:
        story = self.story(["harbour-post.example"])
        return [self.change(story) for _ in range(count)]

    # ---- whom to tell

    def subscribe(self, url: str, **wanted: Any) -> int:
        if "kinds" in wanted:
            wanted["kinds"] = [ChangeKind(kind) for kind in wanted["kinds"]]
        after = wanted.pop("after", None)
        with self.sessions.begin() as session:
            return subscriptions.make(session, Wanted(url, **wanted), "ada", self.now, after=after)[0].id

    def subscription(self, id: int) -> Subscription:
        with self.sessions() as session:
            return subscriptions.get(session, id)

    def log(self, id: int) -> list[Delivery]:
        """The deliveries of a subscription, the oldest first."""
        with self.sessions() as session:
            return deliveries.list_log(session, id, limit=200)[::-1]

    # ---- the worker

    def step(self, id: int, *, between: Callable[[], None] = lambda: None) -> bool:
        """One doorbell, as a worker answers it. -> whether there was anything to send."""
        with self.sessions.begin() as session:
            job = self.stage.claim(session, id, self.now)
        if job is None:
            return False
        between()
        try:
            answered = self.stage.run(job, self.now)
        except FateError as error:
            with self.sessions.begin() as session:
                self.stage.fail(session, job, error, self.now)
        else:
            with self.sessions.begin() as session:
                self.stage.store(session, job, answered, self.now)
        return True

    def die(self, id: int) -> None:
        """A worker claims and is gone; its lease runs out."""
        with self.sessions.begin() as session:
            assert self.stage.claim(session, id, self.now)
        self.pass_(seconds=LEASE_SECONDS + 1)
        with self.sessions.begin() as session:
            leases.sweep(session, self.now)

    def work(self, id: int, steps: int = 200) -> int:
        """Answer doorbells until there is nothing to send by now. -> how many were sent."""
        for sent in range(steps):
            if not self.step(id):
                return sent
        raise AssertionError("there is no end to it")

    def draw(self, slow_at_once: int = 4) -> list[int]:
        with self.sessions.begin() as session:
            return subscription_work.draw_due(session, self.now, limit=100, slow_at_once=slow_at_once)


class Endpoint:
    """A subscriber's endpoint: answers as told, one after the other (the last for good), and keeps what it took."""

    def __init__(self, site: Site, path: str = "/hook") -> None:
        self.url = site.url(path)
        self.answers: list[Reply] = [Reply(status=204)]
        self.got: list[Request] = []
        self.took: list[Request] = []
        site.routes[path] = self._answer

    def _answer(self, request: Request) -> Reply:
        reply = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.got.append(request)
        if 200 <= reply.status < 300:
            self.took.append(request)
        return reply

    def told(self) -> list[int]:
        """The places of the log of what it took, in the order in which it came."""
        from storyfold.store import cursors

        bodies = [json.loads(request.body) for request in self.took]
        return [cursors.decode_id(body["data"]["cursor"], "changes") for body in bodies]


def verify(request: Request, secret: str) -> Any:
    """What the scheme's own library makes of it; it raises for a bad signature."""
    return Webhook(secret).verify(request.body, request.headers)
