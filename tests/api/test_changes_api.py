from __future__ import annotations

import pytest


def test_a_reader_that_follows_the_cursor_sees_every_change_once_in_order(client, newsroom):
    for cursor in range(1, 6):
        newsroom.change(cursor, "created", cursor)
    seen, cursor = [], ""
    for _ in range(4):
        page = client.get("/v1/changes", params={"limit": 2, "cursor": cursor}).json()
        seen += [item["story_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["1", "2", "3", "4", "5"]
    newsroom.change(6, "merged", 5, other=4)
    [last] = client.get("/v1/changes", params={"cursor": cursor}).json()["items"]
    assert (last["kind"], last["story_id"], last["other_story_id"]) == ("merged", "5", "4")
    assert last["at"].endswith("Z")


def test_each_change_carries_the_cursor_behind_it(client, newsroom):
    for cursor in (1, 2):
        newsroom.change(cursor, "grown", cursor)
    first = client.get("/v1/changes").json()["items"][0]
    rest = client.get("/v1/changes", params={"cursor": first["cursor"]}).json()["items"]
    assert [item["story_id"] for item in rest] == ["2"]


def test_an_empty_log_has_a_cursor_to_wait_with(client, newsroom):
    page = client.get("/v1/changes").json()
    assert page["items"] == []
    newsroom.change(1, "created", 1)
    assert len(client.get("/v1/changes", params={"cursor": page["next_cursor"]}).json()["items"]) == 1


def test_a_cursor_ahead_of_the_log_is_422(client, newsroom):
    newsroom.change(1, "created", 1)
    from storyfold.store import cursors

    answer = client.get("/v1/changes", params={"cursor": cursors.encode("changes", 2)})
    assert answer.status_code == 422
    assert "ahead of the log" in answer.json()["detail"]


@pytest.mark.parametrize("query", ["cursor=1", "cursor=%00", "cursor=" + "A" * 2_000, "limit=0", "since=2026-07-01"])
def test_a_query_for_changes_that_cannot_be_is_422(idle_client, query):
    assert idle_client.get(f"/v1/changes?{query}").status_code == 422
