"""Pages come back as they were put, also from months that have no partition yet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from storyfold.errors import NotFound
from storyfold.store.engine import Sessions
from storyfold.store.pages import RawPage, ensure_partitions, get_page, put_page
from storyfold.store.tables import PageKind

NOW = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 1000, "Überfahrt".encode()])
def test_bytes_come_back_as_they_were(sessions: Sessions, body: bytes) -> None:
    page = RawPage(PageKind.FETCHED, body, NOW, "https://a.example/x", "text/html; charset=utf-8")
    with sessions.begin() as session:
        page_id = put_page(session, page)
    with sessions() as session:
        assert get_page(session, page_id) == page


def test_partitions_are_there_for_this_month_and_the_next(sessions: Sessions) -> None:
    with sessions.begin() as session:
        ensure_partitions(session, NOW)
        ensure_partitions(session, NOW)
    with sessions.begin() as session:
        put_page(session, RawPage(PageKind.FETCHED, b"x", datetime(2027, 1, 31, 12, tzinfo=UTC)))
        place = session.scalar(text("SELECT tableoid::regclass::text FROM pages"))
    assert place == "pages_2027_01"


def test_pages_that_came_before_their_month_had_a_partition_move_there(sessions: Sessions) -> None:
    page = RawPage(PageKind.FETCHED, b"x", datetime(2027, 1, 1, tzinfo=UTC))
    other = RawPage(PageKind.FETCHED, b"y", datetime(2027, 2, 1, tzinfo=UTC))
    with sessions.begin() as session:
        page_id, other_id = put_page(session, page), put_page(session, other)
        ensure_partitions(session, NOW)
    with sessions() as session:
        assert (get_page(session, page_id), get_page(session, other_id)) == (page, other)
        places = session.execute(text("SELECT id, tableoid::regclass::text FROM pages ORDER BY id")).all()
    assert places == [(page_id, "pages_2027_01"), (other_id, "pages_default")]


def test_a_page_that_is_no_longer_kept_is_not_found(sessions: Sessions) -> None:
    with sessions() as session, pytest.raises(NotFound, match="no longer kept"):
        get_page(session, 1)
