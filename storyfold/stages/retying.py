"""Ties after stories were put together afresh: a report is tied to what is beside it in its story now.

That is one whose match went to another story, and one that opened a story of which others had told before, as is seen
once the two are one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from storyfold.matching.assign import Candidate
from storyfold.matching.event import probability
from storyfold.matching.evidence import evidence_of
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Relation, judge_all
from storyfold.matching.story import FAR
from storyfold.matching.story_links import LinkTable
from storyfold.store import texts, ties
from storyfold.store.candidates import Loader
from storyfold.store.texts import FoldText
from storyfold.store.ties import Astray, Tie


class Match(NamedTuple):
    """The article that a report is to be tied to; `score` is None where nobody knows the links."""

    id: int
    score: float | None


def tie_again(
    session: Session,
    parted: Collection[int],
    idf: Idf,
    loader: Loader,
    now: datetime,
    *,
    joined: Collection[int] = (),
    links: LinkTable | None = None,
) -> None:
    """Tie anew what stories that were put together afresh have left astray. The caller holds the fold lock.

    `parted`: clusters put into other stories than some they stood with; `joined`: clusters put beside others; `links`:
    how near clusters are. A report is tied to the nearest of its story that came in before it, as far as they were ever
    compared, and rather tell one event; where there is none, it is the first of its story to tell of it.
    """
    found = ties.astray(session, parted, joined)
    odds = _odds(found, links) if links is not None else None
    matches = {one.article_id: match for one in found if (match := _match(one, odds)) is not None}
    both = {id for article, match in matches.items() for id in (article, match.id)}
    loaded = {candidate.id: candidate for candidate in loader.load(session, both)}
    known = texts.texts_of_articles(session, both)
    usable = {a: match for a, match in matches.items() if {a, match.id} <= loaded.keys() & known.keys()}
    alone = [one.article_id for one in found if one.article_id not in usable and one.relation != Relation.NEW]
    made = _ties(usable, loaded, known, idf, loader)
    ties.write_ties(session, [*made, *(Tie(id, Relation.NEW, None, None) for id in alone)], idf.version, now)


def _odds(found: Iterable[Astray], links: LinkTable) -> dict[tuple[int, int], float]:
    """Links by (lower cluster, higher cluster): those of the clusters that one of these stands in."""
    own = np.array([one.cluster_id for one in found], np.int64)
    near = links.rows(np.isin(links.one, own) | np.isin(links.other, own))
    return dict(zip(zip(near.one.tolist(), near.other.tolist(), strict=True), near.link.tolist(), strict=True))


def _match(one: Astray, odds: Mapping[tuple[int, int], float] | None) -> Match | None:
    """By the link of their clusters, where links are known, or else by the bond."""
    if odds is None:
        return Match(one.before[0][0], one.score) if one.before else None
    near = ((odds.get((min(one.cluster_id, c), max(one.cluster_id, c)), FAR), id) for id, c in one.before)
    link, matched = max(near, key=lambda pair: pair[0], default=(FAR, 0))
    return Match(matched, probability(link)) if link >= 0 else None


def _ties(
    matches: Mapping[int, Match],
    loaded: Mapping[int, Candidate],
    known: Mapping[int, FoldText],
    idf: Idf,
    loader: Loader,
) -> list[Tie]:
    """With their evidence. All are judged in one go."""
    asked = [(loaded[id].fingerprint, [loaded[match.id].fingerprint]) for id, match in matches.items()]
    made = []
    for (id, match), judgement in zip(matches.items(), judge_all(asked, idf), strict=True):
        score = match.score if match.score is not None else judgement.score
        mine, theirs = (loader.readings.of(each, known[each].text) for each in (id, match.id))
        shown = evidence_of(mine, theirs, judgement, idf, loaded[id].fingerprint.language)
        made.append(Tie(id, Relation.SAME_EVENT, match.id, score, shown | {"score": round(score, 4)}))
    return made
