"""What a path asks of an element, and what of that can be told by one of its attributes alone.

Most elements of a page are in no path, and the value of one attribute after the other says so. Such answers are kept by
the value: a site's elements share few classes, while together with ids and other attributes hardly two are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_REMEMBERED = 4096
"""Answers that are kept of one attribute, or of one path; some 200 bytes each."""

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """`holds` says whether it holds. It does not where none of the `hints` is true, each a test of one attribute's
    value, of an element that is none of the `tags`; without hints (None) nothing is known of that."""

    holds: Callable[[HtmlElement], bool]
    hints: tuple[tuple[str, Test], ...] | None = None
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """A text of an element, empty where it has none: that of one of the attributes `names`, made `plain`."""

    names: tuple[str, ...]
    text: Callable[[HtmlElement], str]
    plain: Callable[[str], str] = str


class Answers(dict[str, bool]):
    """Whether one of the tests is true of a value."""

    def __init__(self, tests: Sequence[Test]) -> None:
        super().__init__()
        self._tests = tests

    def __missing__(self, value: str) -> bool:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        answer = self[value] = any(test(value) for test in self._tests)
        return answer


def answers(condition: Condition) -> tuple[tuple[str, Answers], ...] | None:
    """What is known by each attribute alone; None where nothing is."""
    hints = condition.hints
    if hints is None:
        return None
    names = dict.fromkeys(name for name, _ in hints)
    return tuple((name, Answers([test for named, test in hints if named == name])) for name in names)


def about(source: Source, test: Test) -> Condition:
    """That the text passes a test."""
    text, plain = source.text, source.plain
    hints = tuple((name, lambda value: test(plain(value))) for name in source.names)
    return Condition(lambda element: test(text(element)), None if test("") else hints)


def either(sides: Sequence[Condition]) -> Condition:
    """That one of these holds."""
    if len(sides) == 1:
        return sides[0]
    all_hold = [side.holds for side in sides]

    def holds(element: HtmlElement) -> bool:
        for side in all_hold:  # noqa: SIM110 - a generator takes longer than what is asked
            if side(element):
                return True
        return False

    known = [side.hints for side in sides if side.hints is not None]
    if len(known) < len(sides):
        return Condition(holds)
    tags = frozenset().union(*(side.tags for side in sides))
    return Condition(holds, tuple(hint for hints in known for hint in hints), tags)


def both(sides: Sequence[Condition]) -> Condition:
    """That all of these hold; always, where there are none."""
    if len(sides) == 1:
        return sides[0]
    all_hold = [side.holds for side in sides]

    def holds(element: HtmlElement) -> bool:
        for side in all_hold:  # noqa: SIM110
            if not side(element):
                return False
        return True

    known = next((side for side in sides if side.hints is not None), ALWAYS)
    return Condition(holds, known.hints, known.tags) if sides else ALWAYS


ALWAYS = Condition(lambda _element: True)


def called(tag: str) -> Condition:
    return Condition(lambda element: element.tag == tag, (), frozenset({tag}))


def equal(name: str, value: str) -> Condition:
    return Condition(lambda element: element.get(name) == value, ((name, lambda found: found == value),))


def present(name: str) -> Condition:
    return Condition(lambda element: element.get(name) is not None, ((name, lambda _found: True),))


def absent(condition: Condition) -> Condition:
    holds = condition.holds
    return Condition(lambda element: not holds(element))
