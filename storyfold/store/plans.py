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

_KEPT = "storyfold.plans_kept"


def keep(session: Session) -> None:
    """Keep the plans of what is asked in the rest of this transaction, if the tables of a fold are large enough.

    For statements that look up by key what a batch is about, never for those that go through whole tables.
    """
    connection = session.connection()
    large = connection.info.get(_KEPT) or connection.scalar(_LARGE, {"counted": COUNTED})
    if large:
        connection.info[_KEPT] = True
        connection.execute(_KEEP)


_KEEP = text("SET LOCAL plan_cache_mode = force_generic_plan")
_LARGE = text(
    """
    SELECT min(reltuples) >= :counted FROM pg_class WHERE oid IN (
        'links'::regclass, 'articles'::regclass, 'revisions'::regclass, 'fingerprints'::regclass,
        'article_terms'::regclass, 'bonds'::regclass, 'clusters'::regclass
    )
    """
)
