"""Where the members of one small set of hashes stand in a long row of others: what every comparison begins with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.fingerprint import U32

Ints = NDArray[np.intp]

_SLOTS = 1 << 16
_LOW = np.uint32(_SLOTS - 1)


class Lookup:
    """A table over a set of hashes: each stands in the slot of its low bits; the few that find it taken stand apart.

    Hashes spread evenly, so one look at its slot settles an element: many times as fast as a binary search for each.
    A table is used for one set after the other: clearing what was written costs less than a fresh one.
    """

    def __init__(self, hashes: U32 | None = None) -> None:
        self._hashes = np.zeros(_SLOTS, dtype=np.uint32)
        self._places = np.zeros(_SLOTS, dtype=np.int16)
        self._low: U32 = np.zeros(0, dtype=np.uint32)
        self.over(np.zeros(0, dtype=np.uint32) if hashes is None else hashes)

    def over(self, hashes: U32) -> Lookup:
        """The same table over another set. `hashes` are distinct, and fewer than 32,768."""
        self._hashes[self._low] = 0
        self._hashes[0] = 1  # nothing that is looked for in this slot; in all others zero is nothing
        low = self._low = hashes & _LOW
        self._hashes[low] = hashes
        self._places[low] = np.arange(len(hashes), dtype=np.int16)
        apart = (self._hashes[low] != hashes).nonzero()[0]
        self._apart = list(zip(hashes[apart].tolist(), apart.tolist(), strict=True))
        return self

    def found(self, others: U32) -> tuple[Ints, NDArray[np.int16]]:
        """(places in `others` of what stands in the set too, its places in the set), in no order."""
        there = (self._hashes.take(others & _LOW, mode="wrap") == others).nonzero()[0]
        here = self._places.take(others.take(there) & _LOW, mode="wrap")
        if not self._apart:
            return there, here
        more = [((others == hash_).nonzero()[0], place) for hash_, place in self._apart]
        return (
            np.concatenate([there, *(found for found, _ in more)]),
            np.concatenate([here, *(np.full(len(found), place, dtype=np.int16) for found, place in more)]),
        )


def end_to_end(arrays: Sequence[U32]) -> tuple[U32, Ints]:
    """Arrays of hashes one after the other, and beside each element the index of its array."""
    lengths = [len(a) for a in arrays]
    return np.concatenate(arrays), np.repeat(np.arange(len(arrays)), lengths)


def in_common(lookup: Lookup, mine: U32, theirs: Sequence[U32]) -> tuple[Ints, Ints, NDArray[np.int16]]:
    """For every hash of `mine` in one of `theirs`: (which of them, its place there, its place in `mine`)."""
    if not len(mine) or not theirs:
        return _NONE, _NONE, _NO_PLACES
    lengths = np.array([len(a) for a in theirs])
    there, here = lookup.over(mine).found(np.concatenate(theirs))
    whose = np.repeat(np.arange(len(theirs)), lengths)[there]
    return whose, there - (lengths.cumsum() - lengths)[whose], here


_NONE: Ints = np.zeros(0, dtype=np.intp)
_NO_PLACES: NDArray[np.int16] = np.zeros(0, dtype=np.int16)
