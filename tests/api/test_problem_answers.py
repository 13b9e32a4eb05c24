from __future__ import annotations

import logging

import pytest
from sqlalchemy import text

from storyfold.embedded import create_database

PROBLEM = "application/problem+json"


def test_a_path_that_is_not_there_is_a_problem(idle_client):
    answer = idle_client.get("/v2/links")
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is nothing at this path",
    }


def test_a_slash_too_many_is_not_there(idle_client):
    assert idle_client.get("/v1/links/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/links", "GET, POST"),
        ("DELETE", "/v1/stories", "GET"),
        ("POST", "/v1/feeds/1", "GET, PATCH, DELETE"),
        ("PUT", "/v1/feeds/opml", "GET, POST"),
    ],
)
def test_a_method_that_is_not_taken_is_told_which_are(idle_client, method, path, allowed):
    answer = idle_client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert answer.headers["allow"] == allowed


def test_every_place_of_a_body_that_is_wrong_is_pointed_at(idle_client):
    urls = ["https://a.example/", {"url": "https://a.example/", "published": "soon", "a/b": 1}]
    answer = idle_client.post("/v1/links", json={"urls": urls})
    assert {error["pointer"] for error in answer.json()["errors"]} == {"#/urls/1/published", "#/urls/1/a~1b"}


def test_a_parameter_that_is_wrong_is_named(idle_client):
    [error] = idle_client.get("/v1/stories?limit=0").json()["errors"]
    assert error == {"parameter": "limit", "detail": "Input should be greater than or equal to 1"}


def test_a_body_that_is_wrong_everywhere_is_answered_shortly(idle_client):
    answer = idle_client.post("/v1/links", json={"urls": [5] * 1_000})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 20)


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"urls": [' + b"9" * 5_000 + b"]}", b'{"urls": NaN}', b"", b"null"]
)
def test_a_body_that_cannot_be_read_is_422(idle_client, content):
    answer = idle_client.post("/v1/links", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


def test_a_body_that_does_not_say_it_is_json_is_422(idle_client):
    answer = idle_client.post("/v1/links", content=b'{"urls": []}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


def test_a_database_that_is_away_is_503_and_not_told_of(serve, caplog):
    caplog.set_level(logging.WARNING)
    client = serve(database_url="postgresql://someone:secret@127.0.0.1:1/stories")
    for answer in (
        client.get("/v1/stories"),
        client.post("/v1/links", json={"urls": ["https://a.example/"]}),
        client.get("/readyz"),
        client.get("/metrics"),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
        assert answer.headers["retry-after"] == "5"
        assert "127.0.0.1" not in answer.text
    assert "secret" not in caplog.text
    assert client.get("/healthz").status_code == 200


def test_a_database_that_nobody_has_migrated_is_503(serve, engines):
    url = create_database(engines.database_url, "never_migrated")
    client = serve(database_url=url)
    assert client.get("/v1/stories").json()["detail"] == "the database is not migrated yet: try again later"
    assert client.get("/readyz").status_code == 503


def test_a_connection_that_the_database_dropped_is_made_anew(client, newsroom):
    assert client.get("/v1/stories").status_code == 200
    with newsroom.sessions() as session:
        ours = "datname = current_database() AND pid <> pg_backend_pid()"
        session.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"))
    assert client.get("/v1/stories").status_code == 200


def test_a_fault_of_the_service_says_nothing_of_its_inside(serve, monkeypatch):
    client = serve()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is secret")

    monkeypatch.setattr("storyfold.store.stories.list_stories", broken)
    answer = client.get("/v1/stories")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "secret" not in answer.text
