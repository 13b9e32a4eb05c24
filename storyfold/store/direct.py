"""Statements that are asked for every article: constants, handed to the driver without a detour.

SQLAlchemy makes a context, a cursor and a result for each execution, and psycopg looks for the places of parameters in
each long statement anew: .06 to .25 ms of processor time, of which a dozen for each article add up to a tenth of all
that folding it takes. What is asked here is within the session's own transaction, on its connection, and fails as
anything else does: with SQLAlchemy's errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import psycopg
from psycopg import RawCursor
from psycopg.rows import namedtuple_row, tuple_row
from sqlalchemy import ClauseElement, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

Answer = list[tuple[Any, ...]]

_NAMED = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_COMPILED = re.compile(r"%\((\w+)\)s|%%")
_DIALECT = make_url("postgresql+psycopg://").get_dialect()()


class Statement:
    """A constant statement. In text, `:name` stands for a parameter; one made with SQLAlchemy is taken as it is.

    It is not for what SQLAlchemy translates on the way: of what is asked, JSON (see `psycopg.types.json.Jsonb`); of
    what is answered, objects. `binary`: the answer is mostly bytes, which would take twice as many as text. `named`:
    its rows have the names of their columns.
    """

    __slots__ = ("_binary", "_bound", "_factory", "_names", "_sql", "sql")

    def __init__(self, statement: str | ClauseElement, *, binary: bool = False, named: bool = False) -> None:
        self.sql, self._bound = (statement, {}) if isinstance(statement, str) else _compiled(statement)
        self._binary = binary
        self._factory: Any = namedtuple_row if named else tuple_row
        numbers: dict[str, int] = {}

        def place(match: re.Match[str]) -> str:
            return f"${numbers.setdefault(match[1], len(numbers) + 1)}" if match[1] else "%"

        pattern = _NAMED if isinstance(statement, str) else _COMPILED
        self._sql = pattern.sub(place, self.sql).encode()
        self._names = tuple(numbers)

    def rows(self, session: Session, values: Mapping[str, Any]) -> Answer:
        """All that it answers: no rows, too, where it answers nothing. Raises what SQLAlchemy raises for it."""
        connection = _connection(session)
        driver: Any = connection.connection.driver_connection
        cursor = RawCursor(driver, row_factory=self._factory)
        try:
            given = {**self._bound, **values} if self._bound else values
            cursor.execute(self._sql, [given[name] for name in self._names], binary=self._binary)
            # `cursor.description` would tell too, and makes an object of each column for it
            return cursor.fetchall() if cursor.rownumber is not None else []
        except psycopg.Error as error:
            if driver.closed:
                connection.invalidate(error)
            raise DBAPIError.instance(
                self.sql, dict(values), error, psycopg.Error, connection_invalidated=driver.closed
            ) from error
        except BaseException as error:
            if not isinstance(error, Exception):  # told to stop amid a statement: a rollback would have to wait for it
                connection.invalidate(error)
            raise

    def row(self, session: Session, values: Mapping[str, Any]) -> Any:
        """The one row that it answers."""
        (only,) = self.rows(session, values)
        return only

    def any_row(self, session: Session, values: Mapping[str, Any]) -> Any:
        """The one row that it answers, or None where it answers none."""
        rows = self.rows(session, values)
        return rows[0] if rows else None


def _connection(session: Session) -> Connection:
    """The one that its transaction has begun on. A session goes through all its states before it says so, each time."""
    begun = session.get_transaction()
    known = None if begun is None else _BEGUN.get(begun)
    if known is not None:
        return known
    connection = session.connection()
    if (begun := session.get_transaction()) is not None:
        _BEGUN[begun] = connection
    return connection


_BEGUN: WeakKeyDictionary[SessionTransaction, Connection] = WeakKeyDictionary()


def _compiled(statement: ClauseElement) -> tuple[str, dict[str, Any]]:
    """Its text, and the values that stand in it already."""
    compiled = cast("SQLCompiler", statement.compile(dialect=_DIALECT))
    bound = {name: one.effective_value for name, one in compiled.binds.items() if not one.required}
    return str(compiled), bound
