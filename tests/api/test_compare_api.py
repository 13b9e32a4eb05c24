from __future__ import annotations


def test_two_articles_are_shown_side_by_side(client, newsroom):
    a = newsroom.article("The ferry sails again on Monday. It was in dock for eleven weeks.", title="First")
    b = newsroom.article("The ferry sails again on Tuesday. Bathers were not asked at all.", title="Second")
    answer = client.get(f"/v1/articles/{a}/compare/{b}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["a"]["id"], found["b"]["id"], found["a"]["revision"]) == (str(a), str(b), 1)
    assert [passage["kind"] for passage in found["passages"]] == ["changed", "added", "cut"]
    [change] = found["passages"][0]["changes"]
    text = client.get(f"/v1/articles/{a}").json()["text"]
    assert text[slice(*change["a"])] == "Monday"
    assert found["complete"] is True
    assert set(found["evidence"]) >= {"passages", "quotes", "names", "figures", "features"}


def test_an_article_is_compared_with_itself(client, newsroom):
    a = newsroom.article("The ferry sails again on Monday, and the harbour is glad of it.")
    found = client.get(f"/v1/articles/{a}/compare/{a}?a_revision=1").json()
    assert (found["relation"], found["shared"]) == ("copy", {"a": 1.0, "b": 1.0})


def test_what_is_not_there_cannot_be_compared(client, newsroom):
    a = newsroom.article()
    assert client.get(f"/v1/articles/{a}/compare/4711").status_code == 404
    assert client.get(f"/v1/articles/x/compare/{a}").status_code == 404
    assert client.get(f"/v1/articles/{a}/compare/{a}?b_revision=2").status_code == 404
    assert client.get(f"/v1/articles/{a}/compare/{a}?b_revision=0").status_code == 422


def test_a_comparison_costs_three_queries_at_most(client, newsroom, queries):
    a, b = newsroom.article(), newsroom.article()
    client.get(f"/v1/articles/{a}/compare/{b}")
    assert queries(lambda: client.get(f"/v1/articles/{a}/compare/{b}")) <= 3
