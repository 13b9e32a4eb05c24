"""The kinds of lines that are not part of an article, where in a text each kind may act, and how long such a line is.

A kind's name is the `reason` that a removed line carries. Kinds stand in the order of certainty: when a text would lose
more than the allowed share, the first ones win.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Zone = Literal["anywhere", "below", "top", "end"]
"""`below` is anywhere but on the first line, where a headline may begin with "Video:" or "Opinion:"."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`longest` is in characters: a longer line is taken for a sentence, whatever it looks like.

    Where `sentences_stay`, the patterns are so wide that a line of five words with a full stop is taken for one too.
    """

    name: str
    zone: Zone
    longest: int
    sentences_stay: bool = False


KINDS = (
    Kind("ad", "anywhere", 80),
    Kind("platform", "anywhere", 120),
    Kind("comments", "anywhere", 120),
    Kind("share", "anywhere", 120),
    Kind("headline", "top", 300),
    Kind("date", "top", 80),
    Kind("byline", "top", 120, sentences_stay=True),
    Kind("follow", "anywhere", 400),
    Kind("read-more", "below", 250),
    Kind("media", "anywhere", 180, sentences_stay=True),
    Kind("contents", "anywhere", 60),
    Kind("promotion", "anywhere", 400),
    Kind("credit", "end", 300),
    Kind("tags", "end", 300),
    Kind("legal", "end", 600),
    Kind("bio", "end", 500),
    Kind("teaser", "anywhere", 300),
    Kind("deck", "top", 400),
)
