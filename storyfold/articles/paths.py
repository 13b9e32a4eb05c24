"""Paths that ask for elements by their attributes, asked in Python and remembered.

trafilatura finds what it prunes, and where the text is, by XPath with long conditions on classes and ids. Each regular
expression in it is a call from C to Python for each element: a sixth of what a page took. Here an element's attributes
are asked for one by one, and what is known of their values (see `conditions`) tells of most that they are not meant; of
the others an answer is kept by all attributes that were asked for. `quickened` gives the same elements as the
path itself; a path that is put in other words than those known here is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from storyfold.articles import conditions
from storyfold.articles.conditions import ALWAYS, MOST_REMEMBERED, Answers, Condition, Source

if TYPE_CHECKING:
    from lxml.etree import XPath
    from lxml.html import HtmlElement

Path = Callable[["HtmlElement"], Any]

_WORD = re.compile(r"\s*(?:'([^']*)'|(\.//\*|\.//\w+|self::\w+|re:test|@[\w-]+|[\w-]+|[()\[\]|=,]))")


class _Unknown(ValueError):
    """The path is put in words that are not known here."""


@dataclass(slots=True, repr=False)  # its answers are many, and trafilatura writes paths out
class QuickPath:
    """Gives the elements below one that a path gives, in the order of the page; only the first where that is asked."""

    tags: tuple[str, ...]
    condition: Condition
    names: tuple[str, ...]
    """The attributes that `condition` asks for."""
    unions: tuple[str, ...] = ()
    """Those of them of which the one that stands first in the page is asked for; nothing is, without the first."""
    inner: Condition | None = None
    """What is asked besides, of what an element holds."""
    first: bool = False
    _known: dict[tuple[Any, ...], bool] = field(default_factory=dict)
    _alone: tuple[tuple[str, Answers], ...] | None = field(init=False)
    """What the value of an attribute tells by itself."""

    def __post_init__(self) -> None:
        self._alone = conditions.answers(self.condition)

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        found = self._found(tree)
        return [element for _, element in zip(range(1), found, strict=False)] if self.first else list(found)

    def may_give(self, element: HtmlElement) -> bool:
        """Whether the element is one that the path gives, whatever it holds."""
        return (element.tag in self.tags or "*" in self.tags) and self.condition.holds(element)

    def _found(self, tree: HtmlElement) -> Iterator[HtmlElement]:
        inner, alone, tags = self.inner, self._alone, self.condition.tags
        for element in tree.iterdescendants(*self.tags):
            if alone is not None and not (tags and element.tag in tags):
                get = element.get
                for name, known in alone:
                    value = get(name)
                    if value is not None and known[value]:
                        break
                else:
                    continue
            if self._holds(element) and (inner is None or inner.holds(element)):
                yield element

    def _holds(self, element: HtmlElement) -> bool:
        """The condition's answer, by all attributes it asks for."""
        known, unions, get = self._known, self.unions, element.get
        key: tuple[Any, ...] = (*map(get, self.names), element.tag)
        if unions and get(unions[0]) is not None:
            key = (*key, *(name for name in element.keys() if name in unions))  # noqa: SIM118 - no mapping
        holds = known.get(key)
        if holds is None:
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            holds = known[key] = self.condition.holds(element)
        return holds


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
        if self._words or any("*" in part.tags and part.condition is ALWAYS for part in parts):
            raise _Unknown
        return parts[0] if len(parts) == 1 else self._together(parts)

    def _part(self) -> QuickPath:
        is_first, word = self._took("("), self._next()
        if not word.startswith(".//"):
            raise _Unknown
        tags: tuple[str, ...] = (word.removeprefix(".//"),)
        asked, inner = list[Condition](), list[Condition]()
        while self._took("["):
            if self._took("1"):
                is_first = True  # of each parent's: the first of all is the first of those
            elif named := self._tags():
                tags = named if tags == ("*",) and not asked else self._fail()
            else:
                self._asks_within = False
                condition = self._either()
                (inner if self._asks_within else asked).append(condition)
            self._take("]")
        if self._took(")"):
            for word in ("[", "1", "]"):
                self._take(word)
        within = conditions.both(inner) if inner else None
        return QuickPath(tags, conditions.both(asked), *self._asked(), within, is_first)

    def _together(self, parts: list[QuickPath]) -> QuickPath:
        """What any of them gives, in the order of the page."""
        if any(part.first or part.inner for part in parts):
            raise _Unknown
        tags = tuple(dict.fromkeys(tag for part in parts for tag in part.tags))
        return QuickPath(("*",) if "*" in tags else tags, _given_by_any(parts), *self._asked())

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

    def _either(self) -> Condition:
        sides = [self._both()]
        while self._took("or"):
            sides.append(self._both())
        return conditions.either(sides)

    def _both(self) -> Condition:
        sides = [self._one()]
        while self._took("and"):
            sides.append(self._one())
        return conditions.both(sides)

    def _one(self) -> Condition:
        word = self._next()
        if word == "(":
            return self._closed(self._either())
        if word.startswith("self::"):
            return conditions.called(word.removeprefix("self::"))
        if word.startswith(".//") and word != ".//*":
            self._asks_within = True
            return Condition(lambda element: element.find(word) is not None)
        if word.startswith("@"):
            name = self._named(word)
            return conditions.equal(name, self._literal()) if self._took("=") else conditions.present(name)
        if word not in {"not", "contains", "starts-with", "re:test"}:
            raise _Unknown
        self._take("(")
        if word == "not":
            return self._closed(conditions.absent(self._either()))
        return self._closed(self._about(word))

    def _about(self, function: str) -> Condition:
        source = self._source()
        self._take(",")
        literal = self._literal()
        if function == "contains":
            return conditions.about(source, lambda text: literal in text)
        if function == "starts-with":
            return conditions.about(source, lambda text: text.startswith(literal))
        flags = self._literal() if self._took(",") else ""
        search = re.compile(literal, re.IGNORECASE if "i" in flags else 0).search
        return conditions.about(source, lambda text: search(text) is not None)

    def _source(self) -> Source:
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
            text, plain = source.text, source.plain
            return Source(
                source.names,
                lambda element: text(element).translate(letters),
                lambda value: plain(value).translate(letters),
            )
        names = [self._named(word)]
        while self._took("|"):
            names.append(self._named(self._next()))
        if len(names) == 1:
            return Source((names[0],), lambda element: element.get(names[0]) or "")
        if self._unions and self._unions[0] != names[0]:
            raise _Unknown
        self._unions += names
        return Source(tuple(names), lambda element: next((v for name, v in element.items() if name in names), ""))

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

    def _closed(self, condition: Condition) -> Condition:
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
    return QuickPath(tags, _given_by_any(known), names, first=True)


def _given_by_any(paths: Sequence[QuickPath]) -> Condition:
    """That one of the paths may give the element; each asks for its own tags."""
    return conditions.either([_given_by(path) for path in paths])


def _given_by(path: QuickPath) -> Condition:
    hints, tags = path.condition.hints, path.condition.tags
    if hints is None and "*" not in path.tags:
        hints, tags = (), frozenset(path.tags)
    return Condition(path.may_give, hints, tags)


def _tags_of(path: QuickPath) -> tuple[str, ...]:
    return path.tags


def _names_of(path: QuickPath) -> tuple[str, ...]:
    return path.names
