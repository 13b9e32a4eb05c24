from __future__ import annotations

import pytest

URL = "https://harbour-post.example/feed.xml?token=abc"


def test_a_new_feed_is_watched_at_once(client, bells):
    answer = client.post("/v1/feeds", json={"url": URL})
    assert answer.status_code == 201
    feed = answer.json()
    assert answer.headers["location"] == f"/v1/feeds/{feed['id']}"
    assert feed.pop("next_poll_at").endswith("Z")
    assert feed | {"id": None} == {"id": None, "url": URL, "title": None, "last_success": None, "error": None}
    assert bells() == 1


def test_a_feed_that_is_watched_already_is_200_and_the_same(client, bells):
    first = client.post("/v1/feeds", json={"url": URL})
    again = client.post("/v1/feeds", json={"url": URL.replace("https://h", "HTTPS://H")})
    assert (again.status_code, again.json()) == (200, first.json())
    assert bells() == 1


def test_feeds_are_listed_in_the_order_they_were_added(client):
    made = [client.post("/v1/feeds", json={"url": f"{URL}{number}"}).json()["id"] for number in range(3)]
    first = client.get("/v1/feeds?limit=2").json()
    second = client.get("/v1/feeds", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [feed["id"] for feed in first["items"] + second["items"]] == made
    assert second["next_cursor"] is None


def test_a_removed_feed_is_gone(client):
    feed = client.post("/v1/feeds", json={"url": URL}).json()["id"]
    assert client.get(f"/v1/feeds/{feed}").json()["url"] == URL
    answer = client.delete(f"/v1/feeds/{feed}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"/v1/feeds/{feed}").status_code == 404
    assert client.delete(f"/v1/feeds/{feed}").status_code == 404


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "ftp://harbour-post.example/feed", "http://a.example/\x00", "http://\ud800/", None, 5]
)
def test_what_is_no_url_is_no_feed(idle_client, url):
    assert idle_client.post("/v1/feeds", json={"url": url}).status_code == 422
