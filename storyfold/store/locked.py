"""What a fold asks first once it holds the lock, in one statement: what it still holds, and what changed since it
looked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.matching.neighbourhood import Place
from storyfold.store.bulk import Part, array, strings
from storyfold.store.direct import Statement
from storyfold.store.leases import Lease
from storyfold.store.tables import Fate


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand under the fold lock.

    `held`: the links whose leases still stand; their rows are locked until the commit. `folded`: whether one of the
    batch's articles is folded already. `came`: articles folded since, in order. `places`: where the others stand now;
    those not folded are left out. `clusters` and `stories`: ids drawn for what is new.
    """

    held: frozenset[int]
    folded: bool
    came: tuple[int, ...]
    places: dict[int, Place]
    clusters: tuple[int, ...]
    stories: tuple[int, ...]


def look(
    session: Session,
    leases: Sequence[Lease],
    *,
    batch: Collection[int],
    around: Collection[int],
    seen: int,
    new: tuple[int, int],
) -> Situation:
    """See `Situation`. `seen` is the greatest sequence seen before; so many clusters and stories are to be `new`."""
    asked = {
        "links": array(lease.id for lease in leases),
        "tokens": strings(lease.token.hex for lease in leases).sent,
        "batch": array(batch),
        "around": array(around),
        "seen": seen,
        "new_clusters": new[0],
        "new_stories": new[1],
    }
    held, folded, came, articles, at_clusters, at_stories, clusters, stories = _LOOK.row(session, asked)
    where = zip(articles or (), zip(at_clusters or (), at_stories or (), strict=True), strict=True)
    return Situation(frozenset(held), folded, tuple(came), dict(where), tuple(clusters), tuple(stories))


# A link that somebody else has just settled is waited for, and then no longer held.
_LOOK = Statement(
    """
    SELECT
        ARRAY(
            SELECT links.id FROM links
            JOIN unnest(CAST(:links AS bigint[]), CAST(:tokens AS uuid[])) AS held(id, token)
                ON held.id = links.id AND held.token = links.lease_token
            ORDER BY links.id FOR UPDATE OF links
        ) AS held,
        EXISTS (
            SELECT FROM articles WHERE id = ANY(CAST(:batch AS bigint[])) AND cluster_id IS NOT NULL
        ) AS folded,
        ARRAY(SELECT article_id FROM fingerprints WHERE sequence > :seen ORDER BY sequence) AS came,
        places.*,
        ARRAY(
            SELECT nextval(pg_get_serial_sequence('clusters', 'id')) FROM generate_series(1, :new_clusters)
        ) AS clusters,
        ARRAY(
            SELECT nextval(pg_get_serial_sequence('stories', 'id')) FROM generate_series(1, :new_stories)
        ) AS stories
    FROM (
        SELECT array_agg(articles.id) AS articles, array_agg(clusters.id) AS at_clusters,
            array_agg(clusters.story_id) AS at_stories
        FROM articles JOIN clusters ON clusters.id = articles.cluster_id
        WHERE articles.id = ANY(CAST(:around AS bigint[]))
    ) AS places
    """
)


def settled_as_folded(leases: Sequence[Lease], now: datetime) -> Part:
    """What `work.settle` does for links whose article is folded, for a batch of them."""
    tokens = strings(lease.token.hex for lease in leases).sent
    return Part("settled", _SETTLED, {"ids": array(lease.id for lease in leases), "tokens": tokens, "at": now})


_SETTLED = f"""
    UPDATE links SET fate = '{Fate.FOLDED}', stage = NULL, next_attempt_at = NULL, duplicate_of = NULL, reason = NULL,
        detail = NULL, lease_token = NULL, leased_until = NULL, rung_until = NULL, updated_at = :at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:tokens AS uuid[])) AS held(id, token)
    WHERE links.id = held.id AND links.lease_token = held.token
"""  # noqa: S608 - a name of ours
