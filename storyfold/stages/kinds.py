"""The kinds of work. Apart from what does it, for processes that only ring for it."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of work; each is the name of its task and of its queue."""

    POLL = "poll"
    READ = "read"
    FETCH = "fetch"
    DIGEST = "digest"
    FOLD = "fold"
    REPAIR = "repair"
    DELIVER = "deliver"
