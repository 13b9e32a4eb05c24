from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

URL = "https://harbour-post.example/ferry"


def submit(client, *urls):
    answer = client.post("/v1/links", json={"urls": list(urls)})
    assert answer.status_code == 202, answer.text
    return answer.json()["items"]


def test_a_new_url_is_pending_and_rings_once(client, bells):
    items = submit(client, URL, f"{URL}/2")
    known = {"fate": "pending", "reason": None, "created": True}
    assert [item | {"id": "?"} for item in items] == [
        {"id": "?", "url": url, "canonical_url": url, **known} for url in (URL, f"{URL}/2")
    ]
    assert len({item["id"] for item in items}) == 2
    assert bells() == 1


def test_a_known_url_keeps_its_id_in_any_spelling_and_rings_nobody(client, bells):
    [first] = submit(client, URL)
    [again] = submit(client, "https://HARBOUR-POST.example:443/ferry?utm_source=mail#top")
    assert (again["id"], again["canonical_url"], again["created"]) == (first["id"], URL, False)
    assert bells() == 1


def test_one_bad_url_is_rejected_and_stops_nothing_else(client):
    bad, good = submit(client, "not a url", URL)
    assert bad == {
        "id": None,
        "url": "not a url",
        "canonical_url": None,
        "fate": "rejected",
        "reason": "invalid-url",
        "created": False,
    }
    assert good["fate"] == "pending"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "\x00",
        "http://a.example/\x00",
        "http://\udcff.example/",
        "http://a.example/\ud800",
        "javascript:0",
        "http://[",
        "x" * 50_000,
    ],
)
def test_what_is_no_url_is_rejected_whatever_it_is(client, url):
    assert submit(client, url)[0]["fate"] == "rejected"


def test_a_private_address_is_taken_and_left_to_the_fetch(client):
    assert submit(client, "http://10.0.0.1/news")[0]["fate"] == "pending"


def test_a_url_may_say_when_and_by_whom_it_was_published(client):
    items = submit(client, {"url": URL, "published": "2026-07-01", "source": "Harbour Post"}, {"url": f"{URL}/2"})
    assert [item["created"] for item in items] == [True, True]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"urls": []},
        {"urls": "https://harbour-post.example"},
        {"urls": [5]},
        {"urls": [{"url": URL, "publishd": "2026-07-01"}]},
        {"urls": [{"url": URL, "published": "yesterday"}]},
        {"urls": [{"url": URL, "published": "2026-02-30"}]},
        {"urls": [{"url": URL, "source": "\x00"}]},
        {"urls": [f"{URL}/{number}" for number in range(1_001)]},
        {"urls": [URL], "more": 1},
    ],
)
def test_a_malformed_body_is_422_and_stores_nothing(idle_client, body):
    answer = idle_client.post("/v1/links", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert idle_client.get("/v1/links").json()["items"] == []


def test_a_thousand_urls_are_taken_at_once(client):
    items = submit(client, *(f"{URL}/{number}" for number in range(1_000)))
    assert len({item["id"] for item in items}) == 1_000
    assert [item["url"] for item in items] == [f"{URL}/{number}" for number in range(1_000)]


def test_the_same_url_at_once_from_many_is_one_link(client):
    spellings = [URL, f"{URL}#a", "https://HARBOUR-POST.example/ferry", f"{URL}?utm_medium=x"]
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda number: submit(client, spellings[number % 4])[0], range(40)))
    assert len({item["id"] for item in answers}) == 1
    assert sum(item["created"] for item in answers) == 1


def test_a_link_tells_its_fate_its_tries_and_its_place(client, newsroom):
    article = newsroom.article()
    story = newsroom.story([article])
    link = client.get(f"/v1/articles/{article}").json()["link_id"]
    newsroom.settle(int(link), "folded")
    assert client.get(f"/v1/links/{link}").json() == {
        "id": link,
        "url": None,
        "canonical_url": None,
        "fate": "folded",
        "reason": None,
        "created": False,
        "attempts": 0,
        "next_attempt_at": None,
        "article_id": str(article),
        "story_id": str(story),
    }


def test_links_are_listed_newest_first_page_by_page(client):
    ids = [item["id"] for item in submit(client, *(f"{URL}/{number}" for number in range(5)))]
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get("/v1/links", params={"limit": 2, "cursor": cursor}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(ids, key=int, reverse=True)


def test_links_are_filtered_by_fate_host_and_age(client, newsroom):
    one, two = submit(client, URL, "https://valley-times.example/ferry")
    newsroom.settle(int(one["id"]), "rejected", "not-found")
    found = {
        name: [item["id"] for item in client.get("/v1/links", params=params).json()["items"]]
        for name, params in {
            "fate": {"fate": "rejected"},
            "host": {"host": "Valley-Times.example"},
            "since": {"since": "2999-01-01"},
        }.items()
    }
    assert found == {"fate": [one["id"]], "host": [two["id"]], "since": []}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "fate=lost",
        "since=2026-13-01",
        "cursor=abc",
        "cursor=ä",
        "colour=red",
        "host=%00",
    ],
)
def test_a_query_that_cannot_be_is_422(idle_client, query):
    assert idle_client.get(f"/v1/links?{query}").status_code == 422


@pytest.mark.parametrize("id", ["0", "-1", "999", "abc", "1.0", "%00", "9" * 19, "9" * 400, "١", "1%0A"])
@pytest.mark.parametrize("noun", ["links", "articles", "stories", "feeds"])
def test_an_id_that_is_nobodys_is_404(idle_client, noun, id):
    answer = idle_client.get(f"/v1/{noun}/{id}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_rejected_link_is_tried_again_and_rung_for(client, newsroom, bells):
    [link] = submit(client, URL)
    newsroom.settle(int(link["id"]), "rejected", "not-found")
    answer = client.post(f"/v1/links/{link['id']}/retry")
    assert answer.status_code == 202
    assert (answer.json()["fate"], answer.json()["reason"]) == ("pending", None)
    assert bells() == 2


def test_a_pending_link_is_not_tried_again(client):
    [link] = submit(client, URL)
    assert client.post(f"/v1/links/{link['id']}/retry").status_code == 409
    assert client.post("/v1/links/99/retry").status_code == 404


def test_the_page_of_a_folded_link_is_fetched_again_and_rung_for(client, newsroom, bells):
    [link] = submit(client, URL)
    newsroom.settle(int(link["id"]), "folded")
    answer = client.post(f"/v1/links/{link['id']}/refetch")
    assert (answer.status_code, answer.json()["fate"]) == (202, "pending")
    assert bells() == 2


def test_a_link_that_is_not_folded_is_not_fetched_again(client, newsroom):
    [link] = submit(client, URL)
    assert client.post(f"/v1/links/{link['id']}/refetch").status_code == 409
    newsroom.settle(int(link["id"]), "rejected", "robots")
    assert client.post(f"/v1/links/{link['id']}/refetch").status_code == 409
    assert client.post("/v1/links/99/refetch").status_code == 404


def test_urls_are_taken_while_redis_is_away(serve):
    client = serve(redis_url="redis://127.0.0.1:1/0")
    assert submit(client, URL)[0]["fate"] == "pending"
    assert client.get("/v1/links").json()["items"][0]["canonical_url"] == URL
