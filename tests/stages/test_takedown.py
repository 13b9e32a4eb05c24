"""Takedown on a real database: what is erased, what is left, and that nothing comes back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from storyfold.errors import Conflict, Gone, NotFound
from storyfold.stages.submit import PushedArticle, UrlSubmission, parse_published, push_article, submit_urls
from storyfold.stages.takedown import take_down
from storyfold.store import articles, links, stories
from storyfold.store.engine import Sessions
from storyfold.store.pages import RawPage, put_page
from storyfold.store.tables import Article, Change, Cluster, EditorMark, Evidence, Fate, Link, PageKind, Story
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"
URL = "https://harbour-post.example/ferry"


def now() -> datetime:
    return datetime.now(UTC)


def told(runtime: Runtime, name: str, *, url: str | None = None, hour: int = 8) -> int:
    """Push a text of the press and fold it. -> its article's id."""
    body = (PRESS / f"{name}.txt").read_text()
    published = parse_published(f"2026-03-02T{hour:02}:00:00Z")
    with runtime.transaction() as session:
        pushed = PushedArticle(text=body, url=url, source=f"{name}.example", published=published)
        link_id = int(push_article(session, pushed, now()).id or 0)
    fold(runtime, [link_id])
    with runtime.transaction() as session:
        return session.scalars(select(Article.id).where(Article.link_id == link_id)).one()


def fold(runtime: Runtime, link_ids: Sequence[int]) -> None:
    for stage in (runtime.digest, runtime.fold):
        for link_id in link_ids:
            run_stage(runtime, stage, link_id)


def remove(sessions: Sessions, article_id: int) -> None:
    with sessions.begin() as session:
        take_down(session, article_id, now())


def everything(sessions: Sessions) -> str:
    """All rows of all tables as text; pages unpacked."""
    with sessions() as session:
        tables = inspect(session.connection()).get_table_names()
        rows = [session.scalar(text(f'SELECT json_agg(t)::text FROM "{table}" t')) or "" for table in tables]
        pages = session.execute(text("SELECT id FROM pages")).scalars().all()
        return "\n".join(rows) + "\n".join(articles_page(session, page) for page in pages)


def articles_page(session: object, page_id: int) -> str:
    from storyfold.store.pages import get_page

    return get_page(session, page_id).body.decode()  # type: ignore[arg-type]


def test_no_word_of_the_text_is_left_anywhere(runtime: Runtime, sessions: Sessions) -> None:
    article = told(runtime, "original")
    told(runtime, "independent")
    sentences = [line for line in (PRESS / "original.txt").read_text().split(". ") if len(line) > 40]
    assert sum(json.dumps(sentence)[1:-1] in everything(sessions) for sentence in sentences) > 2
    remove(sessions, article)
    left = everything(sessions)
    assert [sentence for sentence in sentences if json.dumps(sentence)[1:-1] in left or sentence in left] == []
    with sessions() as session:
        quoting = select(func.count()).select_from(Evidence)
        assert session.scalar(quoting.where((Evidence.article_id == article) | (Evidence.matched_id == article))) == 0


def test_the_story_is_told_by_what_is_left(runtime: Runtime, sessions: Sessions) -> None:
    first, second = told(runtime, "original"), told(runtime, "reprint", hour=9)
    with sessions() as session:
        story = session.scalars(select(Story)).one()
        assert (story.canonical_article_id, story.article_count) == (first, 2)
    remove(sessions, first)
    with sessions() as session:
        story = session.get_one(Story, story.id)
        assert (story.canonical_article_id, story.article_count, story.source_count) == (second, 1, 1)
        [cluster] = stories.get_clusters(session, story.id)
        [member] = cluster.members
        assert (member.id, member.relation, member.matched_id) == (second, "new", None)
        assert session.get_one(Cluster, cluster.id).head_article_id == second
        last = session.scalars(select(Change).order_by(Change.cursor.desc()).limit(1)).one()
        assert (last.kind, last.story_id) == ("changed", story.id)


def test_what_was_tied_to_it_is_tied_to_what_is_left(runtime: Runtime, sessions: Sessions) -> None:
    first = told(runtime, "original")
    others = [told(runtime, "original", hour=9), told(runtime, "reprint", hour=10), told(runtime, "rewrite", hour=11)]
    remove(sessions, first)
    with sessions() as session:
        left = session.scalars(select(Article).order_by(Article.id)).all()
        assert [article.id for article in left] == others
        assert left[0].relation == "new"
        assert all(article.matched_id in others for article in left[1:])
        assert {article.relation for article in left[1:]} <= {"copy", "reprint", "rewrite"}
        assert session.scalar(select(func.count()).select_from(Evidence)) == 2


def test_a_report_of_the_same_event_stands_for_itself_when_it_is_alone(runtime: Runtime, sessions: Sessions) -> None:
    first, other = told(runtime, "original"), told(runtime, "independent")
    remove(sessions, first)
    with sessions() as session:
        article = session.get_one(Article, other)
        assert (article.relation, article.matched_id) == ("new", None)
        story = session.scalars(select(Story).where(Story.merged_into.is_(None))).one()
        assert (story.cluster_count, story.canonical_article_id) == (1, other)


def test_a_story_that_nobody_else_told_is_removed(runtime: Runtime, sessions: Sessions) -> None:
    article = told(runtime, "original")
    with sessions.begin() as session:
        story = session.scalars(select(Story)).one()
        merged = Story(id=999, article_count=0, source_count=0, cluster_count=0, merged_into=story.id)
        merged.dated_at = merged.created_at = merged.updated_at = now()
        session.add(merged)
    remove(sessions, article)
    with sessions() as session:
        assert session.scalars(select(Story)).all() == []
        assert session.scalars(select(Cluster)).all() == []
        last = session.scalars(select(Change).order_by(Change.cursor.desc()).limit(1)).one()
        assert (last.kind, last.story_id) == ("removed", story.id)
        with pytest.raises(Gone):
            stories.get_story(session, story.id)


def test_it_is_gone_and_a_second_takedown_is_told_so(runtime: Runtime, sessions: Sessions) -> None:
    article = told(runtime, "original")
    remove(sessions, article)
    with sessions() as session, pytest.raises(Gone):
        articles.get_article(session, article)
    with pytest.raises(Gone):
        remove(sessions, article)
    with pytest.raises(NotFound):
        remove(sessions, 4711)


def test_it_does_not_come_back_by_its_url_by_a_push_or_by_a_retry(runtime: Runtime, sessions: Sessions) -> None:
    article = told(runtime, "original", url=URL)
    remove(sessions, article)
    with sessions.begin() as session:
        [item] = submit_urls(session, [UrlSubmission(URL, None, None)], now())
        assert (item.fate, item.reason, item.created) == (Fate.REJECTED, "taken-down", False)
        pushed = push_article(session, PushedArticle(text="The same again, at some length.", url=URL), now())
        assert (pushed.id, pushed.fate) == (item.id, Fate.REJECTED)
    with sessions.begin() as session, pytest.raises(Conflict):
        links.retry_link(session, int(item.id or 0), now())


def test_it_does_not_come_back_by_another_url_of_its_page(runtime: Runtime, sessions: Sessions) -> None:
    article = told(runtime, "original", url=URL)
    remove(sessions, article)
    page = f'<html><head><link rel="canonical" href="{URL}"></head><body><article><p>'
    page += (PRESS / "original.txt").read_text() + "</p></article></body></html>"
    with sessions.begin() as session:
        [item] = submit_urls(session, [UrlSubmission(f"{URL}/amp", None, None)], now())
        link = session.get_one(Link, item.id)
        link.page_id = put_page(session, RawPage(PageKind.FETCHED, page.encode(), now(), f"{URL}/amp"), link.id)
        link.stage = "digest"
    fold(runtime, [int(item.id or 0)])
    with sessions() as session:
        assert session.get_one(Link, item.id).fate == Fate.DUPLICATE
        assert session.scalars(select(Article)).all() == []
        assert links.identify(session, 4711, URL) is not None


def test_work_in_hand_for_it_is_dropped(runtime: Runtime, sessions: Sessions) -> None:
    body = (PRESS / "original.txt").read_text()
    with runtime.transaction() as session:
        link_id = int(push_article(session, PushedArticle(text=body), now()).id or 0)
    run_stage(runtime, runtime.digest, link_id)
    with runtime.transaction() as session:
        job = runtime.fold.claim(session, link_id, now())
    assert job is not None
    prepared = runtime.fold.run(job, now())
    with sessions() as session:
        article = session.scalars(select(Article.id)).one()
    remove(sessions, article)
    with runtime.transaction() as session:
        runtime.fold.store(session, job, prepared, now())
    with sessions() as session:
        assert session.get_one(Link, link_id).reason == "taken-down"
        assert session.scalars(select(Story)).all() == []


def test_a_copy_that_comes_later_is_new_to_those_who_knew_the_original(runtime: Runtime, sessions: Sessions) -> None:
    article = told(runtime, "original")
    remove(sessions, article)
    again = told(runtime, "original", hour=12)
    with sessions() as session:
        assert session.get_one(Article, again).relation == "new"


def test_an_editors_word_on_the_cluster_goes_to_its_next_article(runtime: Runtime, sessions: Sessions) -> None:
    first, second, other = told(runtime, "original"), told(runtime, "reprint"), told(runtime, "unrelated")
    with sessions.begin() as session:
        session.add(EditorMark(article_id=first, other_id=other, verdict="apart", at=now()))
    remove(sessions, first)
    with sessions() as session:
        mark = session.scalars(select(EditorMark)).one()
        assert (mark.article_id, mark.other_id, mark.verdict) == (second, other, "apart")
