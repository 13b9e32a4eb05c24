"""What others wrote, made fit for a person's terminal."""

from __future__ import annotations

import re

# Ends of lines and tabs would break a line of ours; C0 and C1 controls steer a terminal; marks of direction let a line
# read otherwise than it stands; half a surrogate pair cannot be written at all.
_BREAKS = re.compile(r"[\t-\r\x85\u2028\u2029]+")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """One line that steers nothing: what would is shown as U+FFFD."""
    return _STEERING.sub("\ufffd", _BREAKS.sub(" ", text))


def brief(text: str, most: int) -> str:
    """The same with single blanks, cut to `most` characters: between words where there are any."""
    whole = " ".join(plain(text).split())
    if len(whole) <= most:
        return whole
    kept = whole[: most - 1]
    between = kept.rfind(" ")
    return (kept[:between] if between > most // 2 else kept).rstrip() + "…"
