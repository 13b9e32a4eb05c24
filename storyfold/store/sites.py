"""What is known of a site's lines: kept for each article, learned from now and then, read with every page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.articles.template import WINDOW, SeenArticle, Sighting, SiteTemplate
from storyfold.store.direct import Statement
from storyfold.store.tables import SiteLines, SiteTemplateRow

# Learning compares every article of the window with every other. It is done again when the window has grown by a
# tenth, and at least by three articles: fewer than three can teach nothing new.
RELEARN_SHARE = 0.1
RELEARN_LEAST = 3


@dataclass(frozen=True, slots=True)
class SiteKnowledge:
    """The template in force, and the history to learn a new one from where that is due (newest first, else empty)."""

    site: str
    template: SiteTemplate
    articles: int
    history: tuple[SeenArticle, ...] = ()


def site_knowledge(session: Session, site: str) -> SiteKnowledge:
    """What is known of a site; an unknown one has an empty template."""
    return knowledge_of(session, site, _KNOWN.row(session, {"site": site}))


def knowledge_of(session: Session, site: str, row: Any) -> SiteKnowledge:
    """The same from a row with the columns `KNOWN`; the history is read where it is due."""
    articles = row.learned_from + row.since
    template = SiteTemplate(frozenset(row.at_edges), frozenset(row.anywhere), frozenset(row.good))
    due = row.since >= max(RELEARN_LEAST, RELEARN_SHARE * min(row.learned_from, WINDOW))
    return SiteKnowledge(site, template, articles, _history(session, site) if due else ())


# What is known of the site `held.host`, where `learned` is its template, if any. Of a site with any number of articles
# only those are counted that came since it was learned.
KNOWN = """
    coalesce(learned.articles, 0) AS learned_from, coalesce(learned.at_edges, '{}') AS at_edges,
    coalesce(learned.anywhere, '{}') AS anywhere,
    (SELECT count(*) FROM site_lines WHERE site = held.host AND article_id > coalesce(learned.newest_id, 0)) AS since,
    ARRAY(SELECT line_hash FROM good_lines WHERE good_lines.site = held.host) AS good
"""
_KNOWN = Statement(
    f"""
    SELECT {KNOWN} FROM (VALUES (CAST(:site AS text))) AS held (host)
    LEFT JOIN site_templates AS learned ON learned.site = held.host
    """,  # noqa: S608 - names of ours
    named=True,
)


@dataclass(frozen=True, slots=True)
class KeptLines:
    """The lines of an article of a site, as they are remembered."""

    site: str
    seen: SeenArticle


def keep_lines(session: Session, article_id: int, lines: KeptLines) -> None:
    """Remember the lines of an article; those of an earlier revision are forgotten."""
    session.connection().execute(_KEEP_LINES, {"article_id": article_id, **values_of(lines)})


def values_of(lines: KeptLines | None) -> dict[str, object]:
    """Lines as `given` takes them; nothing but nulls where there are none to be remembered."""
    if lines is None:
        return dict.fromkeys(KEPT)
    sightings = lines.seen.sightings
    return {
        "site": lines.site,
        "day": lines.seen.day,
        "hashes": _written(sighting.line_hash for sighting in sightings),
        "positions": _written(sighting.position for sighting in sightings),
        "lengths": _written(sighting.length for sighting in sightings),
    }


def _written(numbers: Iterable[float]) -> str:
    """An array as PostgreSQL reads it: to have psycopg write each of its numbers takes ten times as long."""
    return f"{{{','.join(map(str, numbers))}}}"


def given(name: str, prefix: str = "") -> ColumnElement[Any]:
    """One of the columns `KEPT`, where the parameter `prefix` and its name has its value as `values_of` gives it."""
    kind = SiteLines.__table__.c[name].type
    if isinstance(kind, ARRAY):
        return cast(bindparam(f"{prefix}{name}", type_=Text), kind)
    return bindparam(f"{prefix}{name}", type_=kind)


KEPT = ("site", "day", "hashes", "positions", "lengths")
_NEW_LINES = insert(SiteLines).values(
    {"article_id": bindparam("article_id", type_=BigInteger), **{name: given(name) for name in KEPT}}
)
_KEEP_LINES = _NEW_LINES.on_conflict_do_update(
    index_elements=["article_id"], set_={name: _NEW_LINES.excluded[name] for name in KEPT}
)


def keep_template(session: Session, site: str, template: SiteTemplate, articles: int, now: datetime) -> None:
    """Put a newly learned template in force."""
    newest = select(func.coalesce(func.max(SiteLines.article_id), 0)).where(SiteLines.site == site).scalar_subquery()
    values: dict[str, Any] = {
        "newest_id": newest,
        "articles": articles,
        "at_edges": sorted(template.at_edges),
        "anywhere": sorted(template.anywhere),
        "learned_at": now,
    }
    statement = insert(SiteTemplateRow).values(site=site, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["site"], set_=values))


def _history(session: Session, site: str) -> tuple[SeenArticle, ...]:
    query = select(SiteLines).where(SiteLines.site == site).order_by(SiteLines.article_id.desc()).limit(WINDOW)
    return tuple(_seen(row.day, row) for row in session.scalars(query))


def _seen(day: date | None, row: SiteLines) -> SeenArticle:
    lines = zip(row.hashes, row.positions, row.lengths, strict=True)
    return SeenArticle(day, tuple(Sighting(*line) for line in lines))
