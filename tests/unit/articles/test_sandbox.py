import os
import signal
import time
from collections.abc import Iterator

import pytest

from storyfold.articles.sandbox import ChildrenDoNotStart, Failure, Limits, in_children

LIMITS = Limits(seconds=30.0, processes=2)


def nothing() -> None:
    pass


def die() -> None:
    os._exit(1)


def work(order: str) -> str:
    if order == "hang":
        time.sleep(600)
    if order == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "eat":
        bytearray(4_000_000_000)
    return order.upper()


def test_results_come_in_the_order_of_the_items() -> None:
    items = [str(n) for n in range(40)]
    assert list(in_children(work, items, limits=LIMITS, prepare=nothing)) == [(item, item) for item in items]


@pytest.mark.parametrize(("order", "reason"), [("die", "crashed"), ("eat", "memory")])
def test_a_child_that_ends_costs_its_own_item_alone(order: str, reason: str) -> None:
    results = [result for _, result in in_children(work, ["a", order, "b", "c"], limits=LIMITS, prepare=nothing)]
    assert results == ["A", Failure(reason), "B", "C"]


def test_an_item_over_the_time_limit_is_given_up_and_the_rest_is_done() -> None:
    limits = Limits(seconds=0.5, processes=1)
    results = [result for _, result in in_children(work, ["a", "hang", "b"], limits=limits, prepare=nothing)]
    assert results == ["A", Failure("time-out"), "B"]


def test_items_are_read_only_a_window_ahead_of_the_results() -> None:
    read: list[int] = []

    def items() -> Iterator[str]:
        for n in range(1000):
            read.append(n)
            yield str(n)

    results = in_children(work, items(), limits=Limits(processes=1), prepare=nothing)
    next(results)
    ahead = len(read)
    results.close()  # type: ignore[attr-defined]
    assert ahead < 20


def test_children_that_cannot_start_are_reported() -> None:
    with pytest.raises(ChildrenDoNotStart):
        list(in_children(work, ["a"], limits=LIMITS, prepare=die))


def test_no_items_give_no_results() -> None:
    assert list(in_children(work, [], limits=LIMITS, prepare=nothing)) == []
