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


def stories_of(client, **query):
    return [item["story_id"] for item in client.get("/v1/changes", params=query).json()["items"]]


def test_changes_are_filtered_by_kind_story_source_and_size(client, newsroom):
    small = newsroom.story([newsroom.article(source="valley-times.example")], article_count=1)
    large = newsroom.story([newsroom.article(), newsroom.article()], article_count=2, source_count=2)
    for cursor, (kind, story) in enumerate([("created", small), ("created", large), ("grown", large)], start=1):
        newsroom.change(cursor, kind, story)
    assert stories_of(client, kind="grown") == [str(large)]
    assert stories_of(client, kind=["grown", "created"]) == [str(small), str(large), str(large)]
    assert stories_of(client, story_id=str(small)) == [str(small)]
    assert stories_of(client, source="valley-times.example") == [str(small)]
    assert stories_of(client, min_articles=2, min_sources=2) == [str(large), str(large)]


def test_the_end_of_a_story_is_told_whatever_it_was(client, newsroom):
    kept = newsroom.story()
    newsroom.change(1, "removed", 4711)
    newsroom.change(2, "merged", 4712, other=kept)
    assert stories_of(client, source="nobody.example") == ["4711", "4712"]
    assert stories_of(client, story_id=str(kept)) == ["4712"]


def test_a_filter_that_lets_nothing_through_moves_on_all_the_same(client, newsroom):
    newsroom.change(1, "created", 1)
    behind = client.get("/v1/changes", params={"kind": "split"}).json()["next_cursor"]
    assert behind == client.get("/v1/changes").json()["next_cursor"]


def test_the_latest_cursor_is_behind_everything(client, newsroom):
    newsroom.change(1, "created", 1)
    page = client.get("/v1/changes?cursor=latest").json()
    assert page["items"] == []
    newsroom.change(2, "grown", 1)
    assert stories_of(client, cursor=page["next_cursor"]) == ["1"]


@pytest.mark.parametrize("query", ["cursor=1", "kind=exploded", "story_id=x", "limit=5"])
def test_a_stream_that_cannot_be_is_422(idle_client, query):
    assert idle_client.get(f"/v1/stream?{query}").status_code == 422


def test_a_stream_ahead_of_the_log_is_422(client):
    from storyfold.store.changes import change_cursor

    assert client.get("/v1/stream", headers={"Last-Event-ID": change_cursor(7)}).status_code == 422


def test_a_stream_ends_after_a_while_and_the_next_goes_on_behind_it(client, newsroom, monkeypatch):
    monkeypatch.setattr("api.streams.LONGEST", 0.0)
    monkeypatch.setattr("api.streams.HEARTBEAT", 0.0)
    newsroom.change(1, "created", 1)
    first = client.get("/v1/stream").text
    assert first.count("data: ") == 1
    [cursor] = [line.removeprefix("id: ") for line in first.splitlines() if line.startswith("id: ")]
    newsroom.change(2, "grown", 1)
    again = client.get("/v1/stream", headers={"Last-Event-ID": cursor}).text
    assert again.count("data: ") == 1
    assert '"grown"' in again


def test_a_heartbeat_of_a_filtered_stream_carries_how_far_it_has_looked(client, newsroom, monkeypatch):
    monkeypatch.setattr("api.streams.LONGEST", 0.0)
    monkeypatch.setattr("api.streams.HEARTBEAT", 0.0)
    newsroom.change(1, "created", 1)
    told = client.get("/v1/stream?kind=split").text
    behind = client.get("/v1/changes").json()["next_cursor"]
    assert "data: " not in told
    assert f"id: {behind}" in told
