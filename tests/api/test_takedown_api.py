from __future__ import annotations


def test_an_article_that_is_taken_down_is_gone_for_good(client, newsroom):
    first, second = newsroom.article(), newsroom.article("The ferry sails again, they say.")
    story = newsroom.story([first, second])
    answer = client.delete(f"/v1/articles/{first}")
    assert (answer.status_code, answer.content) == (204, b"")
    for request in (client.get, client.delete):
        gone = request(f"/v1/articles/{first}")
        assert (gone.status_code, gone.headers["content-type"]) == (410, "application/problem+json")
    assert client.get(f"/v1/articles/{first}/compare/{second}").status_code == 410
    [cluster] = client.get(f"/v1/stories/{story}").json()["clusters"]
    assert [article["id"] for article in cluster["articles"]] == [str(second)]
    assert client.get("/v1/stories?q=ferry").json()["items"][0]["article_count"] == 1


def test_a_story_without_articles_is_gone(client, newsroom):
    article = newsroom.article()
    story = newsroom.story([article])
    client.delete(f"/v1/articles/{article}")
    assert client.get(f"/v1/stories/{story}").status_code == 410
    assert client.get("/v1/stories").json()["items"] == []
    [change] = client.get("/v1/changes").json()["items"]
    assert (change["kind"], change["story_id"]) == ("removed", str(story))


def test_its_link_says_why(client, newsroom):
    article = newsroom.article()
    link = client.get(f"/v1/articles/{article}").json()["link_id"]
    client.delete(f"/v1/articles/{article}")
    found = client.get(f"/v1/links/{link}").json()
    assert (found["fate"], found["reason"], found["article_id"]) == ("rejected", "taken-down", None)
    assert client.post(f"/v1/links/{link}/retry").status_code == 409


def test_what_was_never_there_is_404_and_leaves_no_trace(client):
    assert client.delete("/v1/articles/4711").status_code == 404
    assert client.delete("/v1/articles/x").status_code == 404
    assert client.get("/v1/audit").json()["items"] == []


def test_a_takedown_is_on_record(client, newsroom):
    article = newsroom.article()
    client.delete(f"/v1/articles/{article}")
    [entry] = client.get("/v1/audit").json()["items"]
    assert (entry["action"], entry["subject"]) == ("article.taken-down", f"article/{article}")
