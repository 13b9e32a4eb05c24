"""Columns written as text, and several statements as one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from storyfold.store.bulk import blob, blobs, lists, numbers, strings, write_together
from storyfold.store.engine import Sessions
from storyfold.store.folding import stories_opened
from storyfold.store.kin import kin_kept

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_columns_come_back_as_they_were_given(sessions: Sessions) -> None:
    said = ['"Yes", she said', "C:\\new {a,b}", "", "NULL", None, "Łódź\nи 東京"]
    columns = [strings(said), numbers("real", [1.5, None]), lists("integer", [[1, 2], []])]
    found = []
    with sessions() as session:
        for column in columns:
            asked = f"SELECT CAST(one AS {column.type_}) FROM unnest(CAST(:sent AS {column.sent_as}[])) AS one"
            found.append(list(session.scalars(text(asked), {"sent": column.sent})))
    assert found == [said, [1.5, None], [[1, 2], []]]


def test_bytes_are_sent_as_they_are_and_each_is_found_in_them(sessions: Sessions) -> None:
    given = [b"\x00\\\"'", b"", b"\xff" * 70_000]
    column = blobs(given)
    asked = f"SELECT {blob(':joined', 'place')} FROM unnest(CAST(:places AS bigint[])) AS place"
    with sessions() as session:
        found = session.scalars(text(asked), {"joined": column.joined, "places": column.sent})
        assert list(map(bytes, found)) == given


def test_what_has_no_rows_is_written_along_as_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        write_together(session, [stories_opened([7, 8], NOW), kin_kept([])])
        assert sorted(session.scalars(text("SELECT id FROM stories"))) == [7, 8]
