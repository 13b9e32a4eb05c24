"""Paths that ask for elements by their attributes, asked in Python and remembered.

trafilatura finds what it prunes, and where the text is, by XPath with long conditions on classes and ids. Each regular
expression in it is a call from C to Python for each element: a sixth of what a page took. A site's elements share few
attributes, so here an answer is kept by the attributes that were asked for. `quickened` gives the same elements as the
path itself; a path that is put in other words than those known here is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from lxml.etree import XPath
    from lxml.html import HtmlElement

MOST_REMEMBERED = 4096
"""Answers kept by one path, some 200 bytes each."""

Path = Callable[["HtmlElement"], Any]
_Condition = Callable[["HtmlElement"], bool]
_Source = Callable[["HtmlElement"], str]

_WORD = re.compile(r"\s*(?:'([^']*)'|(\.//\*|\.//\w+|self::\w+|re:test|@[\w-]+|[\w-]+|[()\[\]|=,]))")


class _Unknown(ValueError):
    """The path is put in words that are not known here."""


@dataclass(slots=True, repr=False)  # its answers are many, and trafilatura writes paths out
class QuickPath:
    """Gives the elements below one that a path gives, in the order of the page; only the first where that is asked."""

    tags: tuple[str, ...]
    condition: _Condition
    names: tuple[str, ...]
    """The attributes that `condition` asks for."""
    unions: tuple[str, ...] = ()
    """Those of them of which the one that stands first in the page is asked for; nothing is, without the first."""
    inner: _Condition | None = None
    """What is asked besides, of what an element holds."""
    first: bool = False
    _known: dict[tuple[Any, ...], bool] = field(default_factory=dict)

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        found = self._found(tree)
        return [element for _, element in zip(range(1), found, strict=False)] if self.first else list(found)

    def may_give(self, element: HtmlElement) -> bool:
        """Whether the element is one that the path gives, whatever it holds."""
        return (element.tag in self.tags or "*" in self.tags) and self.condition(element)

    def _found(self, tree: HtmlElement) -> Iterator[HtmlElement]:
        known, names, unions, inner = self._known, self.names, self.unions, self.inner
        for element in tree.iterdescendants(*self.tags):
            get = element.get
            key: tuple[Any, ...] = (*map(get, names), element.tag)
            if unions and get(unions[0]) is not None:
                key = (*key, *(name for name in element.keys() if name in unions))  # noqa: SIM118 - no mapping
            holds = known.get(key)
            if holds is None:
                if len(known) >= MOST_REMEMBERED:
                    known.clear()
                holds = known[key] = self.condition(element)
            if holds and (inner is None or inner(element)):
                yield element


def quickened(path: XPath | QuickPath) -> Path:
    """The same path, faster where it can be."""
    if isinstance(path, QuickPath):
        return path
    try:
        return _Reader(path.path).read()
    except _Unknown:
        return path


class _Reader:
    """Reads ``.//*[condition]...`` or ``.//tag[condition]...``, the first of those, or several of them."""

    def __init__(self, path: str) -> None:
        self._words = _words_of(path)
        self._names: list[str] = []
        self._unions: list[str] = []
        self._asks_within = False

    def read(self) -> QuickPath:
        parts = [self._part()]
        while self._took("|"):
            parts.append(self._part())
        if self._words or any("*" in part.tags and part.condition is _always for part in parts):
            raise _Unknown
        return parts[0] if len(parts) == 1 else self._together(parts)

    def _part(self) -> QuickPath:
        is_first, word = self._took("("), self._next()
        if not word.startswith(".//"):
            raise _Unknown
        tags: tuple[str, ...] = (word.removeprefix(".//"),)
        conditions, inner = list[_Condition](), list[_Condition]()
        while self._took("["):
            if self._took("1"):
                is_first = True  # of each parent's: the first of all is the first of those
            elif named := self._tags():
                tags = named if tags == ("*",) and not conditions else self._fail()
            else:
                self._asks_within = False
                condition = self._either()
                (inner if self._asks_within else conditions).append(condition)
            self._take("]")
        if self._took(")"):
            for word in ("[", "1", "]"):
                self._take(word)
        return QuickPath(tags, _all(conditions), *self._asked(), _all(inner) if inner else None, is_first)

    def _together(self, parts: list[QuickPath]) -> QuickPath:
        """What any of them gives, in the order of the page."""
        if any(part.first or part.inner for part in parts):
            raise _Unknown
        tags = tuple(dict.fromkeys(tag for part in parts for tag in part.tags))
        return QuickPath(("*",) if "*" in tags else tags, _any([part.may_give for part in parts]), *self._asked())

    def _asked(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The attributes that were asked for so far, and those of them in unions."""
        return tuple(dict.fromkeys(self._names)), tuple(dict.fromkeys(self._unions))

    def _fail(self) -> NoReturn:
        raise _Unknown

    def _tags(self) -> tuple[str, ...]:
        """The tags, where the next bracket asks for nothing else; they are taken then."""
        inside = self._words[: self._words.index("]")] if "]" in self._words else []
        only = all(word.startswith("self::") if place % 2 == 0 else word == "or" for place, word in enumerate(inside))
        if not (inside and only):
            return ()
        self._words = self._words[len(inside) :]
        return tuple(word.removeprefix("self::") for word in inside[::2])

    def _either(self) -> _Condition:
        sides = [self._both()]
        while self._took("or"):
            sides.append(self._both())
        return _any(sides)

    def _both(self) -> _Condition:
        sides = [self._one()]
        while self._took("and"):
            sides.append(self._one())
        return _all(sides)

    def _one(self) -> _Condition:
        word = self._next()
        if word == "(":
            return self._closed(self._either())
        if word.startswith("self::"):
            return _is_called(word.removeprefix("self::"))
        if word.startswith(".//") and word != ".//*":
            self._asks_within = True
            return lambda element: element.find(word) is not None
        if word.startswith("@"):
            name = self._named(word)
            return _is(name, self._literal()) if self._took("=") else _has(name)
        if word not in {"not", "contains", "starts-with", "re:test"}:
            raise _Unknown
        self._take("(")
        if word == "not":
            return self._closed(_not(self._either()))
        return self._closed(self._about(word))

    def _about(self, function: str) -> _Condition:
        source = self._source()
        self._take(",")
        literal = self._literal()
        if function == "contains":
            return lambda element: literal in source(element)
        if function == "starts-with":
            return lambda element: source(element).startswith(literal)
        flags = self._literal() if self._took(",") else ""
        search = re.compile(literal, re.IGNORECASE if "i" in flags else 0).search
        return lambda element: search(source(element)) is not None

    def _source(self) -> _Source:
        """An attribute, the first of several as they stand in the page, or one with some letters put for others."""
        word = self._next()
        if word == "translate":
            self._take("(")
            source, table = self._source(), {}
            for part in ("from", "to"):
                self._take(",")
                table[part] = self._literal()
            letters = str.maketrans(table["from"], table["to"])
            self._take(")")
            return lambda element: source(element).translate(letters)
        names = [self._named(word)]
        while self._took("|"):
            names.append(self._named(self._next()))
        if len(names) == 1:
            return lambda element: element.get(names[0]) or ""
        if self._unions and self._unions[0] != names[0]:
            raise _Unknown
        self._unions += names
        return lambda element: next((value for name, value in element.items() if name in names), "")

    def _named(self, word: str) -> str:
        if not word.startswith("@"):
            raise _Unknown
        self._names.append(word[1:])
        return word[1:]

    def _literal(self) -> str:
        word = self._next()
        if not word.startswith("'"):
            raise _Unknown
        return word[1:]

    def _closed(self, condition: _Condition) -> _Condition:
        self._take(")")
        return condition

    def _next(self) -> str:
        if not self._words:
            raise _Unknown
        return self._words.pop(0)

    def _take(self, word: str) -> None:
        if self._next() != word:
            raise _Unknown

    def _took(self, word: str) -> bool:
        """Whether the next word is this one; then it is taken."""
        if not self._words or self._words[0] != word:
            return False
        self._words.pop(0)
        return True


def _words_of(path: str) -> list[str]:
    """The path's words; a literal begins with its quote."""
    words, place, end = [], 0, len(path.rstrip())
    while place < end:
        found = _WORD.match(path, place)
        if found is None:
            raise _Unknown
        words.append(found[2] if found[1] is None else f"'{found[1]}")
        place = found.end()
    return words


def _any(sides: list[_Condition]) -> _Condition:
    def holds(element: HtmlElement) -> bool:
        for side in sides:  # noqa: SIM110 - a generator takes longer than what is asked
            if side(element):
                return True
        return False

    return sides[0] if len(sides) == 1 else holds


def _all(sides: list[_Condition]) -> _Condition:
    def holds(element: HtmlElement) -> bool:
        for side in sides:  # noqa: SIM110
            if not side(element):
                return False
        return True

    return holds if len(sides) > 1 else sides[0] if sides else _always


def _always(_element: HtmlElement) -> bool:
    return True


def _is_called(tag: str) -> _Condition:
    return lambda element: element.tag == tag


def _is(name: str, value: str) -> _Condition:
    return lambda element: element.get(name) == value


def _has(name: str) -> _Condition:
    return lambda element: element.get(name) is not None


def _not(condition: _Condition) -> _Condition:
    return lambda element: not condition(element)


def quicken(paths: list[XPath]) -> None:
    """Put faster ones in the place of a list's paths."""
    paths[:] = [quickened(path) for path in paths]  # type: ignore[misc]  # they are called, and nothing else


def any_of(paths: Sequence[Path]) -> Path | None:
    """A path to the first element that one of these may give: where it gives none, none of them does. None where one of
    them is put in words that are not known here."""
    known = [path for path in paths if isinstance(path, QuickPath)]
    if len(known) < len(paths) or any(path.unions or "*" in path.tags for path in known):
        return None
    tags, names = (tuple(dict.fromkeys(one for path in known for one in some(path))) for some in (_tags_of, _names_of))
    return QuickPath(tags, _any([path.may_give for path in known]), names, first=True)


def _tags_of(path: QuickPath) -> tuple[str, ...]:
    return path.tags


def _names_of(path: QuickPath) -> tuple[str, ...]:
    return path.names
