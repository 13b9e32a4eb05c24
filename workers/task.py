"""How a stage is run: claim, work, store, and ring for what comes next. Knows nothing of news."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from itertools import repeat

from celery import Celery
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from storyfold.errors import FateError, Transient
from storyfold.logs import about
from storyfold.stages.kinds import Kind
from storyfold.stages.work import GoingOn, Job, Result, StageOfWork, Work
from workers.runtime import Runtime

log = logging.getLogger(__name__)

# Polls or fetches of one message, at the most; and how many due at once are few, so that each goes alone.
PARCEL = 4
FEW = 32

# Whoever has left a host goes on with its next link without a message: so often for each message, its links alike.
STRAIGHT_ON = 8

# Seconds in which a CPU worker begins with pages that wait, before it looks at its queues again. What of its time limit
# a page taken up last cannot have is as little; a question that waits (`match`) waits no longer for it.
GO_ON_SECONDS = 0.5

# What a stage holds, where it is no link.
HELD = {"poll": "feed", "read": "feed", "deliver": "subscription"}


def run_stage(runtime: Runtime, stage: StageOfWork[Job, Result], id: int) -> Sequence[Work]:
    """Run one stage on one link or feed. -> the work that comes next, its transaction committed.

    What the stage fails with becomes the link's fate or its next try. A fault of our own is logged with its traceback
    and tried again like any other; a database that is away ends the task, and the lease brings the work back.
    """
    with runtime.transaction() as session:
        job = stage.claim(session, id, _now())
    return () if job is None else _carry_out(runtime.transaction, stage, job, _end_there, id)[0]


def run_on(
    runtime: Runtime, stage: GoingOn[Job, Result], id: int, may_begin: Callable[[], bool]
) -> Iterator[Sequence[Work]]:
    """Run a stage on one link, then on what the stage goes on with, while one more `may_begin`; what it would go on
    with then is rung for. -> what comes next, of each.

    What is kept of one and the claim of the next are one transaction. Should this process die, the dispatcher rings for
    the next as for any other.
    """

    def then(session: Session, done: Job, failure: FateError | None) -> tuple[Job | None, Sequence[Work]]:
        return stage.go_on(session, done, failure, _now(), here=may_begin())

    with runtime.brief_transaction() as session:
        job = stage.claim(session, id, _now())
        works: Sequence[Work] = ()
        if job is None:
            job, works = stage.go_on(session, None, None, _now(), here=may_begin())
    if works:
        yield works
    while job is not None:
        carried = _carry_out(runtime.brief_transaction, stage, job, then)
        works, job = carried
        yield works


def so_often(times: int) -> Callable[[], bool]:
    """True so many times, False from then on."""
    return partial(next, repeat(True, times), False)


def for_so_long(seconds: float) -> Callable[[], bool]:
    """True until so many seconds from now."""
    ends = time.monotonic() + seconds
    return lambda: time.monotonic() < ends


# How a transaction is opened that commits at the end.
Transaction = Callable[[], AbstractContextManager[Session]]

# What follows a piece of work, in the transaction that keeps what it ended in: the next one, held, and doorbells.
Then = Callable[[Session, Job, FateError | None], tuple[Job | None, Sequence[Work]]]


def _end_there(_session: Session, _done: object, _failure: FateError | None) -> tuple[None, Sequence[Work]]:
    return None, ()


def _carry_out(
    transaction: Transaction, stage: StageOfWork[Job, Result], job: Job, then: Then[Job], id: int | None = None
) -> tuple[Sequence[Work], Job | None]:
    """What `run_stage` promises, once the job is in hand. -> what comes next, and the job that `then` holds. `id` is
    what was rung for, where the job does not say."""
    held, failure = _held(job, id), None
    started = time.monotonic()
    try:
        result = stage.run(job, _now())
        works, following = _keep(
            transaction,
            lambda session: stage.store(session, job, result, _now()),
            lambda session: then(session, job, None),
        )
    except (OperationalError, InterfaceError):
        raise
    except FateError as error:
        failure = error
    except Exception as error:  # logged, and kept with the link for a person to read
        log.exception("%s of %s failed", type(stage).__name__, held[0])
        failure = Transient("internal-error", f"{type(error).__name__}: {error}"[:500])
    if failure is not None:
        why = failure
        works, following = _keep(
            transaction,
            lambda session: stage.fail(session, job, why, _now()),
            lambda session: then(session, job, why),
        )
    _log(stage, held, started, failure.reason if failure else "stored", works)
    return works, following


class _CannotGoOn(Exception):
    """What came next could not be held; that is no fault of what was done before."""


def _keep(
    transaction: Transaction,
    write: Callable[[Session], Sequence[Work]],
    then: Callable[[Session], tuple[Job | None, Sequence[Work]]],
) -> tuple[Sequence[Work], Job | None]:
    """Write what a piece of work ended in, and hold what comes `then`, in one transaction; by itself, where that fails
    for a reason of its own."""
    try:
        with transaction() as session:
            works = write(session)
            try:
                following, rung = then(session)
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                raise _CannotGoOn from error
    except _CannotGoOn:
        log.exception("the next piece of work could not be held")
        with transaction() as session:
            return write(session), None
    return [*works, *rung] if rung else works, following


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
