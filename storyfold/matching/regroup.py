"""The second look at many syndication clusters in turn: what `repair` says of each group, brought together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from storyfold.matching.assign import REPRESENTATIVES
from storyfold.matching.idf import Idf
from storyfold.matching.repair import Member, Repairs, Scores, needed, repair


@dataclass(frozen=True, slots=True)
class Regrouped:
    """`merged`: the cluster that stays, by each that goes into it. `left`: the cluster that an article left, by
    article; it is not of what merged. `moved`: the cluster that it left for, by article. `parted`: the
    cluster left, and those that left together for one of their own.
    """

    merged: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    parted: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)


def groups(changed: Iterable[int], kin: Mapping[int, Sequence[int]], sizes: Mapping[int, int]) -> list[frozenset[int]]:
    """Each changed cluster with its kin; of one without kin, two articles need no second look."""
    found = dict.fromkeys(frozenset((cluster, *kin.get(cluster, ()))) for cluster in changed)
    return [group for group in found if len(group) > 1 or max(sizes.get(c, 0) for c in group) > 2]


def regroup(
    members: Mapping[int, Sequence[Member]],
    looked_at: Iterable[Collection[int]],
    idf: Idf,
    *,
    changed: Collection[int] | None = None,
    apart: Collection[frozenset[int]] = (),
    scores: Scores | None = None,
) -> Regrouped:
    """Look at one group of clusters after the other. `members`: the newest of each cluster, `REPRESENTATIVES` of them.

    `changed`: the clusters that did (see `repair`). `apart`: pairs of clusters that an editor holds apart: they are not
    merged. `scores` may be kept from one look to the next.
    """
    known = {cluster: sorted(list_, key=lambda m: m.id) for cluster, list_ in members.items()}
    made, scores = Regrouped(), scores or Scores(idf)
    looked_at = list(looked_at)
    scores.learn(pair for group in looked_at for pair in needed(_shown(known, group), changed or group))
    for group in looked_at:
        shown = _shown(known, group)
        said = repair(shown, idf, scores=scores, changed=changed)
        _part(made, known, said, apart)
        for stays, goes in said.merges:
            if known.get(stays) and known.get(goes) and not _held_apart(stays, goes, made.merged, apart):
                known[stays] = sorted([*known[stays], *known.pop(goes)], key=lambda m: m.id)
                _merge(made.merged, stays, goes)
    made.moved.update({article: made.merged.get(to, to) for article, to in made.moved.items()})
    return made


def _part(made: Regrouped, known: dict[int, list[Member]], said: Repairs, apart: Collection[frozenset[int]]) -> None:
    """Let go what leaves, and put what moves where it goes: an editor may hold that away from it."""
    moves = dict(said.moves)
    for cluster, leaving in said.splits:
        to = moves.get(leaving[0])
        gone = [m for m in known[cluster] if m.id in leaving]
        if not gone or (to is not None and (to not in known or _held_apart(cluster, to, made.merged, apart))):
            continue
        known[cluster] = [m for m in known[cluster] if m.id not in leaving]
        for member in gone:
            made.left.setdefault(member.id, cluster)
            made.moved.pop(member.id, None)
        if to is None:
            made.parted.append((cluster, tuple(m.id for m in gone)))
        else:
            made.moved[gone[0].id] = to
            known[to] = sorted([*known[to], *gone], key=lambda m: m.id)


def _shown(known: Mapping[int, Sequence[Member]], group: Iterable[int]) -> dict[int, Sequence[Member]]:
    return {cluster: known[cluster][-REPRESENTATIVES:] for cluster in group if known.get(cluster)}


def _merge(merged: dict[int, int], stays: int, goes: int) -> None:
    merged.update({cluster: stays for cluster, into in merged.items() if into == goes})
    merged[goes] = stays


def _held_apart(stays: int, goes: int, merged: Mapping[int, int], apart: Collection[frozenset[int]]) -> bool:
    one, other = ({c, *(gone for gone, into in merged.items() if into == c)} for c in (stays, goes))
    return any((pair & one) and (pair & other) for pair in apart)
