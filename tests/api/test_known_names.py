"""What is not known is refused, wherever it stands: every operation of the document is asked."""

from __future__ import annotations

import re

import pytest

MISSPELT = "mni_articles"


@pytest.fixture(scope="module")
def operations(idle_client):
    """Method, path with ids in it, and the media type of the body (None where none is taken), of each under /v1."""
    paths = idle_client.get("/openapi.json").json()["paths"]
    return [
        (
            method.upper(),
            re.sub(r"\{\w+\}", "1", path),
            next(iter(told.get("requestBody", {}).get("content", {})), None),
        )
        for path, methods in paths.items()
        for method, told in methods.items()
        if path.startswith("/v1/")
    ]


def test_a_parameter_that_no_path_knows_is_422_everywhere_and_named(idle_client, operations):
    assert len(operations) > 35
    for method, path, _ in operations:
        answer = idle_client.request(method, f"{path}?{MISSPELT}=2")
        assert answer.status_code == 422, (method, path)
        assert {"parameter": MISSPELT, "detail": "this name is not known here"} in answer.json()["errors"], path


def test_a_field_that_no_body_knows_is_422_everywhere_and_pointed_at(idle_client, operations):
    taking = [(method, path) for method, path, body in operations if body == "application/json"]
    assert len(taking) > 10
    for method, path in taking:
        answer = idle_client.request(method, path, json={MISSPELT: 2})
        assert answer.status_code == 422, (method, path)
        assert f"#/{MISSPELT}" in {error["pointer"] for error in answer.json()["errors"]}, path


def test_a_body_where_none_is_taken_is_422_everywhere(idle_client, operations):
    taking_none = [(method, path) for method, path, body in operations if body is None]
    assert len(taking_none) > 20
    for method, path in taking_none:
        answer = idle_client.request(method, path, json={MISSPELT: 2})
        assert answer.status_code == 422, (method, path)
        assert answer.json()["errors"] == [{"pointer": "#", "detail": "nothing is taken in the body here"}], path


@pytest.mark.parametrize("content", [b"", b" \n", b"{ }", b"null"])
def test_a_body_that_says_nothing_may_be_sent_along(idle_client, content):
    answer = idle_client.post("/v1/links/1/retry", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 404


def test_a_query_and_a_body_that_are_wrong_are_told_of_together(idle_client):
    answer = idle_client.post(f"/v1/links/1/retry?{MISSPELT}=2", json={"fresh": True})
    assert [sorted(error) for error in answer.json()["errors"]] == [["detail", "parameter"], ["detail", "pointer"]]


@pytest.mark.parametrize("path", ["/v1/stories?limit=1&limit=2", "/v1/changes?kind=grown&limit=1&kind=split&limit=2"])
def test_a_parameter_of_which_one_is_taken_is_422_when_it_is_given_twice(idle_client, path):
    answer = idle_client.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"parameter": "limit", "detail": "this is given more than once"}]


def test_a_parameter_of_which_several_are_taken_may_be_given_twice(idle_client):
    assert idle_client.get("/v1/changes?kind=grown&kind=split").status_code == 200


def test_machines_that_ask_for_health_may_send_what_they_like(idle_client):
    assert idle_client.get("/healthz?at=1").status_code == 200
    assert idle_client.get("/metrics?module=http").status_code == 200
