"""Hops: from a page that is only a step to the page that is meant, as the page itself says it.

A meta refresh and an AMP form's canonical address are redirects in other words, so they are followed like redirects:
at once, within the fetch in hand. What they cost the host is made up for afterwards (see `stages.fetch`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from storyfold.errors import Rejected
from storyfold.web.client import Fetched
from storyfold.web.head import HeadHints, head_hints, identity, next_hop

# One for a shortener, one for the AMP form it may lead to.
MOST_HOPS = 2

HTML_TYPES = ("text/html", "application/xhtml+xml", "")


@dataclass(frozen=True, slots=True)
class Arrival:
    """The page that is meant, the one canonical URL it goes by, and how many hops led there."""

    fetched: Fetched
    canonical_url: str
    hops: int = 0


def follow(first: Fetched, fetch: Callable[[str], Fetched]) -> Arrival:
    """Follow `first` to where it leads, by `fetch`. Raises what `fetch` raises, and ``redirect-loop``.

    An AMP form whose full page is not to be had for good is a page all the same.
    """
    page, hints = first, _hints(first)
    for hops in range(MOST_HOPS):
        target = next_hop(hints, page.final_url)
        if target is None:
            return Arrival(page, identity(hints, page.final_url), hops)
        try:
            following = fetch(target)
        except Rejected:
            if hints.refresh:
                raise
            return Arrival(page, identity(hints, page.final_url), hops)
        page, hints = following, _hints(following)
    if hints.refresh and next_hop(hints, page.final_url):
        raise Rejected("redirect-loop", f"after {MOST_HOPS} pages that only lead on, {page.final_url} leads on too")
    return Arrival(page, identity(hints, page.final_url), MOST_HOPS)


def _hints(fetched: Fetched) -> HeadHints:
    return head_hints(fetched.body, fetched.final_url) if fetched.content_type in HTML_TYPES else HeadHints()
