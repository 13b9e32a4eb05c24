"""How well an extracted text covers a gold text: precision and recall over the multiset of 4-word shingles."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

WORDS_IN_SHINGLE = 4


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    if not words:
        return Counter()
    if len(words) < WORDS_IN_SHINGLE:
        return Counter([tuple(words)])
    return Counter(tuple(words[i : i + WORDS_IN_SHINGLE]) for i in range(len(words) - WORDS_IN_SHINGLE + 1))


def score_page(gold: str, found: str) -> tuple[float, float] | None:
    """Precision and recall of one page, None where the gold text is empty."""
    wanted, got = shingles(gold), shingles(found)
    hits = (wanted & got).total()
    return None if not wanted else (hits / got.total() if got else 0.0, hits / wanted.total())


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over pages, and the harmonic mean of the two; `lost` pages have under half of their gold text."""

    pages: int
    precision: float
    recall: float
    exact: float
    lost: int

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def figures(scores: list[tuple[float, float]]) -> Figures:
    count = max(1, len(scores))
    return Figures(
        pages=len(scores),
        precision=sum(precision for precision, _ in scores) / count,
        recall=sum(recall for _, recall in scores) / count,
        exact=sum(score == (1.0, 1.0) for score in scores) / count,
        lost=sum(recall < 0.5 for _, recall in scores),
    )
