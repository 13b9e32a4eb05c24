from __future__ import annotations

from datetime import timedelta

import pytest
from newsroom import NOON


def ids(client, **params):
    answer = client.get("/v1/stories", params=params)
    assert answer.status_code == 200, answer.text
    return [int(item["id"]) for item in answer.json()["items"]]


def walk(client, **params):
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get("/v1/stories", params=params | {"cursor": cursor}).json()
        seen += [int(item["id"]) for item in page["items"]]
        cursor = page["next_cursor"]
    return seen


def test_a_list_shows_stories_without_their_clusters(client, newsroom):
    article = newsroom.article()
    story = newsroom.story([article], first_published=NOON, last_published=NOON, updated_at=NOON)
    assert client.get("/v1/stories").json() == {
        "items": [
            {
                "id": str(story),
                "title": "Ferry line reopens",
                "canonical_article_id": str(article),
                "article_count": 1,
                "source_count": 1,
                "cluster_count": 1,
                "first_published": "2026-07-01T12:00:00Z",
                "last_published": "2026-07-01T12:00:00Z",
                "updated_at": "2026-07-01T12:00:00Z",
                "language": "en",
            }
        ],
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    ("sort", "order"),
    [("updated_at", [3, 2, 1]), ("first_published", [2, 1, 3]), ("article_count", [1, 3, 2])],
)
def test_stories_are_ordered_greatest_first_whole_and_page_by_page(client, newsroom, sort, order):
    day = timedelta(days=1)
    made = [
        newsroom.story(first_published=NOON, article_count=5),
        newsroom.story(first_published=NOON + day, article_count=1),
        newsroom.story(first_published=None, article_count=3, dated_at=NOON - day),
    ]
    expected = [made[place - 1] for place in order]
    assert ids(client, sort=sort) == expected
    assert walk(client, sort=sort, limit=1) == expected


def test_pages_lose_and_repeat_nothing_among_equals(client, newsroom):
    made = {newsroom.story(updated_at=NOON) for _ in range(7)}
    seen = walk(client, limit=2)
    assert (len(seen), set(seen)) == (7, made)


def test_the_default_order_is_by_last_change(client, newsroom):
    older, newer = newsroom.story(), newsroom.story()
    assert ids(client) == [newer, older]


def test_since_is_inclusive_and_until_exclusive_by_last_publication(client, newsroom):
    story = newsroom.story(last_published=NOON)
    assert ids(client, since="2026-07-01T12:00:00Z") == [story]
    assert ids(client, since="2026-07-01T14:00:00+02:00") == [story]
    assert ids(client, since="2026-07-01T12:00:01Z") == []
    assert ids(client, until="2026-07-01T12:00:00Z") == []
    assert ids(client, until="2026-07-02") == [story]


def test_a_story_without_dates_is_found_by_its_arrival(client, newsroom):
    story = newsroom.story(last_published=None, dated_at=NOON)
    assert ids(client, since="2026-07-01", until="2026-07-02") == [story]


def test_a_plus_sign_that_nobody_escaped_is_understood(client, newsroom):
    story = newsroom.story(last_published=NOON)
    answer = client.get("/v1/stories?since=2026-07-01T14:00:00+02:00")
    assert [item["id"] for item in answer.json()["items"]] == [str(story)]


def test_filters_by_source_language_and_size(client, newsroom):
    small = newsroom.story([newsroom.article(source="valley-times.example")], language="de")
    large = newsroom.story([newsroom.article(), newsroom.article()], article_count=2, source_count=2)
    assert ids(client, source="valley-times.example") == [small]
    assert ids(client, source="nobody.example") == []
    assert ids(client, language="de") == [small]
    assert ids(client, min_articles=2) == [large]
    assert ids(client, min_sources=2) == [large]
    assert ids(client, min_sources=3) == []


def test_search_finds_words_in_the_forms_of_the_texts_language(client, newsroom):
    english = newsroom.story([newsroom.article("The ferries were sailing.", language="en")])
    german = newsroom.story([newsroom.article("Die Fähren fuhren wieder.", language="de")])
    other = newsroom.story([newsroom.article("渡輪 復航", language="zh")])
    assert ids(client, q="ferry sail") == [english]
    assert ids(client, q="Fähre") == [german]
    assert ids(client, q="渡輪") == [other]
    assert ids(client, q="ferry -sailing") == []
    assert ids(client, q='"were sailing"') == [english]
    assert ids(client, q="ferry or fähre") == [german, english]


def test_search_reads_every_member_and_only_what_is_folded(client, newsroom):
    story = newsroom.story([newsroom.article("Harbour news."), newsroom.article("A lighthouse was painted.")])
    newsroom.article("Another lighthouse.")
    assert ids(client, q="lighthouse") == [story]


def test_relevance_puts_the_best_answer_first_whole_and_page_by_page(client, newsroom):
    best = newsroom.story([newsroom.article("Ferry, ferry and ferry again.", title="Ferry")])
    least = newsroom.story([newsroom.article("In the town hall they spoke of schools, roads and once of a ferry.")])
    assert ids(client, q="ferry", sort="relevance") == [best, least]
    assert walk(client, q="ferry", sort="relevance", limit=1) == [best, least]


@pytest.mark.parametrize("q", ["the", "&|!()", "'", '"', "-", "or", "a" * 500, "\\", "%", "ferry:*", "<->"])
def test_no_search_text_is_an_error(idle_client, q):
    assert idle_client.get("/v1/stories", params={"q": q}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "q=",
        "q=%00",
        "q=" + "a" * 501,
        "since=yesterday",
        "since=2026-07-01T12:00:00",
        "until=2026-02-30",
        "min_articles=0",
        "min_sources=99999999999999999999",
        "language=english",
        "sort=beauty",
        "sort=relevance",
        "limit=1000",
        "cursor=AAAA",
        "source=%00",
        "order=asc",
    ],
)
def test_a_query_for_stories_that_cannot_be_is_422(idle_client, query):
    answer = idle_client.get(f"/v1/stories?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_a_cursor_of_another_order_or_of_another_list_is_422(client, newsroom):
    for _ in range(2):
        newsroom.story()
    cursor = client.get("/v1/stories?limit=1").json()["next_cursor"]
    assert client.get("/v1/stories", params={"cursor": cursor}).status_code == 200
    assert client.get("/v1/stories", params={"cursor": cursor, "sort": "article_count"}).status_code == 422
    assert client.get("/v1/links", params={"cursor": cursor}).status_code == 422
    assert client.get("/v1/stories", params={"cursor": cursor[:-1] + "x"}).status_code == 422


def test_a_story_shows_its_clusters_in_order_of_publication_with_the_evidence(client, newsroom):
    hour = timedelta(hours=1)
    late = newsroom.article(published=NOON, published_precision="second", source="valley-times.example")
    early = newsroom.article(published=NOON - hour, published_precision="second")
    other = newsroom.article("Another report.", published=NOON - 2 * hour, published_precision="second")
    story = newsroom.story([late, early], [other])
    found = client.get(f"/v1/stories/{story}").json()
    shown = [[int(article["id"]) for article in cluster["articles"]] for cluster in found["clusters"]]
    assert shown == [[other], [early, late]]
    assert found["clusters"][1]["articles"][0] == {
        "id": str(early),
        "url": None,
        "title": None,
        "source": "harbour-post.example",
        "published": "2026-07-01T11:00:00Z",
        "relation": "copy",
        "matched": str(late),
        "score": 0.75,
        "evidence": {"passages": ["the ferry"]},
    }


def test_an_article_without_a_date_stands_where_it_arrived(client, newsroom):
    dated = newsroom.article(published=NOON + timedelta(days=1), published_precision="second")
    undated = newsroom.article()
    story = newsroom.story([dated, undated])
    [cluster] = client.get(f"/v1/stories/{story}").json()["clusters"]
    assert [article["id"] for article in cluster["articles"]] == [str(undated), str(dated)]


def test_a_date_without_a_time_comes_after_the_hours_of_its_day(client, newsroom):
    day = newsroom.article(published=NOON.replace(hour=0), published_precision="day")
    hour = newsroom.article(published=NOON, published_precision="second")
    [cluster] = client.get(f"/v1/stories/{newsroom.story([day, hour])}").json()["clusters"]
    assert [article["id"] for article in cluster["articles"]] == [str(hour), str(day)]


def test_a_merged_story_leads_to_the_oldest_and_leaves_the_list(client, newsroom):
    oldest, older, young = newsroom.story(), newsroom.story(), newsroom.story()
    newsroom.merge(young, into=older)
    newsroom.merge(older, into=oldest)
    answer = client.get(f"/v1/stories/{young}")
    assert (answer.status_code, answer.headers["location"]) == (308, f"/v1/stories/{oldest}")
    assert ids(client) == [oldest]


def test_what_was_searched_for_is_shown_where_it_stands(client, newsroom):
    text = "In the town hall they spoke of schools.\n\nThe ferries are sailing again, said the harbour master."
    article = newsroom.article(text, title="Ferry line reopens", language="en")
    newsroom.story([newsroom.article("No word of it.", language="en"), article])
    for sort in ("updated_at", "relevance"):
        [found] = client.get("/v1/stories", params={"q": "ferry sail", "sort": sort}).json()["items"]
        highlight = found["highlight"]
        assert highlight["article_id"] == str(article)
        assert marked(highlight["title"]) == ["Ferry"]
        assert marked(highlight["excerpt"]) == ["ferries", "sailing"]


def test_a_text_with_markup_and_control_characters_is_shown_as_it_is(client, newsroom):
    newsroom.story([newsroom.article('<b>ferry</b> & "dock" \x01 ferry \x02', language="en")])
    [found] = client.get("/v1/stories?q=ferry").json()["items"]
    assert "ferry" in marked(found["highlight"]["excerpt"])
    assert not {"\x01", "\x02"} & set(found["highlight"]["excerpt"]["text"])


def marked(shown):
    return [shown["text"][start:end] for start, end in shown["marks"]]


def test_a_list_that_nobody_searched_has_no_highlights(client, newsroom):
    newsroom.story()
    assert "highlight" not in client.get("/v1/stories").json()["items"][0]


def test_what_is_only_to_be_absent_finds_nothing(client, newsroom):
    newsroom.story([newsroom.article("A lighthouse was painted.", language="en")])
    assert ids(client, q="-ferry") == []
    assert ids(client, q="lighthouse -ferry") != []


def test_what_is_to_be_absent_is_looked_for_in_the_language_of_the_text(client, newsroom):
    newsroom.story([newsroom.article("The harbour was closed by strikes.", language="en")])
    assert ids(client, q="harbour -strike") == []


def test_ranked_search_keeps_to_the_filters(client, newsroom):
    for source, day in (("valley-times.example", 1), ("harbour-post.example", 2), ("valley-times.example", 3)):
        article = newsroom.article("The ferry sails.", source=source)
        newsroom.story([article], last_published=NOON + timedelta(days=day))
    asked = {"q": "ferry", "sort": "relevance", "source": "valley-times.example"}
    assert len(ids(client, **asked)) == 2
    assert len(ids(client, **asked, since="2026-07-03")) == 1


@pytest.mark.parametrize("sort", ["updated_at", "first_published", "article_count"])
def test_what_many_texts_answer_is_found_the_same_way(client, newsroom, monkeypatch, sort):
    from storyfold.store import searches

    found = [newsroom.story([newsroom.article("The ferry sails."), newsroom.article("Ferry.")]) for _ in range(3)]
    newsroom.story([newsroom.article("A lighthouse.")])
    few = walk(client, q="ferry", sort=sort, limit=2)
    monkeypatch.setattr(searches, "COMMON", 2)
    assert walk(client, q="ferry", sort=sort, limit=2) == few == sorted(found, reverse=True)


@pytest.mark.parametrize(
    "path", ["/v1/stories", "/v1/stories?q=ferry", "/v1/stories?q=ferry&sort=relevance", "/v1/links", "/v1/stories/1"]
)
def test_the_number_of_queries_does_not_grow_with_what_is_shown(client, newsroom, queries, path):
    first = newsroom.article()
    newsroom.story([first])
    client.get(path)
    few = queries(lambda: client.get(path))
    for _ in range(3):
        newsroom.story(*[[newsroom.article(), newsroom.article()] for _ in range(2)])
    assert queries(lambda: client.get(path)) == few <= 6
