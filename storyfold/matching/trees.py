"""Boosted trees, evaluated with numpy: the shipped model needs no learning library to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Complete binary trees of one depth: `feature` and `threshold` (trees, 2**depth - 1), `leaf` (trees, 2**depth).

    At a node, a value at or below the threshold goes left. The answer is the sum of the leaves reached.
    """

    depth: int
    feature: NDArray[np.intp]
    threshold: F64
    leaf: F64
    _cuts: tuple[NDArray[np.intp], F64, NDArray[np.intp]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Trees share their cuts: each (feature, threshold) is asked once, and nodes know the number of theirs."""
        cuts = np.stack([self.feature.ravel().astype(np.float64), self.threshold.ravel()], axis=1)
        distinct, number = np.unique(cuts, axis=0, return_inverse=True)
        object.__setattr__(self, "_cuts", (distinct[:, 0].astype(np.intp), distinct[:, 1], number.ravel()))

    def __call__(self, rows: F64) -> F64:
        n_trees, nodes = self.feature.shape
        feature, threshold, cut = self._cuts
        above = (rows[:, feature] > threshold).ravel()
        row = np.arange(len(rows))[:, None] * len(feature)
        base = np.arange(n_trees) * nodes
        node = np.zeros((len(rows), n_trees), dtype=np.intp)
        for _ in range(self.depth):
            node += above.take(cut.take(base + node) + row) + 1 + node
        total: F64 = self.leaf.ravel().take(node + (np.arange(n_trees) * (nodes + 1) - nodes)).sum(axis=1)
        return total

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Trees:
        """From the fields of a weights file.

        `cuts`: the thresholds of each column. `nodes`: of each tree, level by level, the number of the cut, counted
        through all columns; -1 where all goes left. `leaves`: whole multiples of `leaf_unit`.
        """
        nodes = np.array(stored["nodes"], dtype=np.intp)
        feature = np.repeat(np.arange(len(stored["cuts"])), [len(cuts) for cuts in stored["cuts"]])
        threshold = np.array([cut for cuts in stored["cuts"] for cut in cuts], dtype=np.float64)
        return Trees(
            int(stored["depth"]),
            np.where(nodes < 0, 0, feature[nodes]),
            np.where(nodes < 0, np.inf, threshold[nodes]),
            np.array(stored["leaves"], dtype=np.float64) * stored["leaf_unit"],
        )
