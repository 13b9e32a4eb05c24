"""Which rows of a batch belong to one site, and the template each of them gets from all the others."""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from storyfold.articles.structure import host_of
from storyfold.articles.template import (
    WINDOW,
    SeenArticle,
    Sighting,
    SiteTemplate,
    learn_template,
    version_groups,
)


def site_of(url: str | None, canonical_url: str | None, source: str | None) -> str | None:
    """What a row's site is known by: the host of its URL, else of what its page names as its own, else its source."""
    for address in (url, canonical_url):
        host = host_of(address)
        if host:
            return host
    return source or None


@dataclass(frozen=True, slots=True, order=True)
class _Row:
    """A row's lines, packed: 12 bytes a line."""

    day: date
    number: int
    hashes: array[int]
    lengths: array[int]

    def seen(self) -> SeenArticle:
        pairs = zip(self.hashes, self.lengths, strict=True)
        lines = tuple(Sighting(line, 0.0, length) for line, length in pairs)
        return SeenArticle(None if self.day == date.min else self.day, lines)


class SiteBook:
    """The lines of each site's newest rows; a site's older rows are forgotten, as in the service."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, list[_Row]] = defaultdict(list)

    def add(self, site: str, number: int, day: date | None, lines: tuple[Sighting, ...]) -> None:
        """Takes note of row `number`; `day` is its day of publication."""
        hashes = array("q", (line.line_hash for line in lines))
        row = _Row(day or date.min, number, hashes, array("i", (line.length for line in lines)))
        rows = self._rows[site]
        if len(rows) <= WINDOW:
            heapq.heappush(rows, row)
        else:
            heapq.heappushpop(rows, row)

    def templates(self, *, today: date) -> tuple[dict[int, SiteTemplate], dict[str, SiteTemplate]]:
        """A template for each row noted, learned from the site's other rows, and one for the site's older rows.

        A row's clock is its day of publication, `today` where that is unknown.
        """
        by_row: dict[int, SiteTemplate] = {}
        by_site: dict[str, SiteTemplate] = {}
        for site, rows in self._rows.items():
            rows.sort(reverse=True)
            by_row.update(_leave_one_out(rows, today))
            if len(rows) > WINDOW:
                by_site[site] = learn_template([row.seen() for row in rows], today=rows[0].day)
        return by_row, by_site


def _leave_one_out(rows: list[_Row], today: date) -> Iterator[tuple[int, SiteTemplate]]:
    history = [row.seen() for row in rows]
    groups = version_groups(history)
    for i, row in enumerate(rows):
        others, other_groups = history[:i] + history[i + 1 :], groups[:i] + groups[i + 1 :]
        clock = history[i].day or today
        template = learn_template(others, today=clock, groups=other_groups)
        own = frozenset(row.hashes)
        yield row.number, SiteTemplate(template.at_edges & own, template.anywhere & own)
