"""Match a page: the part of the dry run that waits on the network, for workers that parse nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storyfold.errors import BadInput, FateError, Rejected, Transient
from storyfold.store import hosts, pages
from storyfold.store.engine import Sessions
from storyfold.store.hosts import Politeness
from storyfold.store.pages import RawPage
from storyfold.store.tables import PageKind
from storyfold.web.client import Client
from storyfold.web.urls import canonicalize


def fetch_for_match(sessions: Sessions, client: Client, url: str, politeness: Politeness, now: datetime) -> int:
    """Fetch a page for a dry run, when the host's turn has come. -> its page id. Raises `FateError`."""
    try:
        host = canonicalize(url).host
    except BadInput as error:
        raise Rejected("invalid-url", str(error)) from error
    with sessions.begin() as session:
        hosts.take_turn(session, host, now, politeness)
    fetched = client.fetch(url)
    raw = RawPage(PageKind.FETCHED, fetched.body, now, fetched.final_url, fetched.headers.get("content-type"))
    with sessions.begin() as session:
        return pages.put_page(session, raw)


def explained(error: FateError) -> dict[str, Any]:
    """An error as an answer: why there is none, and whether asking again can help."""
    said = {"reason": error.reason, "message": str(error), "transient": isinstance(error, Transient)}
    return {"error": said}
