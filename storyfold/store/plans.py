"""Query plans: made afresh each time, as is the default of `store.engine`, or kept: long for what a fold asks, a few
seconds for what is asked of every page.

Planning takes PostgreSQL longer than what a single fold asks. A plan that is kept, though, is as good as what was known
when it was made: one from when the tables were small, or were not yet counted, takes seconds where milliseconds would
do. So plans are kept only once the tables are so large, and counted, that looking up by key is the plan for good; as
they grow on, every new count by autovacuum throws the kept plans away.

Fetching and digesting ask so little that planning it is a quarter of the work, from the first page on; and each
statement is about one link, by its key. Those plans are kept for `LAST` seconds: long enough to be made for one page of
a hundred, and so short that one made for a table that has grown meanwhile does no harm: it reads some thousand rows
instead of one, for that long.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

LAST = 5.0
"""Seconds for which a plan may be kept of what is asked through `kept_a_while`."""

_KEPT_A_WHILE = "storyfold_kept_a_while"
_KEEPS, _SINCE = "storyfold.keeps_plans", "storyfold.plans_since"


def kept_a_while(engine: Engine) -> Engine:
    """The same engine, with the same connections, for work that asks the same for every page, by key. PostgreSQL keeps
    a plan where that costs no more than plans made afresh did (`plan_cache_mode` of auto), and not for long."""
    event.listen(engine, "engine_connect", _plan_as_asked)
    return engine.execution_options(**{_KEPT_A_WHILE: True})


def _plan_as_asked(connection: Connection) -> None:
    """What a connection did before, for other work, decides nothing; a change is committed before there is any work."""
    keeps, info, now = _KEPT_A_WHILE in connection.get_execution_options(), connection.info, time.monotonic()
    is_old = keeps and now > info.get(_SINCE, 0.0) + LAST
    if not is_old and keeps == info.get(_KEEPS, False):
        return
    if is_old:
        connection.exec_driver_sql("DISCARD PLANS")
    connection.exec_driver_sql(f"SET plan_cache_mode = {'auto' if keeps else AFRESH}")
    connection.commit()
    info.update({_KEEPS: keeps, _SINCE: now if is_old else info.get(_SINCE, 0.0)})


AFRESH = "force_custom_plan"
"""The `plan_cache_mode` of a connection, but where something else is asked for."""

# The fewest rows of a table, as PostgreSQL last counted them, for plans to be kept: beyond it a scan of the whole is
# no match for a look-up of a few rows.
COUNTED = 1000

KNOWN_LARGE = "storyfold.tables_are_large"
"""In a connection's `info`: whether its tables were found large enough."""


def keep(session: Session) -> None:
    """Keep the plans of what is asked in the rest of this transaction, if the tables of a fold are large enough.

    For statements that look up by key what a batch is about, never for those that go through whole tables.
    """
    if worth_keeping(session):
        session.connection().execute(_KEEP)


def worth_keeping(session: Session) -> bool:
    """Whether the tables of a fold are large enough. Once they are, a connection does not ask again."""
    connection = session.connection()
    if not connection.info.get(KNOWN_LARGE):
        connection.info[KNOWN_LARGE] = bool(connection.scalar(_LARGE, {"counted": COUNTED}))
    return bool(connection.info[KNOWN_LARGE])


KEPT = "set_config('plan_cache_mode', 'force_generic_plan', true)"
"""What `keep` does, in SQL: for a statement that asks for something else as well."""

_KEEP = text(f"SELECT {KEPT}")
_LARGE = text(
    """
    SELECT min(reltuples) >= :counted FROM pg_class WHERE oid IN (
        'links'::regclass, 'articles'::regclass, 'revisions'::regclass, 'fingerprints'::regclass,
        'posting_blocks'::regclass, 'bonds'::regclass, 'clusters'::regclass
    )
    """
)
