"""Takedown: an article goes for good, and what was tied to it is tied to what is left.

Ties are trees: each article of a cluster is tied to another of it, but for the one that opened it. What was tied to the
article that goes is tied to what that one was tied to. Where it had opened the cluster, the first that was tied to it
opens the cluster now, and stands to other clusters as it did where an earlier article is left for that; the rest is
tied to the nearest of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.errors import BadInput, NotFound
from storyfold.matching.relation import SYNDICATED, Judgement, Relation
from storyfold.stages.wording import background, nearest, tied
from storyfold.store import deliveries, folding, takedowns, ties
from storyfold.store.articles import get_article
from storyfold.store.takedowns import Erased
from storyfold.store.texts import FoldText, texts_of_articles
from storyfold.store.ties import Standing, Tie
from storyfold.web.urls import canonicalize, source_of

COMPARED = 8
"""Articles that an orphan is compared with, at most."""

COMPARED_ORPHANS = 100
"""Orphans that are compared at all: folding waits meanwhile. Those beyond are tied to the first, as they were."""


def take_down(session: Session, article_id: int, now: datetime) -> Erased:
    """Erase an article, in a transaction of its own that begins here. -> what it was.

    Raises:
        NotFound: there is no such article.
        Gone: it was taken down before.
    """
    folding.lock_folding(session)
    erased = takedowns.erase_article(session, article_id, _own_address(session, article_id), now)
    inside = [erased.matched_id] if erased.matched_id and erased.relation in SYNDICATED else []
    for number, orphan in enumerate(ties.standings(session, erased.orphans)):
        if orphan.cluster_id != erased.cluster_id:
            tie = _elsewhere(session, orphan)
        elif not inside:
            tie = _opener(session, orphan, erased)
        elif number < COMPARED_ORPHANS:
            tie = _beside(session, orphan, inside[:COMPARED])
        else:
            tie = Tie(orphan.id, orphan.relation, inside[0], orphan.score)
        if orphan.cluster_id == erased.cluster_id and erased.matched_id not in inside:
            inside.append(orphan.id)
        ties.write_tie(session, tie, background().version, now)
    told = deliveries.telling_of(session, erased.story_id) if erased.story_id is not None else []
    takedowns.close_ranks(session, erased, now)
    deliveries.retell(session, told)
    return erased


def _own_address(session: Session, article_id: int) -> str | None:
    """The URL that the page named as its own, where it is one of the article's source."""
    try:
        article = get_article(session, article_id).article
        own = canonicalize(article.canonical_url).url if article.canonical_url else None
    except (BadInput, NotFound):
        return None  # a page may name anything; what is not there has no address
    return own if own and article.url and source_of(own) == source_of(article.url) else None


def _opener(session: Session, orphan: Standing, erased: Erased) -> Tie:
    """The first of those that are left, in place of the one that went."""
    if erased.relation == Relation.SAME_EVENT:
        return _same_event(session, orphan, erased.score)
    return Tie(orphan.id, Relation.NEW, None, None)


def _elsewhere(session: Session, orphan: Standing) -> Tie:
    """Of another cluster: it may still tell the event of those that are left; if not, it stands for itself."""
    if orphan.relation == Relation.SAME_EVENT:
        return _same_event(session, orphan, orphan.score)
    return Tie(orphan.id, Relation.NEW, None, None)


def _same_event(session: Session, orphan: Standing, score: float | None) -> Tie:
    """To the nearest of the earlier heads of the story's other clusters."""
    heads = ties.other_heads(session, orphan, COMPARED)
    found = _compared(session, orphan.id, heads)
    if found is None:
        return Tie(orphan.id, Relation.NEW, None, None)
    mine, theirs, judgement = found
    return tied(mine, theirs, judgement, Relation.SAME_EVENT, score if score is not None else judgement.score)


def _beside(session: Session, orphan: Standing, members: Sequence[int]) -> Tie:
    found = _compared(session, orphan.id, members)
    if found is None:
        return Tie(orphan.id, orphan.relation, members[0], orphan.score)
    mine, theirs, judgement = found
    relation = judgement.relation if judgement.relation in SYNDICATED else Relation(orphan.relation)
    return tied(mine, theirs, judgement, relation, judgement.score)


def _compared(session: Session, article_id: int, others: Sequence[int]) -> tuple[FoldText, FoldText, Judgement] | None:
    texts = texts_of_articles(session, {article_id, *others})
    mine: FoldText = texts[article_id]
    found = nearest(mine, [texts[id] for id in others if id in texts])
    return (mine, *found) if found else None
