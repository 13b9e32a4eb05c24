from __future__ import annotations

import pytest

from storyfold.feeds.opml import OpmlFeed, read_opml

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


OPML = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Coast"><outline text="Harbour Post" type="rss" xmlUrl="https://harbour-post.example/feed.xml"
 htmlUrl="https://harbour-post.example/" language="en"/></outline>
<outline text="Tide" xmlUrl="https://tide.example/rss"/><outline text="Mail" xmlUrl="mailto:tide@tide.example"/>
</body></opml>"""


def test_a_feed_is_shown_with_its_health(client):
    feed = client.post("/v1/feeds", json={"url": URL}).json()["id"]
    shown = client.get(f"/v1/feeds/{feed}").json()
    assert shown["home_url"] is None
    health = shown["health"]
    assert health.pop("lag_seconds") >= 0
    assert health == {
        "state": "ok",
        "silent_since": None,
        "interval_seconds": None,
        "asked_seconds": None,
        "retry_at": None,
        "moved_to": None,
        "links_last_week": 0,
        "links_a_week_before": None,
        "error_streak": 0,
        "entries": None,
        "last_polled_at": None,
    }


def test_an_opml_list_is_watched_in_its_order_and_what_cannot_be_stops_nothing(client, bells):
    known = client.post("/v1/feeds", json={"url": "https://tide.example/rss"}).json()["id"]
    answer = client.post("/v1/feeds/opml", content=OPML.encode())
    assert answer.status_code == 200
    first, second, third = answer.json()["items"]
    assert (first["url"], first["created"], first["error"]) == ("https://harbour-post.example/feed.xml", True, None)
    assert (second["id"], second["created"]) == (known, False)
    assert (third["id"], third["created"]) == (None, False)
    assert "web address" in third["error"]
    assert client.get(f"/v1/feeds/{first['id']}").json()["title"] == "Harbour Post"
    assert bells() == 2


def test_what_an_opml_list_said_comes_out_again(client):
    client.post("/v1/feeds/opml", content=OPML.encode())
    answer = client.get("/v1/feeds/opml")
    assert answer.headers["content-type"].startswith("text/x-opml")
    harbour, tide = read_opml(answer.content)
    assert harbour == OpmlFeed(
        "https://harbour-post.example/feed.xml",
        "Harbour Post",
        "https://harbour-post.example/",
        ("Coast",),
        {"language": "en"},
    )
    assert (tide.url, tide.title, tide.folders) == ("https://tide.example/rss", "Tide", ())


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"\x00\xff", b"{}"])
def test_what_is_no_opml_is_422(client, body):
    answer = client.post("/v1/feeds/opml", content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_an_opml_list_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr("storyfold.stages.feed_lists.MAX_BYTES", 100)
    assert client.post("/v1/feeds/opml", content=OPML.encode()).status_code == 422


def test_a_feed_is_named_paused_and_moved(client, bells):
    feed = client.post("/v1/feeds", json={"url": URL}).json()["id"]
    changed = client.patch(
        f"/v1/feeds/{feed}", json={"name": "The Post", "paused": True, "url": "https://p.example/rss"}
    )
    assert changed.status_code == 200
    shown = client.get(f"/v1/feeds/{feed}").json()
    assert {name: shown[name] for name in ("title", "paused", "url")} == {
        "title": "The Post",
        "paused": True,
        "url": "https://p.example/rss",
    }
    assert bells() == 2
    assert client.patch(f"/v1/feeds/{feed}", json={"name": ""}).json()["title"] is None
    assert client.patch(f"/v1/feeds/{feed}", json={"paused": False}).json()["paused"] is False


def test_a_feed_cannot_move_to_where_another_is_watched(client):
    feed = client.post("/v1/feeds", json={"url": URL}).json()["id"]
    client.post("/v1/feeds", json={"url": "https://p.example/rss"})
    assert client.patch(f"/v1/feeds/{feed}", json={"url": "https://p.example/rss"}).status_code == 409
    assert client.get(f"/v1/feeds/{feed}").json()["url"] == URL


@pytest.mark.parametrize("body", [{"url": "ftp://a.example"}, {"paused": "x"}, {"colour": 1}, {"name": 5}, []])
def test_a_change_that_cannot_be_is_422(idle_client, body):
    assert idle_client.patch("/v1/feeds/1", json=body).status_code == 422
    assert idle_client.patch("/v1/feeds/1", json={}).status_code == 404


def test_a_change_of_a_feed_stands_in_the_trail(client):
    feed = client.post("/v1/feeds", json={"url": URL}).json()["id"]
    client.patch(f"/v1/feeds/{feed}", json={"paused": True})
    client.patch(f"/v1/feeds/{feed}", json={"paused": True})
    entries = client.get("/v1/audit").json()["items"]
    assert [entry["detail"] for entry in entries if entry["action"] == "feed.changed"] == [{"paused": True}]


@pytest.fixture
def searching(monkeypatch):
    """What the workers would answer to a search for feeds; the questions they were asked."""
    asked = []

    def answering(answer):
        def ask(matcher, task, question):
            asked.append((task, question))
            return answer

        monkeypatch.setattr("api.matcher.Matcher.ask", ask)
        return asked

    return answering


def test_the_feeds_of_a_site_are_looked_for_by_a_worker(client, searching):
    found = {"url": "https://p.example/rss", "kind": "rss", "title": None, "entries": 3}
    asked = searching({"ok": [found]})
    answer = client.post("/v1/feeds/discover", json={"url": "https://p.example/"})
    assert (answer.status_code, answer.json()) == (200, {"items": [found]})
    assert asked == [("discover", {"url": "https://p.example/"})]
    assert client.get("/v1/feeds").json()["items"] == []


@pytest.mark.parametrize(("transient", "status"), [(True, 503), (False, 422)])
def test_a_search_that_fails_says_why(client, searching, transient, status):
    searching({"error": {"reason": "dns", "message": "p.example cannot be resolved", "transient": transient}})
    answer = client.post("/v1/feeds/discover", json={"url": "https://p.example/"})
    assert (answer.status_code, answer.json()["reason"]) == (status, "dns")
