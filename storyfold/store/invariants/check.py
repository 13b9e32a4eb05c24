"""Looking whether the rules hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from storyfold.store.invariants.rule import Rule

SHOWN = 10
"""How many ids of what breaks a rule are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken: how often, and by whom first."""

    rule: Rule
    count: int
    ids: tuple[int, ...]


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the store and keeps nobody waiting.

    Whole tables are read over it: what bounds the statements of a service does not bound these.
    """
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        yield connection


def check(connection: Connection, rules: Sequence[Rule], now: datetime) -> Iterator[Finding | None]:
    """What was found of each rule, in their order."""
    for rule in rules:
        query = text(_COUNTED.format(broken=rule.broken)).bindparams(shown=SHOWN)
        given = {"now": now} if ":now" in rule.broken else {}
        count, ids = connection.execute(query, given).one()
        yield Finding(rule, count, tuple(ids)) if count else None


def size(connection: Connection) -> str:
    """How much there is, in words."""
    return str(connection.scalar(text(_SIZE)))


_COUNTED = """
WITH broken AS MATERIALIZED ({broken})
SELECT (SELECT count(*) FROM broken), ARRAY(SELECT id FROM broken ORDER BY id LIMIT :shown)
"""

_SIZE = """
SELECT (SELECT count(*) FROM links) || ' links, ' || (SELECT count(*) FROM articles WHERE cluster_id IS NOT NULL)
    || ' folded articles, ' || (SELECT count(*) FROM clusters) || ' clusters, '
    || (SELECT count(*) FROM stories WHERE merged_into IS NULL) || ' stories, '
    || (SELECT count(*) FROM changes) || ' changes'
"""
