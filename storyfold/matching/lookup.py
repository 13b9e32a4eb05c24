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

    Hashes spread evenly, and what is looked for mostly finds its slot free: one look at a table that is small enough to
    be at hand settles it. A table is used for one set after the other: clearing what was written costs less than a
    fresh one.
    """

    def __init__(self, hashes: U32 | None = None) -> None:
        self._taken = np.zeros(_SLOTS, dtype=np.bool_)
        self._hashes = np.zeros(_SLOTS, dtype=np.uint32)
        self._places = np.zeros(_SLOTS, dtype=np.int16)
        self._slots: Ints = np.zeros(0, dtype=np.intp)
        self.over(np.zeros(0, dtype=np.uint32) if hashes is None else hashes)

    def over(self, hashes: U32) -> Lookup:
        """The same table over another set. `hashes` are distinct, and fewer than 32,768."""
        self._taken[self._slots] = False
        slots = self._slots = _slots(hashes)
        self._taken[slots] = True
        self._hashes[slots] = hashes
        self._places[slots] = np.arange(len(hashes), dtype=np.int16)
        apart = (self._hashes[slots] != hashes).nonzero()[0]
        self._apart_places = apart[hashes[apart].argsort()].astype(np.int16)
        self._apart = hashes[self._apart_places]
        return self

    def found(self, others: U32) -> tuple[Ints, NDArray[np.int16]]:
        """(places in `others` of what stands in the set too, its places in the set), in no order."""
        maybe = self._taken.take(_slots(others), mode="wrap").nonzero()[0]
        hashes = others.take(maybe)
        slots = _slots(hashes)
        same = (self._hashes.take(slots, mode="wrap") == hashes).nonzero()[0]
        there, here = maybe.take(same), self._places.take(slots.take(same), mode="wrap")
        if not len(self._apart):
            return there, here
        at = np.minimum(self._apart.searchsorted(hashes), len(self._apart) - 1)
        more = (self._apart[at] == hashes).nonzero()[0]
        return np.concatenate([there, maybe[more]]), np.concatenate([here, self._apart_places[at[more]]])


def _slots(hashes: U32) -> Ints:
    return (hashes & _LOW).astype(np.intp)


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
