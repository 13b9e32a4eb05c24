"""Full-text search over the current texts of articles.

Every text is stemmed by the configuration of its language, so what is searched for has to be stemmed the same way: it
is read in all of them at once, and those that read it alike are asked together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, cast, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG, TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.types import Double, Text

from storyfold.store.tables import Article, Cluster, Revision
from storyfold.store.tables.articles import SEARCH_CONFIGS

RANKED_AT_MOST = 2_000
"""Articles that are ranked, the newest that answer: ranking reads each one's whole index entry (0.1 ms)."""

_CONFIGS = sorted({"simple", *SEARCH_CONFIGS.values()})


@dataclass(frozen=True, slots=True)
class Reading:
    """A search as some configurations read it, in PostgreSQL's own notation."""

    query: str
    configs: tuple[str, ...]


def read_search(session: Session, q: str) -> list[Reading]:
    """What people type in a search box (quotes, ``or``, ``-``), as it is read for each language; empty where no
    language finds a word in it."""
    config = func.unnest(cast(_CONFIGS, ARRAY(Text))).column_valued("config")
    query = select(config, cast(func.websearch_to_tsquery(cast(config, REGCONFIG), q), Text))
    configs: dict[str, list[str]] = defaultdict(list)
    for name, reading in session.execute(query):
        if reading:
            configs[reading].append(name)
    return [Reading(reading, tuple(names)) for reading, names in configs.items()]


def answers(readings: Sequence[Reading]) -> ColumnElement[bool]:
    """Whether a revision answers the search, as the configuration of its language reads it."""
    return or_(false(), *(and_(Revision.search.op("@@")(_query(each)), _read_by(each)) for each in readings))


def ranked_stories(readings: Sequence[Reading]) -> Subquery:
    """(`story_id`, `rank`): how well the best article of each story answers, of the newest `RANKED_AT_MOST`."""
    newest = (
        select(Revision.article_id, Cluster.story_id, Revision.search, _own_query(readings).label("query"))
        .join(Article, (Article.id == Revision.article_id) & (Article.revision == Revision.revision))
        .join(Cluster, Cluster.id == Article.cluster_id)
        .where(answers(readings))
        .order_by(Revision.article_id.desc())
        .limit(RANKED_AT_MOST)
        .subquery("newest")
    )
    rank = func.max(cast(func.ts_rank(newest.c.search, newest.c.query), Double))
    return select(newest.c.story_id, rank.label("rank")).group_by(newest.c.story_id).subquery("ranked")


def _own_query(readings: Sequence[Reading]) -> ColumnElement[Any]:
    choices = [(_read_by(each), _query(each)) for each in readings]
    return case(*choices) if choices else cast(literal(""), TSQUERY)


def _query(reading: Reading) -> ColumnElement[Any]:
    return cast(literal(reading.query), TSQUERY)


def _read_by(reading: Reading) -> ColumnElement[bool]:
    return Revision.search_config.in_([cast(literal(name), REGCONFIG) for name in reading.configs])
