"""What is always true in the store, whatever was killed, lost or delivered twice; and how to see whether it is.

Each rule is one query for what breaks it. What the schema enforces by itself (one article a link, one fate of five) is
looked at only where a restored or hand-edited database could have lost it.
"""

from storyfold.store.invariants.check import SHOWN, Finding, check, size, snapshot
from storyfold.store.invariants.links import LINKS
from storyfold.store.invariants.matching import MATCHING
from storyfold.store.invariants.rule import Rule
from storyfold.store.invariants.stories import STORIES
from storyfold.store.invariants.work import WORK

RULES: tuple[Rule, ...] = (*LINKS, *STORIES, *MATCHING, *WORK)

__all__ = ["RULES", "SHOWN", "Finding", "Rule", "check", "size", "snapshot"]
