from __future__ import annotations

import pytest


def two_stories(newsroom):
    return [newsroom.story([newsroom.article(f"Report {n}.", title=f"Title {n}")]) for n in range(2)]


def test_a_merge_answers_the_story_as_it_is_now_and_the_other_leads_to_it(client, newsroom):
    older, younger = two_stories(newsroom)
    answer = client.post(f"/v1/stories/{younger}/merge", json={"story_id": str(older)})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["id"], len(answer.json()["clusters"])) == (str(older), 2)
    moved = client.get(f"/v1/stories/{younger}")
    assert (moved.status_code, moved.headers["location"]) == (308, f"/v1/stories/{older}")
    [change] = client.get("/v1/changes").json()["items"]
    assert (change["kind"], change["story_id"], change["other_story_id"]) == ("merged", str(younger), str(older))


def test_a_split_answers_the_new_story(client, newsroom):
    a, b = newsroom.article(title="A"), newsroom.article("Another report.", title="B")
    story = newsroom.story([a], [b])
    cluster = client.get(f"/v1/stories/{story}").json()["clusters"][1]["id"]
    answer = client.post(f"/v1/stories/{story}/split", json={"cluster_ids": [cluster]})
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert answer.headers["location"] == f"/v1/stories/{new['id']}"
    assert [c["id"] for c in new["clusters"]] == [cluster]
    assert client.get(f"/v1/stories/{story}").json()["article_count"] == 1


def test_corrections_of_a_merged_story_lead_to_where_it_went(client, newsroom):
    older, younger = two_stories(newsroom)
    newsroom.merge(younger, into=older)
    for verb, body in (("merge", {"story_id": "1"}), ("split", {"cluster_ids": ["1"]})):
        answer = client.post(f"/v1/stories/{younger}/{verb}", json=body)
        assert (answer.status_code, answer.headers["location"]) == (308, f"/v1/stories/{older}/{verb}")


def test_corrections_are_on_record(client, newsroom):
    older, younger = two_stories(newsroom)
    client.post(f"/v1/stories/{older}/merge", json={"story_id": str(younger)})
    clusters = [c["id"] for c in client.get(f"/v1/stories/{older}").json()["clusters"]]
    client.post(f"/v1/stories/{older}/split", json={"cluster_ids": clusters[:1]})
    acts = [(entry["action"], entry["subject"]) for entry in client.get("/v1/audit").json()["items"]]
    assert acts == [("story.split", f"story/{older}"), ("stories.merged", f"story/{older}")]


def test_what_contradicts_the_stories_is_409(client, newsroom):
    story, _ = two_stories(newsroom)
    [cluster] = client.get(f"/v1/stories/{story}").json()["clusters"]
    assert client.post(f"/v1/stories/{story}/merge", json={"story_id": str(story)}).status_code == 409
    assert client.post(f"/v1/stories/{story}/split", json={"cluster_ids": [cluster["id"]]}).status_code == 409
    assert client.post(f"/v1/stories/{story}/split", json={"cluster_ids": ["4711"]}).status_code == 409
    assert client.get("/v1/changes").json()["items"] == []


def test_what_is_not_there_is_404(client, newsroom):
    story, _ = two_stories(newsroom)
    assert client.post("/v1/stories/4711/merge", json={"story_id": str(story)}).status_code == 404
    assert client.post(f"/v1/stories/{story}/merge", json={"story_id": "4711"}).status_code == 404
    assert client.post("/v1/stories/x/split", json={"cluster_ids": ["1"]}).status_code == 404


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("merge", {}),
        ("merge", {"story_id": "x"}),
        ("merge", {"story_id": 1}),
        ("split", {"cluster_ids": []}),
        ("split", []),
    ],
)
def test_a_correction_that_cannot_be_read_is_422(idle_client, verb, body):
    assert idle_client.post(f"/v1/stories/1/{verb}", json=body).status_code == 422
