"""One rule of the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` selects, in a column `id`, what breaks it; it may ask for the time by ``:now``.

    `of` says what the ids are ids of; `means` is the sentence that is true of every row; `remedy` is what to do.
    """

    name: str
    of: str
    means: str
    remedy: str
    broken: str
