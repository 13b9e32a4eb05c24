"""Looking up what an incoming article may be tied to. Cost stays flat as the corpus grows: every list is capped."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from storyfold.matching.assign import REPRESENTATIVES, Candidate
from storyfold.matching.fingerprint import VERSION, Fingerprint
from storyfold.matching.readings import Readings
from storyfold.store.columns import array
from storyfold.store.engine import IN_BINARY

# Articles looked at for one term: beyond it a term tells little, and the newest are the likeliest. At 200, 15 % of the
# pairs with a cosine of .25 or more are not found, those of the largest subjects; at 700, .5 %.
TERM_CAP = 700
# Articles taken by bands: copies of one text are in one cluster, a few of them lead there.
BAND_CAP = 40
# Bytes of fingerprints that one process keeps, with what is worked out from them: those of some 4,000 articles.
KEPT_BYTES = 72 * 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """The newest articles under a term, and its share in each in thousandths. Days of publication are ordinals, 0 where
    unknown."""

    ids: NDArray[np.int64]
    shares: NDArray[np.float64]
    days: NDArray[np.int32]


def postings(session: Session, terms: Collection[int]) -> dict[int, Postings]:
    """The newest `TERM_CAP` articles under each of `terms`, for those that have any."""
    if not terms:
        return {}
    found = session.connection().execute(_POSTINGS, {"asked": array(sorted(terms)), "cap": TERM_CAP})
    return {term: _unpacked(packed) for term, packed in found if packed}


def _unpacked(packed: bytes) -> Postings:
    ids, told = np.frombuffer(packed, ">u4").reshape(-1, 2).astype(np.int64).T
    return Postings(ids, (told & _SHARE).astype(np.float64), (told >> _SHARE_BITS).astype(np.int32))


_SHARE_BITS = 10  # a share is 1,000 at most; an ordinal of the year 9999 takes the other 22
_SHARE = (1 << _SHARE_BITS) - 1

# Thousands of numbers an article: as bytes, all that is told of a posting in one of them, they cost next to nothing to
# hand over. 32 bits are left for the article.
_POSTINGS = text(
    """
    SELECT asked.term, (
        SELECT string_agg(int8send(article_id << 32 | (coalesce(day, 0)::bigint << 10) | share), '') FROM (
            SELECT article_id, day, share FROM article_terms WHERE article_terms.term = asked.term
            ORDER BY article_id DESC LIMIT :cap
        ) AS newest
    )
    FROM unnest(CAST(:asked AS bigint[])) AS asked(term)
    """
).execution_options(**IN_BINARY)


def band_hits(session: Session, bands: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """The first articles, `BAND_CAP` at most, that share one of the bands: asked and answered by key."""
    pairs = [(key, band) for key, asked in bands.items() for band in asked]
    if not pairs:
        return {}
    keys, flat = zip(*pairs, strict=True)
    rows = session.connection().execute(_BANDED, {"keys": array(keys), "bands": array(flat), "cap": BAND_CAP})
    return {key: sorted(ids) for key, ids in rows}


_BANDED = text(
    """
    SELECT asked.key, array_agg(shared.article_id) FROM (
        SELECT key, array_agg(band) AS bands
        FROM unnest(CAST(:keys AS bigint[]), CAST(:bands AS bigint[])) AS pair(key, band) GROUP BY key
    ) AS asked, LATERAL (
        SELECT article_id FROM fingerprints WHERE fingerprints.bands && asked.bands LIMIT :cap
    ) AS shared
    GROUP BY asked.key
    """
)


def watermark(session: Session) -> int:
    """The greatest sequence folded so far: what has a greater one came in later."""
    return session.connection().scalar(_LAST_SEQUENCE) or 0


_LAST_SEQUENCE = text("SELECT max(sequence) FROM fingerprints")


def folded_since(session: Session, sequence: int) -> list[int]:
    """The articles folded after `sequence`, in order."""
    return list(session.connection().scalars(_SINCE, {"sequence": sequence}))


_SINCE = text("SELECT article_id FROM fingerprints WHERE sequence > :sequence ORDER BY sequence")


def places(session: Session, article_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """article id -> (cluster id, story id), as they stand now; those not folded are left out."""
    if not article_ids:
        return {}
    rows = session.connection().execute(_PLACES, {"asked": array(article_ids)})
    return {article: (cluster, story) for article, cluster, story in rows}


_PLACES = text(
    """
    SELECT articles.id, clusters.id, clusters.story_id FROM articles JOIN clusters ON clusters.id = articles.cluster_id
    WHERE articles.id = ANY(CAST(:asked AS bigint[]))
    """
)


def places_with_members(session: Session, article_ids: Collection[int]) -> tuple[dict[int, tuple[int, int]], list[int]]:
    """What `places` says of these articles, and the `cluster_members` of where they stand."""
    if not article_ids:
        return {}, []
    asked = {"asked": array(article_ids), "most": REPRESENTATIVES}
    places: dict[int, tuple[int, int]] = {}
    members: list[int] = []
    for cluster, story, articles, newest in session.connection().execute(_PLACES_WITH_MEMBERS, asked):
        places.update((article, (cluster, story)) for article in articles)
        members += newest
    return places, members


_PLACES_WITH_MEMBERS = text(
    """
    SELECT stood.cluster_id, clusters.story_id, stood.articles, ARRAY(
        SELECT articles.id FROM articles WHERE articles.cluster_id = stood.cluster_id
        ORDER BY articles.id DESC LIMIT :most
    )
    FROM (
        SELECT cluster_id, array_agg(id) AS articles FROM articles
        WHERE id = ANY(CAST(:asked AS bigint[])) AND cluster_id IS NOT NULL GROUP BY cluster_id
    ) AS stood JOIN clusters ON clusters.id = stood.cluster_id
    """
)


def cluster_members(session: Session, cluster_ids: Collection[int]) -> list[int]:
    """The newest members of each of these clusters, `REPRESENTATIVES` at most of each."""
    if not cluster_ids:
        return []
    asked = {"asked": array(cluster_ids), "most": REPRESENTATIVES}
    return list(session.connection().scalars(_CLUSTER_MEMBERS, asked))


_CLUSTER_MEMBERS = text(
    """
    SELECT newest.id FROM unnest(CAST(:asked AS bigint[])) AS asked(id), LATERAL (
        SELECT articles.id FROM articles WHERE articles.cluster_id = asked.id ORDER BY articles.id DESC LIMIT :most
    ) AS newest
    """
)


def story_members(session: Session, story_ids: Collection[int]) -> list[int]:
    """Articles that may stand for these stories: the canonical one, and of the newest clusters head and newest member.

    At most a few times `REPRESENTATIVES` of each story, however large it is.
    """
    if not story_ids:
        return []
    asked = {"asked": array(story_ids), "most": REPRESENTATIVES}
    told = session.connection().execute(_STORY_MEMBERS, asked)
    return list({id for row in told for id in row if id is not None})


_STORY_MEMBERS = text(
    """
    SELECT newest.id, cluster.head_article_id
    FROM unnest(CAST(:asked AS bigint[])) AS asked(id), LATERAL (
        SELECT clusters.id, clusters.head_article_id FROM clusters WHERE clusters.story_id = asked.id
        ORDER BY clusters.id DESC LIMIT :most
    ) AS cluster, LATERAL (
        SELECT articles.id FROM articles WHERE articles.cluster_id = cluster.id ORDER BY articles.id DESC LIMIT 1
    ) AS newest
    UNION ALL
    SELECT stories.canonical_article_id, NULL FROM stories WHERE stories.id = ANY(CAST(:asked AS bigint[]))
    """
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
        if not article_ids:
            return []
        rows = session.connection().execute(_STANDING, {"asked": array(article_ids)}).all()
        known = self._known([(row.id, row.sequence) for row in rows])
        fresh = self._fetch(session, [row.id for row in rows if (row.id, row.sequence) not in known])
        self._keep(fresh)
        known |= fresh
        return [
            Candidate(row.id, row.cluster_id, row.story_id, kept.fingerprint, row.published, kept.event_days)
            for row in rows
            if (kept := known.get((row.id, row.sequence)))
        ]

    def _fetch(self, session: Session, article_ids: Sequence[int]) -> dict[tuple[int, int], _Kept]:
        """Those made by an older algorithm are left out: they are found again once they were made anew."""
        found: dict[tuple[int, int], _Kept] = {}
        for row in (
            session.connection().execute(_PRINTS, {"asked": array(article_ids), "version": VERSION})
            if article_ids
            else ()
        ):
            found[row.article_id, row.sequence] = _Kept(Fingerprint.from_bytes(row.data), tuple(row.event_days))
        return found

    def keep_written(
        self, session: Session, written: Mapping[tuple[int, int], tuple[Fingerprint, Sequence[int]]]
    ) -> None:
        """Keep fingerprints and event days by (article, sequence), once the transaction that wrote them is committed:
        what was just folded is asked for the most."""
        fresh = {key: _Kept(made, tuple(days)) for key, (made, days) in written.items()}
        event.listen(session, "after_commit", lambda _: self._keep(fresh), once=True)

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
        runs = sum(part.nbytes for part in (made.runs2, made.runs3, made.runs5, made.quotes))
        return 4_000 + 6 * made.terms.nbytes + runs


_STANDING = text(
    """
    SELECT articles.id, articles.published, clusters.id AS cluster_id, clusters.story_id, fingerprints.sequence
    FROM articles JOIN clusters ON clusters.id = articles.cluster_id
    JOIN fingerprints ON fingerprints.article_id = articles.id
    WHERE articles.id = ANY(CAST(:asked AS bigint[])) ORDER BY fingerprints.sequence
    """
)
_PRINTS = text(
    """
    SELECT article_id, sequence, event_days, data FROM fingerprints
    WHERE article_id = ANY(CAST(:asked AS bigint[])) AND version = :version
    """
).execution_options(**IN_BINARY)
