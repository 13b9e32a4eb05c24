"""How often a process that folds looks for garbage in cycles."""

from __future__ import annotations

import gc

# New objects before the young are looked through, and how many such looks before those that lived on are. By default
# (700, 10, 10) a fold of 64 articles is interrupted hundreds of times, to look through fingerprints that are kept for
# thousands of articles: it took 13 % of a fold's processor time, and found next to nothing.
THRESHOLDS = (50_000, 20, 20)


def collect_seldom() -> None:
    """Look for cycles seldom from now on, and never through what stands now: the libraries and their tables.

    What is in no cycle goes the moment nothing refers to it, as ever. Processes forked from here do the same.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
