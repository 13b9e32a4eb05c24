from __future__ import annotations

import pytest
from sqlalchemy import select

from storyfold.store import pages
from storyfold.store.tables import Link, PageKind

TEXT = "The ferry between Norholm and Eastwick sails again.\n\nIt was in dock for eleven weeks."


def stored(newsroom, answer):
    with newsroom.sessions() as session:
        link = session.scalars(select(Link).where(Link.id == int(answer.json()["id"]))).one()
        return link, pages.get_page(session, link.page_id)


def test_a_pushed_text_is_a_link_without_url_that_waits_to_be_digested(client, newsroom, bells):
    answer = client.post("/v1/articles", json={"text": TEXT, "title": "Ferry line reopens", "language": "en-GB"})
    assert answer.status_code == 202
    item = answer.json()
    assert item | {"id": None} == {
        "id": None,
        "url": None,
        "canonical_url": None,
        "fate": "pending",
        "reason": None,
        "created": True,
    }
    link, page = stored(newsroom, answer)
    assert (link.stage, link.declared_title, link.declared_language) == ("digest", "Ferry line reopens", "en")
    assert (page.kind, page.body.decode()) == (PageKind.PUSHED_TEXT, TEXT)
    assert bells() == 1


def test_a_pushed_page_keeps_its_url_and_its_bytes(client, newsroom):
    given = {"html": "<p>Fähre</p>", "url": "https://harbour-post.example/ferry?utm_source=x", "source": "Harbour Post"}
    answer = client.post("/v1/articles", json=given)
    link, page = stored(newsroom, answer)
    assert answer.json()["canonical_url"] == "https://harbour-post.example/ferry"
    assert (page.kind, page.body, page.content_type) == (
        PageKind.PUSHED_HTML,
        "<p>Fähre</p>".encode(),
        "text/html; charset=utf-8",
    )
    assert link.declared_source == "Harbour Post"


@pytest.mark.parametrize(
    ("published", "kept"),
    [("2026-07-01", "day"), ("2026-07-01T06:30:00+02:00", "second"), ("2999-01-01T00:00:00Z", None), (None, None)],
)
def test_a_date_is_kept_as_precisely_as_it_was_said_and_one_of_the_future_is_unknown(client, newsroom, published, kept):
    answer = client.post("/v1/articles", json={"text": TEXT, "published": published})
    assert stored(newsroom, answer)[0].declared_precision == kept


def test_half_a_surrogate_pair_in_a_text_is_left_out(client, newsroom):
    answer = client.post("/v1/articles", json={"text": "The ferry\ud800 sails\x00"})
    assert answer.status_code == 202
    assert stored(newsroom, answer)[1].body == b"The ferry? sails\x00"


def test_a_url_that_was_given_up_is_taken_up_with_what_is_pushed(client, newsroom):
    url = "https://harbour-post.example/ferry"
    [link] = client.post("/v1/links", json={"urls": [url]}).json()["items"]
    newsroom.settle(int(link["id"]), "failed", "time-out")
    answer = client.post("/v1/articles", json={"text": TEXT, "url": url})
    assert (answer.json()["id"], answer.json()["created"], answer.json()["fate"]) == (link["id"], False, "pending")
    assert stored(newsroom, answer)[0].stage == "digest"


def test_a_url_that_has_its_article_stays_as_it_is(client, newsroom):
    url = "https://harbour-post.example/ferry"
    first = client.post("/v1/articles", json={"text": TEXT, "url": url})
    newsroom.settle(int(first.json()["id"]), "folded")
    again = client.post("/v1/articles", json={"text": "Something else.", "url": url})
    assert (again.json()["id"], again.json()["fate"]) == (first.json()["id"], "folded")
    assert stored(newsroom, again)[1].body.decode() == TEXT


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": TEXT, "html": "<p>"},
        {"text": None},
        {"text": ""},
        {"text": " \n"},
        {"text": 5},
        {"text": TEXT, "url": "not a url"},
        {"text": TEXT, "url": "http://a.example/\x00"},
        {"text": TEXT, "published": "2026-07-01T06:30:00"},
        {"text": TEXT, "published": "0000-00-00"},
        {"text": TEXT, "published": 20260701},
        {"text": TEXT, "language": "english language"},
        {"text": TEXT, "title": "\x00"},
        {"text": TEXT, "title": "\ud800"},
        {"text": TEXT, "source": " "},
        {"text": TEXT, "author": "someone"},
    ],
)
def test_an_article_that_cannot_be_is_422(idle_client, body):
    answer = idle_client.post("/v1/articles", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_an_article_is_read_back_with_its_place_and_its_removed_lines(client, newsroom):
    first = newsroom.article("The ferry sails again.", source="valley-times.example")
    second = newsroom.article(
        "The ferry sails again, says the harbour.",
        title="Ferry",
        authors=("Ada Holm",),
        removed=(removed("Read more"),),
    )
    story = newsroom.story([first, second])
    found = client.get(f"/v1/articles/{second}").json()
    cluster = client.get(f"/v1/stories/{story}").json()["clusters"][0]["id"]
    link = found.pop("link_id")
    assert link.isdecimal()
    assert found == {
        "id": str(second),
        "story_id": str(story),
        "cluster_id": cluster,
        "url": None,
        "title": "Ferry",
        "text": "The ferry sails again, says the harbour.",
        "authors": ["Ada Holm"],
        "published": None,
        "published_precision": None,
        "source": "harbour-post.example",
        "language": "en",
        "relation": "copy",
        "matched": str(first),
        "score": 0.75,
        "evidence": {"passages": ["the ferry"]},
        "removed": [{"line": "Read more", "reason": "navigation"}],
        "revision": 1,
        "seed": None,
    }


def test_an_article_that_is_not_folded_has_no_place_yet(client, newsroom):
    found = client.get(f"/v1/articles/{newsroom.article()}").json()
    assert [found[name] for name in ("story_id", "cluster_id", "relation", "matched", "score", "evidence")] == [
        None
    ] * 6


def test_a_revision_that_never_was_is_404(client, newsroom):
    article = newsroom.article()
    assert client.get(f"/v1/articles/{article}?revision=1").status_code == 200
    assert client.get(f"/v1/articles/{article}?revision=2").status_code == 404
    assert client.get(f"/v1/articles/{article}?revision=99999999999").status_code == 422


def removed(line):
    from storyfold.articles.article import RemovedLine

    return RemovedLine(line, "navigation", 1)
