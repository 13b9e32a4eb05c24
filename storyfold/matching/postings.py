"""Posting lists as bytes: under a term, which article holds it, when that was published, and what it makes of it.

A posting is eight bytes, high ones first: 32 bits for the article's id, 22 for the day of publication (an ordinal; 0
where it is not known), 10 for the share in thousandths. Thousands of them are read for each article that comes in: as
bytes they cost next to nothing to hand over, and are taken apart in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

POSTING = 8
"""Bytes of one."""

_ID = 4  # bytes of the article's id in it
SHARE_BITS = 10  # a share is 1,000 at most; an ordinal of the year 9999 takes the other 22
SHARE = (1 << SHARE_BITS) - 1


def posting(article_id: int, day: int | None, share: int) -> bytes:
    """One posting. `article_id` is below 2^32, `share` from 0 to 1,000; raises `OverflowError` otherwise."""
    told = (day or 0) << SHARE_BITS | min(share, SHARE)
    return (article_id << 32 | told).to_bytes(POSTING, "big")


def by_term(articles: Iterable[tuple[int, int | None, Mapping[int, int]]]) -> dict[int, bytes]:
    """The postings of articles (id, day of publication, share by term) under each of their terms, in order."""
    lists: dict[int, list[bytes]] = {}
    for article_id, day, shares in articles:
        for term, share in shares.items():
            lists.setdefault(term, []).append(posting(article_id, day, share))
    return {term: b"".join(those) for term, those in lists.items()}


def without(packed: bytes, article_ids: Set[int]) -> bytes:
    """The postings of `packed` that are of none of these articles."""
    each = (packed[at : at + POSTING] for at in range(0, len(packed), POSTING))
    return b"".join(one for one in each if int.from_bytes(one[:_ID], "big") not in article_ids)
