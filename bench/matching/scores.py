"""Agreement of clusters with labels: B-cubed, pairwise, adjusted Rand; the figures of `score_clusters.py`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from math import comb


def harmonic(p: float, r: float) -> float:
    """F1."""
    return 2 * p * r / (p + r) if p + r else 0.0


def scores(gold: Mapping[int, Hashable], found: Mapping[int, Hashable]) -> dict[str, float]:
    """Figures over the ids of `gold`; all of them must stand in `found`."""
    by_gold, by_found = Counter(gold.values()), Counter(found[i] for i in gold)
    both = Counter((label, found[i]) for i, label in gold.items())
    n = len(gold)
    p = sum(c * c / by_found[b] for (_, b), c in both.items()) / n
    r = sum(c * c / by_gold[a] for (a, _), c in both.items()) / n
    together = sum(comb(c, 2) for c in both.values())
    in_found, in_gold = (sum(comb(c, 2) for c in counts.values()) for counts in (by_found, by_gold))
    expected, ceiling = in_found * in_gold / comb(n, 2), (in_found + in_gold) / 2
    return {
        "b3_p": p,
        "b3_r": r,
        "b3_f1": harmonic(p, r),
        "pair_p": together / in_found if in_found else 1.0,
        "pair_r": together / in_gold if in_gold else 1.0,
        "ari": (together - expected) / (ceiling - expected) if ceiling != expected else 1.0,
    }


def put_together(
    apart: Sequence[Hashable | None], gold: Mapping[int, Hashable], found: Mapping[int, Hashable]
) -> float:
    """Of the pairs that share a value in `apart` (an event) and not in `gold`, the share that stands together."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for i in gold:
        if apart[i] is not None:
            groups[apart[i]].append(i)
    pairs = [(i, j) for g in groups.values() for n, i in enumerate(g) for j in g[n + 1 :] if gold[i] != gold[j]]
    return sum(found[i] == found[j] for i, j in pairs) / len(pairs) if pairs else 0.0
