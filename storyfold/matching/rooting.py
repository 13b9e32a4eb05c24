"""A syndication cluster as a tree of ties: one article opened it, and each other is tied to one that stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Tied(NamedTuple):
    """An article of a cluster, and what it copies, reprints or rewrites: nothing, where it opened a cluster."""

    id: int
    source_id: int | None


@dataclass(frozen=True, slots=True)
class Rooted:
    """`root` opened the cluster, or takes that part now; where `circular`, it is tied to one of its own and is to be
    tied to none. `loose` are to be tied anew, in this order: to one of the articles beside each, so that nothing is
    tied to itself in a circle."""

    root: int
    loose: tuple[tuple[int, frozenset[int]], ...]
    circular: bool = False


def rooted(cluster: Iterable[Tied]) -> Rooted:
    """What holds a cluster together after articles came and went. `cluster` is not empty.

    The root is an article that opened a cluster, the lowest id first; where none did, the lowest that has lost what it
    was tied to.
    """
    tied = {article.id: article for article in cluster}
    below: dict[int, list[int]] = defaultdict(list)
    ends = []
    for article in tied.values():
        if article.source_id in tied and article.source_id != article.id:
            below[article.source_id].append(article.id)
        else:
            ends.append(article)
    ends.sort(key=lambda article: (article.source_id is not None, article.id))
    parts = {article.id: _part(article.id, below) for article in ends}
    for id in sorted(tied.keys() - {id for part in parts.values() for id in part}):  # circles have no end
        if not any(id in part for part in parts.values()):
            parts[id] = _part(id, below)
    root, *others = parts
    reached, loose = set(parts[root]), []
    for end in others:
        loose.append((end, frozenset(reached)))
        reached |= parts[end]
    return Rooted(root, tuple(loose), circular=tied[root].source_id in tied)


def _part(end: int, below: Mapping[int, Sequence[int]]) -> set[int]:
    """An article and all that is tied to it, over however many others."""
    part, todo = {end}, [end]
    while todo:
        fresh = [id for id in below.get(todo.pop(), ()) if id not in part]
        part.update(fresh)
        todo += fresh
    return part
