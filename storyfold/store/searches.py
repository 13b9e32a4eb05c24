"""Full-text search over the current texts of articles.

Every text is stemmed by the configuration of its language, so what is searched for has to be stemmed the same way: it
is read by all of them at once. Each text is marked with its configuration, and so is each reading: together they are
one query, which one scan of the index answers without a look at any text.

What costs is reading texts: their index entries to rank them (`RANKED_AT_MOST`), themselves to show where they answer
(only those of the page that is shown, see `highlights`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, OID, REGCONFIG, TSQUERY, aggregate_order_by
from sqlalchemy.orm import Session
from sqlalchemy.types import Double, Text

from storyfold.store.tables import Article, Cluster, Revision, Story
from storyfold.store.tables.articles import CONFIGS, search_mark

RANKED_AT_MOST = 1_000
"""Texts that are ranked, the newest that answer."""

COMMON = 2_000
"""Texts that answer, from which on a list is faster made by going through the stories than by collecting them all."""

KEEP_TO_INDEXES = func.set_config("enable_seqscan", "off", True)
"""Selected first in a transaction. PostgreSQL takes looking into a text for as cheap as looking at a number, and goes
through all of them, since their rows are so short; a text is read from elsewhere and unpacked for that."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A search as some configurations read it, in PostgreSQL's own notation.

    `oids` are the numbers of the configurations in this database: to compare a text's with their names would be to look
    the names up for every text.
    """

    query: str
    configs: tuple[str, ...]
    oids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """A search as it is read for each language. No readings: no language finds a word in it to look for."""

    readings: tuple[Reading, ...]

    @property
    def query(self) -> ColumnElement[Any]:
        """All readings as one query, for `Revision.search`.

        A word as another language reads it stands in no text by accident, so that only absence needs the marks: what
        another language would call it is absent from every text.
        """
        excludes = any("!" in reading.query for reading in self.readings)
        written = [_marked(reading) if excludes else f"( {reading.query} )" for reading in self.readings]
        return cast(literal(" | ".join(written)), TSQUERY)

    @property
    def own_query(self) -> ColumnElement[Any]:
        """The reading of a revision's own language, for everything that knows no marks."""
        choices = [(_read_by(each), cast(literal(each.query), TSQUERY)) for each in self.readings]
        return case(*choices) if choices else cast(literal(""), TSQUERY)

    @property
    def answers(self) -> ColumnElement[bool]:
        """Whether a revision answers."""
        return Revision.search.op("@@")(self.query)


def read_search(session: Session, q: str) -> Search:
    """What people type in a search box (quotes, ``or``, ``-``), as it is read for each language.

    A reading that asks only for what is not there is left out: nearly every text there is would answer it. From here on
    the session's transaction keeps to indexes (see `KEEP_TO_INDEXES`).
    """
    config = func.unnest(cast(list(CONFIGS), ARRAY(Text))).column_valued("config")
    query = func.websearch_to_tsquery(cast(config, REGCONFIG), q)
    oid = cast(cast(config, REGCONFIG), OID)
    configs: dict[str, list[tuple[str, int]]] = defaultdict(list)
    columns: list[Any] = [config, oid, cast(query, Text), func.querytree(query), KEEP_TO_INDEXES]
    for name, number, reading, to_look_for, _ in session.execute(select(*columns)):
        if to_look_for not in ("", "T"):
            configs[reading].append((name, number))
    return Search(tuple(Reading(reading, *zip(*found, strict=True)) for reading, found in configs.items()))


def is_common(session: Session, search: Search) -> bool:
    """Whether more than `COMMON` texts answer."""
    some = select(literal(1)).select_from(Revision).where(search.answers).limit(COMMON + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > COMMON


def answering(search: Search) -> Select[Any]:
    """(`article_id`, `story_id`) of every article whose current text answers."""
    columns: list[Any] = [Revision.article_id, Cluster.story_id]
    return _in_stories(select(*columns).select_from(Revision)).where(search.answers)


def ranked_stories(search: Search, conditions: list[ColumnElement[bool]]) -> Subquery:
    """(`story_id`, `rank`, `article_id`): how well the best article of each story answers.

    Ranked are the newest `RANKED_AT_MOST` that answer, of those stories that meet the conditions. (The order is by an
    expression, or PostgreSQL would go through all texts from the newest on in the hope of meeting enough that answer.)
    """
    columns: list[Any] = [Revision.article_id, Revision.revision, Revision.search_lead, search.own_query.label("query")]
    newest: Select[Any] = (
        select(*columns).where(search.answers).order_by((Revision.article_id + 0).desc()).limit(RANKED_AT_MOST)
    )
    if conditions:
        newest = _in_stories(newest).join(Story, Story.id == Cluster.story_id).where(*conditions)
    found = newest.subquery("newest")
    rank = cast(func.ts_rank(found.c.search_lead, found.c.query), Double)
    best = func.array_agg(aggregate_order_by(found.c.article_id, rank.desc(), found.c.article_id))
    query = (
        select(Cluster.story_id, func.max(rank).label("rank"), best[1].label("article_id"))
        .select_from(found)
        .join(Article, (Article.id == found.c.article_id) & (Article.revision == found.c.revision))
        .join(Cluster, Cluster.id == Article.cluster_id)
    )
    return query.group_by(Cluster.story_id).subquery("ranked")


def _in_stories(query: Select[Any]) -> Select[Any]:
    return query.join(Article, (Article.id == Revision.article_id) & (Article.revision == Revision.revision)).join(
        Cluster, Cluster.id == Article.cluster_id
    )


def _marked(reading: Reading) -> str:
    marks = " | ".join(f"'{search_mark(name)}'" for name in reading.configs)
    return f"( {reading.query} ) & ( {marks} )"


def _read_by(reading: Reading) -> ColumnElement[bool]:
    return cast(Revision.search_config, OID) == func.any(cast(literal(list(reading.oids), ARRAY(OID)), ARRAY(OID)))
