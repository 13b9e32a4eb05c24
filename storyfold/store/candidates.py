"""Looking up what an incoming article may be tied to. Cost stays flat as the corpus grows: every list is capped."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from storyfold.matching.assign import REPRESENTATIVES, Candidate
from storyfold.matching.candidates import Hits, Postings
from storyfold.matching.fingerprint import VERSION, Fingerprint
from storyfold.matching.postings import POSTING
from storyfold.matching.readings import Readings
from storyfold.store.bulk import array
from storyfold.store.direct import Statement
from storyfold.store.engine import after_commit
from storyfold.store.postings import BLOCK

# Articles looked at for one term: beyond it a term tells little, and the newest are the likeliest. At 200, 15 % of the
# pairs with a cosine of .25 or more are not found, those of the largest subjects; at 700, .5 %.
TERM_CAP = 700
# Articles taken by bands: copies of one text are in one cluster, a few of them lead there.
BAND_CAP = 40
# Bytes of fingerprints that one process keeps, with what is worked out from them: those of some 3,200 articles.
KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the indexes answer: by term its postings as they are stored, and by key the first articles, `BAND_CAP` at
    most, that share one of the bands asked for under it."""

    postings: dict[int, bytes]
    banded: dict[int, list[int]]

    def hits(self, asked: Mapping[int, float]) -> Hits:
        """What stands under the terms of `asked`: those of all terms are read in one go."""
        found = [(self.postings[term], weight) for term, weight in asked.items() if term in self.postings]
        held = Postings.from_bytes(b"".join(sent for sent, _ in found))
        lengths = np.array([len(sent) // POSTING for sent, _ in found], dtype=np.intp)
        weights = np.repeat(np.array([weight for _, weight in found], dtype=np.float64), lengths)
        return Hits(held.ids, held.shares * weights, held.days)


def look_up(session: Session, terms: Collection[int], bands: Mapping[int, Sequence[int]]) -> LookedUp:
    """The newest `TERM_CAP` articles under each of `terms`, and those that share one of `bands`, by key."""
    pairs = [(key, band) for key, asked in bands.items() for band in asked]
    asked = {
        "terms": array(sorted(terms)),
        "keys": array(key for key, _ in pairs),
        "bands": array(band for _, band in pairs),
    }
    found = LookedUp({}, {})
    for of_term, key, packed in _LOOK_UP.rows(session, asked):
        if packed and of_term:
            found.postings[key] = packed[-TERM_CAP * POSTING :]
        elif packed:
            found.banded[key] = sorted(np.frombuffer(packed, ">i8").tolist())
    return found


_LOOK_UP = Statement(
    f"""
    SELECT true, asked.term, (
        SELECT string_agg(data, '' ORDER BY number) FROM (
            SELECT number, data FROM posting_blocks WHERE posting_blocks.term = asked.term
            ORDER BY number DESC LIMIT {-(-TERM_CAP // BLOCK) + 1}
        ) AS newest
    )
    FROM unnest(CAST(:terms AS bigint[])) AS asked(term)
    UNION ALL
    SELECT false, asked.key, string_agg(int8send(shared.article_id), '') FROM (
        SELECT key, array_agg(band) AS bands
        FROM unnest(CAST(:keys AS bigint[]), CAST(:bands AS bigint[])) AS pair(key, band) GROUP BY key
    ) AS asked, LATERAL (
        SELECT article_id FROM fingerprints WHERE fingerprints.bands && asked.bands LIMIT {BAND_CAP}
    ) AS shared
    GROUP BY asked.key
    """,  # noqa: S608 - numbers of ours
    binary=True,
)


def cluster_members(session: Session, cluster_ids: Collection[int]) -> list[int]:
    """The newest members of each of these clusters, `REPRESENTATIVES` at most of each."""
    if not cluster_ids:
        return []
    asked = {"asked": array(cluster_ids), "most": REPRESENTATIVES}
    return [id for (id,) in _CLUSTER_MEMBERS.rows(session, asked)]


_CLUSTER_MEMBERS = Statement(
    """
    SELECT newest.id FROM unnest(CAST(:asked AS bigint[])) AS asked(id), LATERAL (
        SELECT articles.id FROM articles WHERE articles.cluster_id = asked.id ORDER BY articles.id DESC LIMIT :most
    ) AS newest
    """
)


class Stored(NamedTuple):
    """A folded article where it stands; `sequence` is its fingerprint's."""

    id: int
    published: datetime | None
    cluster_id: int
    story_id: int
    sequence: int


def standing(session: Session, article_ids: Collection[int]) -> list[Stored]:
    """These articles in the order they were folded in; those not folded are left out."""
    if not article_ids:
        return []
    return [Stored(*row) for row in _STANDING.rows(session, {"asked": array(article_ids)})]


def standing_around(
    session: Session, article_ids: Collection[int], timely: Mapping[int, Sequence[int]], *, stories: int
) -> list[Stored]:
    """These articles; the newest members of the clusters they stand in, `REPRESENTATIVES` at most of each; and what may
    stand for the first so many `stories` that the `timely` articles of each key stand in.

    That is a story's canonical article, and of its newest clusters head and newest member: a few times
    `REPRESENTATIVES` at most, however large it is.
    """
    if not article_ids:
        return []
    pairs = [(key, id) for key, ids in timely.items() for id in ids]
    asked = {
        "asked": array(article_ids),
        "keys": array(key for key, _ in pairs),
        "timely": array(id for _, id in pairs),
        "stories": stories,
    }
    return [Stored(*row) for row in _STANDING_AROUND.rows(session, asked)]


_PLACES = """
    SELECT articles.id, articles.published, clusters.id AS cluster_id, clusters.story_id, fingerprints.sequence
    FROM articles JOIN clusters ON clusters.id = articles.cluster_id
    JOIN fingerprints ON fingerprints.article_id = articles.id
"""
_STANDING = Statement(f"{_PLACES} WHERE articles.id = ANY(CAST(:asked AS bigint[])) ORDER BY fingerprints.sequence")
_STANDING_AROUND = Statement(
    f"""
    WITH near AS MATERIALIZED (
        SELECT articles.id, clusters.id AS cluster_id, clusters.story_id
        FROM articles JOIN clusters ON clusters.id = articles.cluster_id
        WHERE articles.id = ANY(CAST(:asked AS bigint[]))
    ), told AS MATERIALIZED (
        SELECT DISTINCT story_id FROM (
            SELECT near.story_id, row_number() OVER (PARTITION BY key ORDER BY min(place)) AS met
            FROM unnest(CAST(:keys AS bigint[]), CAST(:timely AS bigint[])) WITH ORDINALITY AS timely(key, id, place)
            JOIN near ON near.id = timely.id GROUP BY key, near.story_id
        ) AS stories WHERE met <= :stories
    ), newest AS MATERIALIZED (
        SELECT cluster.id, cluster.head_article_id FROM told, LATERAL (
            SELECT clusters.id, clusters.head_article_id FROM clusters WHERE clusters.story_id = told.story_id
            ORDER BY clusters.id DESC LIMIT {REPRESENTATIVES}
        ) AS cluster
    ), around AS (
        SELECT id FROM near
        UNION
        SELECT member.id FROM (SELECT DISTINCT cluster_id FROM near) AS stood, LATERAL (
            SELECT articles.id FROM articles WHERE articles.cluster_id = stood.cluster_id
            ORDER BY articles.id DESC LIMIT {REPRESENTATIVES}
        ) AS member
        UNION
        SELECT member.id FROM newest, LATERAL (
            SELECT articles.id FROM articles WHERE articles.cluster_id = newest.id ORDER BY articles.id DESC LIMIT 1
        ) AS member
        UNION
        SELECT head_article_id FROM newest
        UNION
        SELECT stories.canonical_article_id FROM told JOIN stories ON stories.id = told.story_id
    )
    {_PLACES} JOIN around ON around.id = articles.id ORDER BY fingerprints.sequence
    """  # noqa: S608 - a number of ours
)


class Loader:
    """Loads candidates, and keeps the fingerprints it has loaded last: news is compared with the news of its days.

    What is kept is bounded in bytes. Where an article stands is never kept: that is asked each time. Kept beside are
    `readings`, for the evidence.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._room = kept_bytes
        self._kept: OrderedDict[tuple[int, int], _Kept] = OrderedDict()
        self._lock = Lock()
        self.readings = Readings()

    def load(self, session: Session, article_ids: Collection[int]) -> list[Candidate]:
        """These articles as they stand, in the order they were folded in; those not folded yet are left out."""
        return self.known(session, standing(session, article_ids))

    def known(self, session: Session, standing: Sequence[Stored]) -> list[Candidate]:
        """The same with their fingerprints."""
        known = self._known([(one.id, one.sequence) for one in standing])
        fresh = self._fetch(session, [one.id for one in standing if (one.id, one.sequence) not in known])
        self._keep(fresh)
        known |= fresh
        return [
            Candidate(one.id, one.cluster_id, one.story_id, kept.fingerprint, one.published, kept.event_days)
            for one in standing
            if (kept := known.get((one.id, one.sequence)))
        ]

    def _fetch(self, session: Session, article_ids: Sequence[int]) -> dict[tuple[int, int], _Kept]:
        """Those made by an older algorithm are left out: they are found again once they were made anew."""
        found: dict[tuple[int, int], _Kept] = {}
        if article_ids:
            asked = {"asked": array(article_ids), "version": VERSION}
            for id, sequence, days, data in _PRINTS.rows(session, asked):
                found[id, sequence] = _Kept(Fingerprint.from_bytes(data), tuple(days))
        return found

    def keep_written(
        self, session: Session, written: Mapping[tuple[int, int], tuple[Fingerprint, Sequence[int]]]
    ) -> None:
        """Keep fingerprints and event days by (article, sequence), once the transaction that wrote them is committed:
        what was just folded is asked for the most."""
        fresh = {key: _Kept(made, tuple(days)) for key, (made, days) in written.items()}
        after_commit(session, lambda: self._keep(fresh))

    def _known(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], _Kept]:
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
            for key in known:
                self._kept.move_to_end(key)
        return known

    def _keep(self, fresh: Mapping[tuple[int, int], _Kept]) -> None:
        with self._lock:
            for key, kept in fresh.items():
                if key not in self._kept:
                    self._kept[key] = kept
                    self._room -= kept.size
            while self._room < 0:
                self._room += self._kept.popitem(last=False)[1].size


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    fingerprint: Fingerprint
    event_days: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes, about: each term weighs six times what it takes alone, with its place, its counts and its weights;
        beside them stand a title, a lead and some twenty objects."""
        made = self.fingerprint
        return 4_000 + 6 * made.terms.nbytes + made.wording.nbytes + made.named.nbytes


_PRINTS = Statement(
    """
    SELECT article_id, sequence, event_days, data FROM fingerprints
    WHERE article_id = ANY(CAST(:asked AS bigint[])) AND version = :version
    """,
    binary=True,
)
