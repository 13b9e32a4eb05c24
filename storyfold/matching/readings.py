"""What evidence is made of, kept for texts that are matched again and again: a source has many rewrites."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from storyfold.matching.evidence import Reading, reading

MOST_KEPT = 200
"""A reading is bounded, whatever the text: some 30 kB of a news article."""


class Readings:
    """The readings that were asked for last. Several threads may ask at once."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[int, int], Reading] = OrderedDict()
        self._lock = Lock()

    def of(self, article_id: int, text: str) -> Reading:
        """The reading of an article's text, as it is now."""
        key = (article_id, hash(text))
        with self._lock:
            if known := self._kept.get(key):
                self._kept.move_to_end(key)
                return known
        made = reading(text)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
