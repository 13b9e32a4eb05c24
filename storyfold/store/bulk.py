"""Many rows into a table with one statement: column by column, numbers as text, which costs next to nothing to make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Column:
    """`type_`: the column's type in PostgreSQL. `sent`: all its values, as an array of `sent_as`."""

    type_: str
    sent_as: str
    sent: str | list[Any]


def numbers(type_: str, values: Iterable[float | None]) -> Column:
    """A column of numbers; None is null."""
    return Column(type_, type_, f"{{{','.join('NULL' if v is None else str(v) for v in values)}}}")


def strings(values: Iterable[str], type_: str = "text") -> Column:
    """A column of text, or of what is written as text."""
    return Column(type_, "text", list(values))


def lists(type_: str, values: Iterable[Iterable[int]]) -> Column:
    """A column of arrays of whole numbers."""
    return Column(f"{type_}[]", "text", [f"{{{','.join(map(str, value))}}}" for value in values])


def blobs(values: Iterable[bytes]) -> Column:
    """A column of bytes."""
    return Column("bytea", "bytea", list(values))


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
    if _none(columns):
        return
    kinds = tuple((name, column.type_, column.sent_as) for name, column in columns.items())
    values = {name: column.sent for name, column in columns.items()}
    session.connection().execute(_statement(table, kinds, tuple(same or ()), keep), values | dict(same or {}))


def append_columns(
    session: Session, table: str, number: str, columns: Mapping[str, Column], same: Mapping[str, Any]
) -> list[int]:
    """Insert rows as `insert_columns` does, numbered in the column `number` from the greatest there is on, in order.

    -> their numbers. The caller holds the lock under which alone the table is written.
    """
    if _none(columns):
        return []
    kinds = tuple((name, column.type_, column.sent_as) for name, column in columns.items())
    values = {name: column.sent for name, column in columns.items()}
    numbered = session.connection().scalars(
        _statement(table, kinds, tuple(same), keep=False, number=number), values | dict(same)
    )
    return sorted(numbered)


def _none(columns: Mapping[str, Column]) -> bool:
    return all(column.sent in ("{}", []) for column in columns.values())


@lru_cache(maxsize=64)
def _statement(
    table: str, kinds: Sequence[tuple[str, str, str]], same: Sequence[str], keep: bool, number: str | None = None
) -> TextClause:
    """Names are those of the schema, never of what came in from outside."""
    into = [*(name for name, _, _ in kinds), *same]
    chosen = [*(f"CAST(sent.{name} AS {type_})" for name, type_, _ in kinds), *(f":{name}" for name in same)]
    sent = ", ".join(f"CAST(:{name} AS {sent_as}[])" for name, _, sent_as in kinds)
    names = ", ".join(name for name, _, _ in kinds)
    rows = f"unnest({sent}) AS sent({names})"
    then = " ON CONFLICT DO NOTHING" if keep else ""
    if number is not None:
        into.append(number)
        chosen.append(f"sent.place + (SELECT coalesce(max({number}), 0) FROM {table})")  # noqa: S608
        rows = f"unnest({sent}) WITH ORDINALITY AS sent({names}, place)"
        then = f" RETURNING {number}"
    return text(f"INSERT INTO {table} ({', '.join(into)}) SELECT {', '.join(chosen)} FROM {rows}{then}")  # noqa: S608
