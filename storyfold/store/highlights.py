"""Highlights: where the texts of a page of stories answer a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from storyfold.store.searches import Search, answering
from storyfold.store.tables import Article, Cluster, Revision

# Of each text so many characters are looked through: what lies deeper is shown by its beginning.
LOOKED_THROUGH = 4_000

_BEGIN, _END = "\x01", "\x02"
_SIGNS = f'StartSel="{_BEGIN}", StopSel="{_END}"'
_TITLE = f"{_SIGNS}, HighlightAll=true"
_EXCERPT = f'{_SIGNS}, MaxFragments=2, MaxWords=28, MinWords=12, FragmentDelimiter=" … "'


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the parts of it that answer, `[start, end)` in characters."""

    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Highlight:
    """The article that answers for its story: its title, and one or two excerpts of its text with " … " between."""

    article_id: int
    title: Marked | None
    excerpt: Marked


def highlight_articles(session: Session, search: Search, best: Mapping[int, int]) -> dict[int, Highlight]:
    """Highlights by story; `best` is the article of each that answers best."""
    if not best:
        return {}
    query = select(*_shown(search)).select_from(Revision)
    query = query.join(Article, (Article.id == Revision.article_id) & (Article.revision == Revision.revision))
    found = {row.article_id: _highlight(row) for row in session.execute(query.where(Article.id.in_(best.values())))}
    return {story: found[article] for story, article in best.items() if article in found}


def highlight_stories(session: Session, search: Search, story_ids: Sequence[int]) -> dict[int, Highlight]:
    """The same where nobody ranked: the first article of each story that answers."""
    ids = bindparam("stories", list(story_ids), ARRAY(BigInteger))
    asked = func.unnest(ids).table_valued("id", name="asked").render_derived()
    first = answering(search).where(Cluster.story_id == asked.c.id).order_by(Article.id).limit(1).lateral("first")
    best = select(first.c.story_id, first.c.article_id).select_from(asked).join(first, true())
    found = {row.story_id: row.article_id for row in session.execute(best)} if story_ids else {}
    return highlight_articles(session, search, found)


def _shown(search: Search) -> list[Any]:
    config, query = Revision.search_config, search.own_query
    title = func.ts_headline(config, Revision.title, query, literal(_TITLE))
    excerpt = func.ts_headline(config, func.left(Revision.text, LOOKED_THROUGH), query, literal(_EXCERPT))
    return [Revision.article_id, title.label("title"), excerpt.label("excerpt")]


def _highlight(row: Any) -> Highlight:
    return Highlight(row.article_id, _marked(row.title) if row.title is not None else None, _marked(row.excerpt))


def _marked(headline: str) -> Marked:
    """Without the signs; a stray one of the text itself marks nothing."""
    text, marks, begun = "", [], None
    for place, part in enumerate(_split(headline)):
        if place and part[0] == _BEGIN:
            begun = len(text)
        elif place and begun is not None:
            marks.append((begun, len(text)))
            begun = None
        text += part[1:] if place else part
    return Marked(text, tuple(marks))


def _split(headline: str) -> list[str]:
    """What stands before the first sign, then each sign with what follows it."""
    first, *rest = headline.replace(_BEGIN, "\x00" + _BEGIN).replace(_END, "\x00" + _END).split("\x00")
    return [first, *rest]
