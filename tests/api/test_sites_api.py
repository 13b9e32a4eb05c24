from __future__ import annotations

LINE = "The Harbour Post, every morning at the quay"
PATH = "/v1/sites/post.example/good-lines"


def test_a_line_is_marked_listed_and_unmarked(client):
    marked = client.post(PATH, json={"line": LINE})
    assert (marked.status_code, marked.json()) == (200, {"line": LINE, "links": []})
    assert [item["line"] for item in client.get(PATH).json()["items"]] == [LINE]
    assert client.get("/v1/sites/other.example/good-lines").json() == {"items": []}
    assert client.post(f"{PATH}/unmark", json={"line": LINE}).status_code == 204
    assert client.get(PATH).json() == {"items": []}
    assert client.post(f"{PATH}/unmark", json={"line": LINE}).status_code == 404


def test_marks_stand_in_the_trail(client):
    client.post(PATH, json={"line": LINE})
    client.post(f"{PATH}/unmark", json={"line": LINE})
    actions = [entry["action"] for entry in client.get("/v1/audit").json()["items"]]
    assert actions == ["line.unmarked", "line.marked-good"]


def test_what_is_no_line_is_422(idle_client):
    assert idle_client.post(PATH, json={"line": ""}).status_code == 422
    assert idle_client.post(PATH, json={"line": "\x00"}).status_code == 422
