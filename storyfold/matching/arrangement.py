"""Whether what two texts share is arranged alike in both: a retold text keeps that, an independent report does not.

Words may be swapped for others; what is left of the rare ones still stands in much the same order, and what stood in
one sentence still stands together. Only first places count. Each number is shrunk to where nothing can be said, in the
measure that little is shared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

NEAR, STILL_NEAR = 20, 30  # words: within a sentence; the same, told more broadly
_APART = 1.0  # square words: what stands closer together than this in either text has no order to speak of
_DOUBT, _DOUBT_STEPS = 5.0, 4.0  # shared terms, and steps between them, that weigh as much as knowing nothing


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """The rare terms that one text shares with `n` others, in any order; all arrays have one length.

    `owner`: which of the others; `weight` of the term; `here` and `there`: its first place in both, in words.
    """

    n: int
    owner: NDArray[np.intp]
    weight: F64
    here: F64
    there: F64

    def turned(self) -> Shared:
        """The same seen from the others."""
        return Shared(self.n, self.owner, self.weight, self.there, self.here)

    def only(self, which: NDArray[np.bool_]) -> Shared:
        """The terms marked in `which`."""
        return Shared(self.n, self.owner[which], self.weight[which], self.here[which], self.there[which])


def order(shared: Shared) -> F64:
    """The weighted correlation of places, -1 to 1."""

    def total(values: F64) -> F64:
        return np.bincount(shared.owner, shared.weight * values, minlength=shared.n).astype(np.float64)

    x, y = shared.here, shared.there
    whole = total(np.ones(len(x))) + 1e-9
    mx, my = total(x) / whole, total(y) / whole
    vx, vy = total(x * x) / whole - mx**2, total(y * y) / whole - my**2
    spread = np.sqrt(np.maximum(vx, 0) * np.maximum(vy, 0))
    known = np.bincount(shared.owner, minlength=shared.n)
    found: F64 = np.where(spread > _APART, (total(x * y) / whole - mx * my) / np.maximum(spread, _APART), 0.0)
    return found * known / (known + _DOUBT)


def together_and_ascending(shared: Shared) -> tuple[F64, F64]:
    """Of the steps from one shared term to the next, in either text, seen in the other text: how many stay short (as a
    share of the short ones), and how many lead on (as a share of all). 0 to 1; knowing nothing is 0 and a half.
    """
    forth, back = _steps(shared), _steps(shared.turned())
    steps, on, short, still = (a + b for a, b in zip(forth, back, strict=True))
    return still / (short + _DOUBT_STEPS), (on + _DOUBT_STEPS / 2) / (steps + _DOUBT_STEPS)


def _steps(shared: Shared) -> tuple[F64, F64, F64, F64]:
    """Of each of the others: steps, those that lead on in it, short steps, those of them that are short in it too."""
    at = np.lexsort((shared.there, shared.here, shared.owner))
    owner, here, there = shared.owner[at], shared.here[at], shared.there[at]
    inside = owner[1:] == owner[:-1]
    whose, step, mapped = owner[1:][inside], np.diff(here)[inside], np.diff(there)[inside]
    short = step <= NEAR

    def count(which: NDArray[np.bool_]) -> F64:
        return np.bincount(whose, which, minlength=shared.n).astype(np.float64)

    return (
        np.bincount(whose, minlength=shared.n).astype(np.float64),
        count(mapped > 0),
        count(short),
        count(short & (np.abs(mapped) <= STILL_NEAR)),
    )
