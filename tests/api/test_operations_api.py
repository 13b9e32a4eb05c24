from __future__ import annotations

from storyfold.store import seeds
from storyfold.store.seeds import SeedIdentity


def test_alive_needs_no_server_behind(serve):
    client = serve(database_url="postgresql://nobody@127.0.0.1:1/none", redis_url="redis://127.0.0.1:1/0")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_ready_waits_until_the_seed_corpus_is_folded(client, newsroom):
    assert client.get("/readyz").json()["detail"] == "the seed corpus is not folded yet"
    link = int(client.post("/v1/articles", json={"text": "A text of the corpus."}).json()["id"])
    with newsroom.sessions.begin() as session:
        seeds.note_seed(session, SeedIdentity("one.txt", "digest"), link, newsroom.tick())
        seeds.note_load(session, texts=1, added=1, now=newsroom.tick())
    assert client.get("/readyz").status_code == 503
    newsroom.settle(link, "folded")
    assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (
        200,
        {"status": "ready", "stalled": []},
    )


def test_metrics_tell_what_waits_for_how_long_and_what_became_of_the_rest(client, newsroom):
    items = client.post("/v1/links", json={"urls": ["https://a.example/1", "https://a.example/2"]}).json()["items"]
    newsroom.settle(int(items[0]["id"]), "rejected", "not-found")
    answer = client.get("/metrics")
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert float(figures['storyfold_queue_due{queue="fetch"}']) == 1
    assert float(figures['storyfold_queue_due{queue="fold"}']) == 0
    assert 0 <= float(figures['storyfold_queue_oldest_seconds{queue="fetch"}']) < 60
    assert float(figures['storyfold_links{fate="rejected"}']) == 1
    assert float(figures['storyfold_links{fate="folded"}']) == 0


def test_the_document_tells_every_status_and_error_as_a_problem(idle_client):
    document = idle_client.get("/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    errors = [
        (status, answer) for each in operations for status, answer in each["responses"].items() if status >= "400"
    ]
    assert len(operations) >= 17
    assert {tuple(answer["content"]) for _, answer in errors} == {("application/problem+json",)}
    assert all("Retry-After" in answer["headers"] for status, answer in errors if status == "503")
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_document_asks_for_the_key_where_one_is_set(serve):
    key = {"Authorization": "Bearer correct-horse"}
    document = serve(api_key="correct-horse").get("/openapi.json", headers=key).json()
    assert document["paths"]["/v1/stories"]["get"]["security"] == [{"key": ["read"]}]
    assert document["paths"]["/v1/links"]["get"]["security"] == [{"key": ["read"]}, {"key": ["submit"]}]
    assert document["paths"]["/healthz"]["get"]["security"] == []


def test_the_document_requires_no_key_where_none_exists(idle_client):
    document = idle_client.get("/openapi.json").json()
    assert document["paths"]["/v1/stories"]["get"]["security"] == [{"key": ["read"]}, {}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
