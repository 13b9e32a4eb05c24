"""Many rows into a table with one statement: column by column, as text, which costs next to nothing to make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

from sqlalchemy.orm import Session

from storyfold.store.direct import Statement


@dataclass(frozen=True, slots=True)
class Part:
    """A statement that writes, as part of a larger one: `name` is its own among them, `values` are its parameters."""

    name: str
    sql: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`type_`: the column's type in PostgreSQL. `sent`: all its values, as an array of `sent_as`, written as text; of
    a column of bytes it says where each stands in `joined`."""

    type_: str
    sent_as: str
    sent: str
    joined: bytes | None = None


def numbers(type_: str, values: Iterable[float | None]) -> Column:
    """A column of numbers; None is null."""
    return Column(type_, type_, f"{{{','.join('NULL' if v is None else str(v) for v in values)}}}")


def strings(values: Iterable[str | None], type_: str = "text") -> Column:
    """A column of text, or of what is written as text; None is null."""
    return Column(type_, "text", _quoted(values))


def lists(type_: str, values: Iterable[Iterable[int]]) -> Column:
    """A column of arrays of whole numbers."""
    return Column(f"{type_}[]", "text", _quoted(f"{{{','.join(map(str, value))}}}" for value in values))


def blobs(values: Iterable[bytes]) -> Column:
    """A column of bytes: sent as they are, end to end, as text would be twice as much to make, to read and to send."""
    parts = list(values)
    ends = list(accumulate(map(len, parts)))
    places = (((end - len(part)) << _LENGTH_BITS) | len(part) for part, end in zip(parts, ends, strict=True))
    return Column("bytea", "bigint", array(places), b"".join(parts))


def blob(joined: str, place: str) -> str:
    """The value at a place of `blobs`, in SQL."""
    start, length = f"({place} >> {_LENGTH_BITS}) + 1", f"{place} & {(1 << _LENGTH_BITS) - 1}"
    return f"substring(CAST({joined} AS bytea) FROM CAST({start} AS integer) FOR CAST({length} AS integer))"


_LENGTH_BITS = 31  # no value of PostgreSQL's is longer


def array(ids: Iterable[int]) -> str:
    """A list of ids as PostgreSQL reads it: one text is quicker made than a value for each.

    To be sent without a type, for `CAST(:ids AS bigint[])`: the planner must see a list and no text to be read.
    """
    return f"{{{','.join(map(str, ids))}}}"


def _quoted(values: Iterable[str | None]) -> str:
    """An array as PostgreSQL reads it. As text whatever is in it, so that one prepared statement serves for all."""
    return f"{{{','.join('NULL' if value is None else _escaped(value) for value in values)}}}"


def _escaped(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def insert_columns(
    session: Session,
    table: str,
    columns: Mapping[str, Column],
    same: Mapping[str, Any] | None = None,
    *,
    keep: bool = False,
) -> None:
    """Insert rows: `columns` have a value for each, `same` are the values that all of them have. No rows is no work.

    Where a row with the same key is there already, it is an error, unless it is to be kept.
    """
    if not _none(columns):
        made = insertion(table, columns, same, keep=keep)
        _constant(made.sql).rows(session, made.values)


def append_columns(
    session: Session, table: str, number: str, columns: Mapping[str, Column], same: Mapping[str, Any]
) -> list[int]:
    """Insert rows as `insert_columns` does, numbered in the column `number` from the greatest there is on, in order.

    -> their numbers. The caller holds the lock under which alone the table is written.
    """
    if _none(columns):
        return []
    made = insertion(table, columns, same, number=number)
    return sorted(number for (number,) in _constant(made.sql).rows(session, made.values))


def insertion(
    table: str,
    columns: Mapping[str, Column],
    same: Mapping[str, Any] | None = None,
    *,
    keep: bool = False,
    number: str | None = None,
) -> Part:
    """What `insert_columns` does, or with a `number` what `append_columns` does, to be written along with others.

    Named by the table. It is one statement whatever there is to insert, also where that is nothing.
    """
    kinds = tuple((name, column.type_, column.sent_as) for name, column in columns.items())
    values: dict[str, Any] = {f"{table}_{name}": column.sent for name, column in columns.items()}
    values |= {f"{table}_{name}_joined": c.joined for name, c in columns.items() if c.joined is not None}
    others = {f"{table}_{name}": value for name, value in (same or {}).items()}
    return Part(table, _statement(table, kinds, tuple(same or ()), keep, number), values | others)


def write_together(session: Session, parts: Sequence[Part], answer: str = "SELECT true") -> list[Any]:
    """Write what each of the `parts` does, in one statement. -> what `answer` selects of what they return, a column.

    They see the database as it was before all of them; foreign keys are checked after all of them.
    """
    statement = _joined(tuple((part.name, part.sql) for part in parts), answer)
    return [one for (one,) in statement.rows(session, {name: v for part in parts for name, v in part.values.items()})]


def _none(columns: Mapping[str, Column]) -> bool:
    return all(column.sent == "{}" for column in columns.values())


@lru_cache(maxsize=64)
def _constant(sql: str) -> Statement:
    return Statement(sql)


@lru_cache(maxsize=16)
def _joined(parts: Sequence[tuple[str, str]], answer: str) -> Statement:
    written = ", ".join(f"{name}_written AS ({sql})" for name, sql in parts)
    return Statement(f"WITH {written} {answer}")


@lru_cache(maxsize=64)
def _statement(
    table: str, kinds: Sequence[tuple[str, str, str]], same: Sequence[str], keep: bool, number: str | None = None
) -> str:
    """Names are those of the schema, never of what came in from outside."""
    into = [*(name for name, _, _ in kinds), *same]
    chosen = [_chosen(table, name, type_) for name, type_, _ in kinds] + [f":{table}_{name}" for name in same]
    sent = ", ".join(f"CAST(:{table}_{name} AS {sent_as}[])" for name, _, sent_as in kinds)
    names = ", ".join(name for name, _, _ in kinds)
    rows = f"unnest({sent}) AS sent({names})"
    then = " ON CONFLICT DO NOTHING" if keep else ""
    if number is not None:
        into.append(number)
        chosen.append(f"sent.place + (SELECT coalesce(max({number}), 0) FROM {table})")  # noqa: S608
        rows = f"unnest({sent}) WITH ORDINALITY AS sent({names}, place)"
        then = f" RETURNING {number}"
    return f"INSERT INTO {table} ({', '.join(into)}) SELECT {', '.join(chosen)} FROM {rows}{then}"  # noqa: S608


def _chosen(table: str, name: str, type_: str) -> str:
    return blob(f":{table}_{name}_joined", f"sent.{name}") if type_ == "bytea" else f"CAST(sent.{name} AS {type_})"
