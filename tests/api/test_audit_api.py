"""GET /v1/audit: who did what."""

from __future__ import annotations

from asgi_client import KEY

HEADERS = {"Authorization": f"Bearer {KEY}"}


def watched(client, **more) -> str:
    return client.post("/v1/feeds", json={"url": "https://harbour-post.example/feed"}, **more).json()["id"]


def test_removing_a_feed_is_on_record_with_the_key_that_did_it(serve):
    client = serve(api_key=KEY)
    feed = watched(client, headers=HEADERS)
    client.delete(f"/v1/feeds/{feed}", headers=HEADERS)
    [entry] = client.get("/v1/audit", headers=HEADERS).json()["items"]
    assert entry | {"id": "", "at": ""} == {
        "id": "",
        "at": "",
        "actor": "key STORYFOLD_API_KEY",
        "action": "feed.removed",
        "subject": f"feed/{feed}",
        "detail": {"url": "https://harbour-post.example/feed"},
    }
    assert KEY not in str(entry)


def test_what_was_not_done_is_not_on_record(client):
    assert client.delete("/v1/feeds/4711").status_code == 404
    assert client.get("/v1/audit").json() == {"items": [], "next_cursor": None}


def test_where_no_key_exists_the_address_is_on_record(client):
    client.delete(f"/v1/feeds/{watched(client)}")
    assert client.get("/v1/audit").json()["items"][0]["actor"] == "address 127.0.0.1"


def test_the_trail_is_paged_and_filtered(client):
    feeds = []
    for _ in range(3):
        feeds.append(watched(client))
        client.delete(f"/v1/feeds/{feeds[-1]}")
    first = client.get("/v1/audit?limit=2").json()
    rest = client.get(f"/v1/audit?limit=2&cursor={first['next_cursor']}").json()
    subjects = [entry["subject"] for entry in first["items"] + rest["items"]]
    assert (subjects, rest["next_cursor"]) == ([f"feed/{feed}" for feed in reversed(feeds)], None)
    assert len(client.get(f"/v1/audit?subject=feed/{feeds[0]}").json()["items"]) == 1
    assert client.get("/v1/audit?action=key.made").json()["items"] == []
    assert client.get("/v1/audit?action=nonsense").status_code == 422
