"""What others do with the same texts: near-duplicate search over runs of five words, and groups of what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

THRESHOLD = 0.5
PERMUTATIONS = 128
SIMHASH_BITS = 3  # of 64 may differ: the usual setting


class Groups:
    """Ids put together pair by pair."""

    def __init__(self, n: int) -> None:
        self._head = list(range(n))

    def head(self, i: int) -> int:
        """The group of an id."""
        while self._head[i] != i:
            self._head[i] = self._head[self._head[i]]
            i = self._head[i]
        return i

    def join(self, i: int, others: Iterable[int]) -> None:
        """`i` and `others` are one group from now on."""
        for j in others:
            self._head[self.head(j)] = self.head(i)

    def labels(self) -> dict[int, int]:
        """Group by id."""
        return {i: self.head(i) for i in range(len(self._head))}


def shingles(text: str) -> list[str]:
    """Distinct runs of five words, in lower case."""
    words = re.findall(r"\w+", text.lower())
    return sorted({" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))})


def datasketch_lsh(texts: Sequence[str]) -> dict[int, int]:
    """datasketch: MinHashLSH at Jaccard .5."""
    from datasketch import MinHash, MinHashLSH

    index, groups = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS), Groups(len(texts))
    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([s.encode() for s in shingles(text)])
        groups.join(i, (int(j) for j in index.query(sketch)))
        index.insert(i, sketch)
    return groups.labels()


def rensa_lsh(texts: Sequence[str]) -> dict[int, int]:
    """rensa: RMinHash in its LSH at Jaccard .5."""
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=32)
    groups, sketches = Groups(len(texts)), []
    for i, text in enumerate(texts):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=42)
        sketch.update(shingles(text))
        groups.join(i, (j for j in index.query(sketch) if sketch.jaccard(sketches[j]) >= THRESHOLD))
        index.insert(i, sketch)
        sketches.append(sketch)
    return groups.labels()


def simhash_index(texts: Sequence[str]) -> dict[int, int]:
    """simhash: 64 bits, at most three of them different."""
    from simhash import Simhash, SimhashIndex

    index, groups = SimhashIndex([], k=SIMHASH_BITS), Groups(len(texts))
    for i, text in enumerate(texts):
        sketch = Simhash(shingles(text))
        groups.join(i, (int(j) for j in index.get_near_dups(sketch)))
        index.add(str(i), sketch)
    return groups.labels()


PEERS: dict[str, Callable[[Sequence[str]], dict[int, int]]] = {
    "datasketch MinHashLSH": datasketch_lsh,
    "rensa RMinHashLSH": rensa_lsh,
    "simhash": simhash_index,
}
