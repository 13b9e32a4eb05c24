from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

import pytest
import redis
from celery import Celery

# The worker played here stores its answers as Celery does, by a command that redis-py wants to rename.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")

FOUND = {"relation": "rewrite", "matched": 7, "score": 0.9, "story_id": 3, "evidence": {"names": ["Norholm"]}}


@pytest.fixture
def worker(redis_url, broker_url):
    """Take the questions of a queue for as long as one likes, and answer each by a function of the question."""

    @contextmanager
    def work(queue, answer) -> Iterator[list]:
        app = Celery("test", broker=broker_url, backend=broker_url, set_as_current=False)
        connection = redis.Redis.from_url(redis_url)
        taken, stop = [], threading.Event()

        def run() -> None:
            while not stop.is_set():
                message = connection.blpop([queue], timeout=0.1)
                if message is None:
                    continue
                task = json.loads(message[1])
                [question], _, _ = json.loads(base64.b64decode(task["body"]))
                taken.append(task["headers"] | {"question": question})
                answer(app.backend, task["headers"]["id"], question)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield taken
        finally:
            stop.set()
            thread.join()
            connection.close()
            app.backend.client.close()
            app.close()

    return work


def done(result):
    return lambda backend, id, question: backend.mark_as_done(id, result)


def test_a_text_is_compared_by_a_worker(client, worker):
    with worker("match", done({"ok": FOUND})) as taken:
        answer = client.post("/v1/match", json={"text": "The ferry\ud800 sails again."})
    assert (answer.status_code, answer.json()) == (200, FOUND | {"matched": "7", "story_id": "3"})
    assert taken[0]["task"] == "match"
    assert taken[0]["question"] == {"text": "The ferry? sails again."}


def test_a_page_is_fetched_and_compared_by_a_worker(client, worker):
    nothing = {"relation": "new", "matched": None, "score": 0.0, "story_id": None, "evidence": None}
    with worker("match-page", done({"ok": nothing})) as taken:
        answer = client.post("/v1/match", json={"url": "https://harbour-post.example/ferry"})
    assert (answer.status_code, answer.json()) == (200, nothing)
    assert taken[0]["question"] == {"url": "https://harbour-post.example/ferry"}


def test_a_page_that_cannot_be_had_is_422_with_the_reason(client, worker):
    error = {"error": {"reason": "not-found", "message": "the server answered 404"}}
    with worker("match-page", done(error)):
        answer = client.post("/v1/match", json={"url": "https://harbour-post.example/gone"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert (answer.json()["reason"], answer.json()["detail"]) == ("not-found", "the server answered 404")


def test_a_page_that_could_not_be_had_this_time_is_503_with_the_reason(client, worker):
    error = {"error": {"reason": "time-out", "message": "no answer in time", "transient": True}}
    with worker("match-page", done(error)):
        answer = client.post("/v1/match", json={"url": "https://harbour-post.example/slow"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["reason"] == "time-out"


def test_a_comparison_that_breaks_is_503(client, worker):
    with worker("match", lambda backend, id, question: backend.mark_as_failure(id, ValueError("secret"))):
        answer = client.post("/v1/match", json={"text": "The ferry sails again."})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "secret" not in answer.text


def test_without_an_answer_in_time_it_is_503_and_the_question_runs_out(serve, redis_url):
    client = serve(match_seconds=0.2)
    asked = time.time()
    answer = client.post("/v1/match", json={"text": "The ferry sails again."})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    with redis.Redis.from_url(redis_url) as connection:
        [message] = connection.lrange("match", 0, -1)
    expires = json.loads(message)["headers"]["expires"]
    assert 0 < datetime.fromisoformat(expires).timestamp() - asked < 2


def test_many_may_ask_at_once(client, worker):
    with worker("match", done({"ok": FOUND})), ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda n: client.post("/v1/match", json={"text": f"Ferry {n}"}), range(12)))
    assert [answer.status_code for answer in answers] == [200] * 12


def test_who_would_have_to_wait_too_long_is_told_so_at_once_and_other_requests_go_on(serve):
    client = serve(match_seconds=5.0)  # long enough for all of them to have asked, on a slow machine too
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(client.post, "/v1/match", json={"text": "Ferry"}) for _ in range(20)]
        assert client.get("/v1/stories").status_code == 200
        answers = [each.result() for each in waiting]
    assert {answer.status_code for answer in answers} == {503}
    assert sum("are waiting" in answer.json()["detail"] for answer in answers) == 4


def test_while_redis_is_away_nothing_is_compared(idle_client):
    answer = idle_client.post("/v1/match", json={"text": "The ferry sails again."})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "127.0.0.1" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "a", "url": "http://a.example/"},
        {"url": "nowhere"},
        {"url": "http://\x00/"},
        {"text": "a", "x": 1},
    ],
)
def test_a_question_that_cannot_be_is_422(idle_client, body):
    assert idle_client.post("/v1/match", json=body).status_code == 422
