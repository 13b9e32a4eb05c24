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

from storyfold.matching.event import probability
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Relation, judge_all
from storyfold.matching.story import FAR
from storyfold.matching.story_links import LinkTable
from storyfold.store import ties
from storyfold.store.candidates import Loader
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
    scored = _scored(session, matches, idf, loader)
    alone = [one.article_id for one in found if one.article_id not in scored and one.relation != Relation.NEW]
    made = [Tie(id, Relation.SAME_EVENT, match.id, match.score) for id, match in scored.items()]
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


def _scored(session: Session, matches: Mapping[int, Match], idf: Idf, loader: Loader) -> dict[int, Match]:
    """Those whose score is known, and those that the wording gives one, all in one go."""
    open_ = {id: match.id for id, match in matches.items() if match.score is None}
    loaded = {c.id: c.fingerprint for c in loader.load(session, {*open_.keys(), *open_.values()})}
    usable = {id: match for id, match in open_.items() if {id, match} <= loaded.keys()}
    judged = judge_all([(loaded[id], [loaded[match]]) for id, match in usable.items()], idf)
    worded = {id: Match(match, one.score) for (id, match), one in zip(usable.items(), judged, strict=True)}
    return {id: match for id, match in matches.items() if match.score is not None} | worded
