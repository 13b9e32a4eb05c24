"""Columns written as text, and several statements as one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from storyfold.store.bulk import blobs, lists, numbers, strings, write_together
from storyfold.store.engine import Sessions
from storyfold.store.folding import stories_opened
from storyfold.store.kin import kin_kept

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_columns_come_back_as_they_were_given(sessions: Sessions) -> None:
    said = ['"Yes", she said', "C:\\new {a,b}", "", "NULL", "Łódź\nи 東京"]
    columns = [strings(said), blobs([b"\x00\\\"'", b""]), numbers("real", [1.5, None]), lists("integer", [[1, 2], []])]
    found = []
    with sessions() as session:
        for column in columns:
            asked = f"SELECT CAST(one AS {column.type_}) FROM unnest(CAST(:sent AS {column.sent_as}[])) AS one"
            found.append(list(session.scalars(text(asked), {"sent": column.sent})))
    assert found == [said, [b"\x00\\\"'", b""], [1.5, None], [[1, 2], []]]


def test_what_has_no_rows_is_written_along_as_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        write_together(session, [stories_opened([7, 8], NOW), kin_kept([])])
        assert sorted(session.scalars(text("SELECT id FROM stories"))) == [7, 8]
