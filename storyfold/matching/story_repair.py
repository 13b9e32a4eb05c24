"""The second look at stories that changed: which clusters belong together now that more is known.

Online, a report goes to the nearest story there is; the report that shows two stories to be one may come later, and so
may the crowd that shows a likeness to be nothing special. So the syndication clusters of the changed stories, and of
the stories that they have bonds with, are put together afresh from their stored bonds: the nearest two groups first, by
average link, until none are near enough. Where they stood before has no part in it, which is why the outcome hardly
depends on the order of arrival; what an editor put together or apart stays so.

`story_links` says how near two clusters are, `average_link` puts them together.

Ids: a story lives on where its canonical cluster went; where several went to one group, the oldest (lowest) id stays
and the others are merged into it. A group that no story claims becomes a story of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storyfold.matching.average_link import Pair, agglomerate
from storyfold.matching.story_links import LinkTable


@dataclass(frozen=True, slots=True)
class Group:
    """Clusters that are one story. `story_id` lives on in it; None: a new one, split from `split_from`.

    `merged` are the stories that go into `story_id`.
    """

    story_id: int | None
    clusters: tuple[int, ...]
    merged: tuple[int, ...] = ()
    split_from: int | None = None


def repair_stories(
    story_of: Mapping[int, int],
    canonical: Mapping[int, int],
    links: LinkTable,
    *,
    together: Iterable[Pair] = (),
    apart: Iterable[Pair] = (),
) -> tuple[Group, ...]:
    """The stories as they should stand, those that stay as they are left out.

    `story_of`: the story of each cluster looked at, whole stories only; `canonical`: each story's canonical cluster;
    `links` as from `cluster_links`; `together` and `apart`: pairs of clusters that an editor merged or split, the
    latter ruling where they contradict. All maps may be in any order.
    """
    groups = agglomerate(story_of, links, together=together, apart=apart)
    before: dict[int, set[int]] = {}
    for cluster, story in story_of.items():
        before.setdefault(story, set()).add(cluster)
    after = _named(groups, story_of, canonical)
    return tuple(g for g in after if g.story_id is None or g.merged or before[g.story_id] != set(g.clusters))


def _named(groups: Iterable[list[int]], story_of: Mapping[int, int], canonical: Mapping[int, int]) -> list[Group]:
    """Groups with their ids. A story whose canonical cluster is not known goes by its oldest."""
    speaks: dict[int, int] = {}
    for cluster in sorted(story_of, reverse=True):
        speaks[story_of[cluster]] = cluster
    speaks |= {story: cluster for story, cluster in canonical.items() if story_of.get(cluster) == story}
    named = []
    for clusters in groups:
        origins = Counter(story_of[c] for c in clusters)
        claims = sorted(s for s in origins if speaks[s] in clusters)
        if claims:
            named.append(Group(claims[0], tuple(clusters), tuple(claims[1:])))
        else:
            origin = min(origins, key=lambda s: (-origins[s], s))
            named.append(Group(None, tuple(clusters), split_from=origin))
    return named
