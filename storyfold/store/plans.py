"""Query plans: made afresh each time, as is the default of `store.engine`, or kept, for what a fold asks.

Planning takes PostgreSQL longer than what a single fold asks. A plan that is kept, though, is as good as what was known
when it was made: one from when the tables were small, or were not yet counted, takes seconds where milliseconds would
do. So plans are kept only once the tables are so large, and counted, that looking up by key is the plan for good; as
they grow on, every new count by autovacuum throws the kept plans away.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

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
