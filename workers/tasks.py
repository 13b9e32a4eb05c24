"""Every task, each a few lines: here the whole way of an article can be read.

::

    dispatch ─┬─ poll ── read ─┐
              ├────────────────┴─ fetch ── digest ── fold        repair        match-page ── match
              └─ deliver
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from celery import Celery, Task

from storyfold.errors import FateError
from storyfold.stages.kinds import Kind
from storyfold.stages.match_page import explained
from storyfold.store.progress import is_anything_due
from workers.app import DISCOVER, DISPATCH, KEEP_HOUSE, MATCH, MATCH_PAGE
from workers.runtime import Runtime
from workers.task import GO_ON_SECONDS, STRAIGHT_ON, for_so_long, queue_lengths, ring, run_on, run_stage, so_often

# Longer than any number of stories that change between two looks can take.
REPAIR_SECONDS = 600

# Twice what a search for feeds allows itself (see `stages.discover`).
DISCOVER_SECONDS = 32


def register(app: Celery, runtime: Callable[[], Runtime]) -> None:
    """Define the tasks on `app`; `runtime` gives the process's own."""
    cpu_limit = {"time_limit": runtime().settings.task_seconds}
    task = partial(app.task, shared=False)  # shared, they would be defined on every application of the process

    @task(name=DISPATCH)
    def dispatch() -> None:
        now = datetime.now(UTC)
        with runtime().transaction() as session:
            if not is_anything_due(session, now):
                return
        waiting = queue_lengths(app, Kind)
        with runtime().transaction() as session:
            due = runtime().dispatch.draw(session, waiting, now)
        ring(app, due)

    @task(name=KEEP_HOUSE)
    def keep_house() -> None:
        runtime().keep_house(datetime.now(UTC))

    @task(name=MATCH_PAGE, bind=True, ignore_result=False)
    def match_page(self: Task, question: dict[str, Any]) -> dict[str, Any]:
        try:
            page_id = runtime().fetch_for_match(question["url"], datetime.now(UTC))
        except FateError as error:
            return explained(error)
        raise self.replace(app.signature(MATCH, args=[{"page_id": page_id}], queue=MATCH))

    @task(name=MATCH, ignore_result=False, **cpu_limit)
    def match(question: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC)
        try:
            if "text" in question:
                return {"ok": runtime().match.text(question["text"], now)}
            return {"ok": runtime().match.page(question["page_id"], now)}
        except FateError as error:
            return explained(error)

    @task(name=DISCOVER, ignore_result=False, time_limit=DISCOVER_SECONDS)
    def discover_feeds(question: dict[str, Any]) -> dict[str, Any]:
        from storyfold.stages import discover

        return discover.answer(discover.search_for(runtime().settings), question["url"], datetime.now(UTC))

    @task(name=Kind.POLL.value)
    def poll(*feed_ids: int) -> None:
        for feed_id in feed_ids:
            ring(app, run_stage(runtime(), runtime().poll, feed_id))

    @task(name=Kind.READ.value, **cpu_limit)
    def read(feed_id: int) -> None:
        ring(app, run_stage(runtime(), runtime().read, feed_id))

    @task(name=Kind.FETCH.value)
    def fetch(*link_ids: int) -> None:
        for link_id in link_ids:
            for works in run_on(runtime(), runtime().fetch, link_id, so_often(STRAIGHT_ON // len(link_ids))):
                ring(app, works)

    @task(name=Kind.DIGEST.value, **cpu_limit)
    def digest(link_id: int) -> None:
        for works in run_on(runtime(), runtime().digest, link_id, for_so_long(GO_ON_SECONDS)):
            ring(app, works)

    @task(name=Kind.FOLD.value, **cpu_limit)
    def fold(link_id: int) -> None:
        ring(app, run_stage(runtime(), runtime().fold, link_id))
        runtime().show_ties()

    @task(name=Kind.DELIVER.value)
    def deliver(subscription_id: int) -> None:
        ring(app, run_stage(runtime(), runtime().deliver, subscription_id))

    @task(name=Kind.REPAIR.value, time_limit=REPAIR_SECONDS)
    def repair() -> None:
        from storyfold.stages.repair import Repair

        second_look, looked_at = Repair(runtime().fold.idf, runtime().fold.loader), 1
        while looked_at:
            with runtime().transaction() as session:
                looked_at = second_look.step(session, datetime.now(UTC))
        runtime().show_ties()
