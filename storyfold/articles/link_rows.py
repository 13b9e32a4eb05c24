"""Which lines of a text are nothing but links of its page: one each, or several in a row.

Extractors give links that no block parts from each other as one line, and leave nothing of a line but its words. It is
a row of links where these are the texts of links that follow one another on the page, from the beginning of one to the
end of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

MOST_LETTERS = 200_000
"""Of all links together, in which rows are looked for; a front page has some 20,000."""
MOST_ROWS = 200
"""Lines that are looked for as rows; a text with more of them is none of links."""
MOST_PLACES = 8
"""Places of each line that are looked at: the same words may stand in the midst of a link too."""


class LinkRows:
    """`links` are the keys (see `structure.line_key`) of a page's links, in its order."""

    def __init__(self, links: Sequence[str]) -> None:
        self._single = frozenset(links)
        self._joined = "".join(links)[:MOST_LETTERS]
        self._bounds = {place: number for number, place in enumerate(accumulate(map(len, links), initial=0))}

    def counts(self, keys: Sequence[str]) -> Iterator[int]:
        """How many links each line is made of, by its key; 0 where it holds anything else."""
        looked_for = 0
        for key in keys:
            if key in self._single:
                yield 1
            elif looked_for < MOST_ROWS:
                looked_for += 1
                yield self._row(key)
            else:
                yield 0

    def _row(self, key: str) -> int:
        place = -1
        for _ in range(MOST_PLACES if key else 0):
            place = self._joined.find(key, place + 1)
            if place < 0:
                return 0
            first, last = self._bounds.get(place), self._bounds.get(place + len(key))
            if first is not None and last is not None:
                return last - first
        return 0
