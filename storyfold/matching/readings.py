"""What evidence is made of, kept for texts that are matched again and again: a source has many rewrites."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from storyfold.matching.evidence import Reading, reading

KEPT_BYTES = 8 * 1024 * 1024
"""Of readings, 7 to 10 kB of a news article: those of some 850 to 1,200 articles."""


class Readings:
    """The readings that were asked for last. Several threads may ask at once."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._room = kept_bytes
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
            if key not in self._kept:
                self._kept[key] = made
                self._room -= made.size
            while self._room < 0:
                self._room += self._kept.popitem(last=False)[1].size
        return made
