"""Work on untrusted input in child processes with hard limits on time and address space.

One item at a time goes to each child. A child that runs too long is killed, one that dies or runs out of memory is
replaced, and the item it held gets a :class:`Failure`; the others never notice. Children come from a fork server, so
that they inherit neither this process's threads nor its open files, and end when this process ends.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from storyfold.errors import StoryfoldError

LOGGER = logging.getLogger(__name__)

STARTING_SECONDS = 120.0
"""How long a child may take to start and import what it needs; seconds on an idle machine, more on a busy one."""
WINDOW_PER_CHILD = 8
"""Items that may be read ahead for each child: bounds the memory of results that wait for a slow one before them."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item may cost, and how many children work at once. `address_space` is a child's whole, in bytes."""

    seconds: float = 20.0
    address_space: int = 1_000_000_000
    processes: int = 2


@dataclass(frozen=True, slots=True)
class Failure:
    """No result for an item: ``time-out``, ``memory`` or ``crashed``."""

    reason: str


class ChildrenDoNotStart(StoryfoldError):
    """The child processes cannot start; the address-space limit may be too small for the libraries they load."""


@dataclass(slots=True, eq=False)
class _Child:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    index: int | None = None
    deadline: float = 0.0


def in_children(
    work: Callable[[Item], Result], items: Iterable[Item], *, limits: Limits, prepare: Callable[[], None]
) -> Iterator[tuple[Item, Result | Failure]]:
    """Each item with its result, in the order of `items`, which is read only a window ahead.

    `work` and `prepare` are functions of a module; `prepare` runs once in each child before its memory is limited.
    Raises :class:`ChildrenDoNotStart`.
    """
    crew = _Crew(work, prepare, limits)
    try:
        yield from _in_order(crew, iter(items), window=WINDOW_PER_CHILD * limits.processes)
    finally:
        crew.dismiss()


def _in_order(
    crew: _Crew[Item, Result], items: Iterator[Item], *, window: int
) -> Iterator[tuple[Item, Result | Failure]]:
    waiting: deque[Item] = deque()
    done: dict[int, Result | Failure] = {}
    given = returned = 0
    more = True
    while more or waiting:
        while more and len(waiting) < window and crew.has_idle():
            for item in items:
                crew.give(given, item)
                waiting.append(item)
                given += 1
                break
            else:
                more = False
        if waiting:
            done.update(crew.collect())
        elif more:
            crew.collect()
        while returned in done:
            yield waiting.popleft(), done.pop(returned)
            returned += 1


class _Crew(Generic[Item, Result]):
    """The children, each idle, busy with one item, or starting."""

    def __init__(self, work: Callable[[Item], Result], prepare: Callable[[], None], limits: Limits) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._job = (work, prepare, limits)
        self._limits = limits
        self._children = [self._start() for _ in range(limits.processes)]

    def _start(self) -> _Child:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, *self._job), daemon=True)
        process.start()
        theirs.close()
        return _Child(process, ours, deadline=time.monotonic() + STARTING_SECONDS)

    def has_idle(self) -> bool:
        return any(child.ready and child.index is None for child in self._children)

    def give(self, index: int, item: Item) -> None:
        child = next(child for child in self._children if child.ready and child.index is None)
        child.index, child.deadline = index, time.monotonic() + self._limits.seconds
        try:
            child.connection.send(item)
        except OSError:
            LOGGER.info("a child was gone before it got its item")  # collecting reports it as crashed

    def collect(self) -> dict[int, Result | Failure]:
        """Waits for news from at least one child; the results that came, by the index of their item."""
        expected = {child.connection: child for child in self._children if child.index is not None or not child.ready}
        patience = min(child.deadline for child in expected.values()) - time.monotonic()
        news = wait(list(expected), timeout=max(0.0, patience))
        came = [self._receive(expected[connection]) for connection in news if isinstance(connection, Connection)]
        late = [child for child in expected.values() if child in self._children and child.deadline <= time.monotonic()]
        came += [
            self._replace(child, Failure("time-out")) for child in late if child.index is not None or not child.ready
        ]
        return {index: result for index, result in came if index is not None}

    def _receive(self, child: _Child) -> tuple[int | None, Any]:
        try:
            message = child.connection.recv()
        except (EOFError, OSError):
            return self._replace(child, Failure("crashed"))
        if isinstance(message, Failure):
            return self._replace(child, message)
        if not child.ready:
            child.ready = True
            return None, None
        index, child.index = child.index, None
        return index, message

    def _replace(self, child: _Child, failure: Failure) -> tuple[int | None, Failure]:
        if not child.ready:
            raise ChildrenDoNotStart
        _end(child)
        self._children[self._children.index(child)] = self._start()
        return child.index, failure

    def dismiss(self) -> None:
        for child in self._children:
            _end(child)


def _end(child: _Child) -> None:
    child.process.kill()
    child.process.join()
    child.connection.close()


def _serve(connection: Connection, work: Callable[[Item], object], prepare: Callable[[], None], limits: Limits) -> None:
    """The life of a child: items in, results out, until the other end closes or memory runs out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends its children
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # every thread's arena would count against the address space
    prepare()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space, limits.address_space))
    connection.send("ready")
    while True:
        try:
            connection.send(work(connection.recv()))
        except EOFError:
            return
        except MemoryError:
            connection.send(Failure("memory"))
            return
