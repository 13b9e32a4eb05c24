"""How a stage is run: claim, work, store, and ring for what comes next. Knows nothing of news."""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from celery import Celery
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import InterfaceError, OperationalError

from storyfold.errors import FateError, Transient
from storyfold.logs import about
from storyfold.stages.kinds import Kind
from storyfold.stages.work import GoingOn, Job, Result, StageOfWork, Work
from workers.runtime import Runtime

log = logging.getLogger(__name__)

# Polls or fetches of one message, at the most; and how many due at once are few, so that each goes alone.
PARCEL = 4
FEW = 32

# Whoever has left a host goes on with its next link without a message, so often.
STRAIGHT_ON = 8

# Seconds in which a CPU worker begins with pages that wait, before it looks at its queues again. What of its time limit
# a page taken up last cannot have is as little; a question that waits (`match`) waits no longer for it.
GO_ON_SECONDS = 0.25

# What a stage holds, where it is no link.
HELD = {"poll": "feed", "read": "feed", "deliver": "subscription"}


def run_stage(runtime: Runtime, stage: StageOfWork[Job, Result], id: int) -> Sequence[Work]:
    """Run one stage on one link or feed. -> the work that comes next, its transaction committed.

    What the stage fails with becomes the link's fate or its next try. A fault of our own is logged with its traceback
    and tried again like any other; a database that is away ends the task, and the lease brings the work back.
    """
    with runtime.transaction() as session:
        job = stage.claim(session, id, _now())
    return () if job is None else _carry_out(runtime, stage, job, id)


def run_waiting(runtime: Runtime, stage: GoingOn[Job, Result], seconds: float) -> Iterator[Sequence[Work]]:
    """Run a stage on what waits for it, one after the other, and begin none after so many seconds. -> what comes next,
    of each. Where some is left then, a doorbell for it is the last."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with runtime.transaction() as session:
            job = stage.claim_waiting(session, _now())
        if job is None:
            return
        yield _carry_out(runtime, stage, job)
    with runtime.transaction() as session:
        works = stage.ring_waiting(session, _now())
    yield works


def _carry_out(runtime: Runtime, stage: StageOfWork[Job, Result], job: Job, id: int | None = None) -> Sequence[Work]:
    """What `run_stage` promises, once the job is in hand. `id` is what was rung for, where the job does not say."""
    held = _held(job, id)
    started = time.monotonic()
    try:
        result = stage.run(job, _now())
        with runtime.transaction() as session:
            works = stage.store(session, job, result, _now())
    except (OperationalError, InterfaceError):
        raise
    except FateError as error:
        failure = error
    except Exception as error:  # logged, and kept with the link for a person to read
        log.exception("%s of %s failed", type(stage).__name__, held[0])
        failure = Transient("internal-error", f"{type(error).__name__}: {error}"[:500])
    else:
        _log(stage, held, started, "stored", works)
        return works
    with runtime.transaction() as session:
        works = stage.fail(session, job, failure, _now())
    _log(stage, held, started, failure.reason, works)
    return works


def run_on(
    kind: Kind, ids: Iterable[int], run: Callable[[int], Sequence[Work]], send: Callable[[Sequence[Work]], None]
) -> None:
    """`run` a stage on each of `ids`, and `send` for what comes next; what is of the same `kind` is done right here,
    one for each and `STRAIGHT_ON` in all. Should this process die, the dispatcher rings for it as for any other."""
    waiting, left = deque(ids), STRAIGHT_ON
    while waiting:
        works = list(run(waiting.popleft()))
        following = next((work for work in works if work.kind is kind), None)
        if following is not None and left:
            works.remove(following)
            waiting.append(following.id)
            left -= 1
        send(works)


def _held(job: object, id: int | None) -> list[int]:
    """The links (feed, subscription) that a job is about."""
    leases = getattr(job, "leases", None) or ([job.lease] if id is None and hasattr(job, "lease") else [])
    return sorted({lease.id for lease in leases}) or [id or 0]


def _log(stage: object, held: Sequence[int], started: float, outcome: str, works: Sequence[Work]) -> None:
    """A line for each link (feed, subscription) that the stage held, so that the way of each can be followed."""
    if not log.isEnabledFor(logging.INFO):
        return
    name, seconds = type(stage).__name__.lower(), round(time.monotonic() - started, 3)
    then = dict(Counter(work.kind.value for work in works)) or None
    for item in held:
        fields = {HELD.get(name, "link"): item, "stage": name, "outcome": outcome, "seconds": seconds, "then": then}
        log.info("%s: %s", name, outcome, extra=about(**fields, batch=len(held) if len(held) > 1 else None))


def ring(app: Celery, works: Iterable[Work]) -> None:
    """Send a doorbell for each piece of work. Where Redis is away none is sent: the dispatcher will ring again."""
    try:
        for kind, ids in parcels(works):
            # A result that is not ignored is subscribed to first, which waits long for a Redis that is away.
            app.send_task(kind.value, args=ids, queue=kind.value, ignore_result=True)
    except BrokerError as error:
        log.warning("Redis does not take messages (%s): the dispatcher will ring again", error)


def parcels(works: Iterable[Work]) -> list[tuple[Kind, list[int]]]:
    """The doorbells as messages: polls and fetches share some where very many are due at once.

    A message costs as much as a statement, and at most `PARCEL` are done one after the other. Other work is limited
    in time by its task, and goes alone.
    """
    by_kind: dict[Kind, list[int]] = {}
    for work in works:
        by_kind.setdefault(work.kind, []).append(work.id)
    sent: list[tuple[Kind, list[int]]] = []
    for kind, ids in by_kind.items():
        size = max(1, min(PARCEL, len(ids) // FEW)) if kind in {Kind.POLL, Kind.FETCH} else 1
        sent += [(kind, ids[start : start + size]) for start in range(0, len(ids), size)]
    return sent


def queue_lengths(app: Celery, kinds: Iterable[Kind]) -> dict[Kind, int]:
    """How many doorbells wait in each queue."""
    kinds = list(kinds)
    with app.pool.acquire(block=True) as connection:  # kept from call to call: this is asked every second
        pipeline = connection.default_channel.client.pipeline(transaction=False)
        for kind in kinds:
            pipeline.llen(kind.value)
        return {kind: int(length) for kind, length in zip(kinds, pipeline.execute(), strict=True)}


def _now() -> datetime:
    return datetime.now(UTC)
