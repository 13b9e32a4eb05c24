"""Boosted trees, evaluated with numpy: the shipped model needs no learning library to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

    def __call__(self, rows: F64) -> F64:
        n_trees, nodes = self.feature.shape
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        base = np.arange(n_trees) * nodes
        node = np.zeros((len(rows), n_trees), dtype=np.intp)
        each = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            at = base + node
            node = 2 * node + 1 + (rows[each, feature[at]] > threshold[at])
        total: F64 = self.leaf[np.arange(n_trees), node - nodes].sum(axis=1)
        return total

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Trees:
        """From the fields of a weights file."""
        return Trees(
            int(stored["depth"]),
            np.array(stored["feature"], dtype=np.intp),
            np.array(stored["threshold"], dtype=np.float64),
            np.array(stored["leaf"], dtype=np.float64),
        )
