"""Kin: articles of different syndication clusters that may yet go back to one text, and the clusters to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from storyfold.store.bulk import Part, array, insertion, numbers, write_together
from storyfold.store.tables import Cluster

# Clusters looked at beside a changed one: more would be kin to all the world.
NEAREST_KIN = 24


def kin_kept(pairs: Sequence[tuple[int, int]]) -> Part:
    """Keep (later article, other article), where they are not yet known to be."""
    columns = {
        "article_id": numbers("bigint", (article for article, _ in pairs)),
        "other_id": numbers("bigint", (other for _, other in pairs)),
    }
    return insertion("kin", columns, keep=True)


def changed_clusters(session: Session, limit: int) -> list[int]:
    """Clusters that changed since they were last looked at, the oldest first."""
    return list(session.scalars(select(Cluster.id).where(Cluster.unrepaired).order_by(Cluster.id).limit(limit)))


def looked_at(session: Session, cluster_ids: Collection[int]) -> None:
    """They are as they should be, until they change."""
    session.execute(update(Cluster).where(Cluster.id.in_(cluster_ids)).values(unrepaired=False))


def unsettle(session: Session, cluster_ids: Collection[int]) -> None:
    """They have changed."""
    if cluster_ids:
        write_together(session, [unsettled(cluster_ids)])


def unsettled(cluster_ids: Collection[int]) -> Part:
    """What `unsettle` does."""
    return Part("unsettled", _UNSETTLED, {"unsettled": array(cluster_ids)})


_UNSETTLED = "UPDATE clusters SET unrepaired = true WHERE id = ANY(CAST(:unsettled AS bigint[])) AND NOT unrepaired"


def kin_of(session: Session, cluster_ids: Collection[int]) -> dict[int, list[int]]:
    """The clusters that each of these has kin in, the newest first, `NEAREST_KIN` at most."""
    found: dict[int, list[int]] = defaultdict(list)
    for cluster, other in session.execute(_KIN, {"asked": sorted(cluster_ids)}):
        if len(found[cluster]) < NEAREST_KIN:
            found[cluster].append(other)
    return found


_KIN = text(
    """
    SELECT DISTINCT mine.cluster_id, theirs.cluster_id
    FROM articles AS mine
    JOIN LATERAL (
        SELECT other_id AS id FROM kin WHERE kin.article_id = mine.id
        UNION ALL
        SELECT article_id FROM kin WHERE kin.other_id = mine.id
    ) AS pair ON true
    JOIN articles AS theirs ON theirs.id = pair.id
    WHERE mine.cluster_id = ANY(CAST(:asked AS bigint[])) AND theirs.cluster_id <> mine.cluster_id
    ORDER BY mine.cluster_id, theirs.cluster_id DESC
    """
)
