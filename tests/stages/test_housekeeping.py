"""What ages out goes, and nothing comes back: links stay known, articles keep their text, work that waits its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from storyfold.errors import BadInput
from storyfold.settings import Settings
from storyfold.stages.housekeeping import Keeping, keep_house, prepare_house
from storyfold.stages.submit import PushedArticle, push_article
from storyfold.store import changes, pages
from storyfold.store.engine import Sessions
from storyfold.store.invariants import RULES, check
from storyfold.store.pages import RawPage
from storyfold.store.tables import (
    Article,
    Change,
    FingerprintRow,
    Link,
    Page,
    PageKind,
    PostingBlock,
    Receipt,
    Revision,
)
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"
NOW = datetime.now(UTC)
FOR_EVER = Keeping(pages=0, revisions=0, index=0, changes=0, deliveries=30)
LATER = timedelta(days=100)


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield runtime
    runtime.close()


def push(runtime: Runtime, name: str, url: str) -> int:
    text_ = (PRESS / f"{name}.txt").read_text()
    with runtime.transaction() as session:
        link_id = push_article(session, PushedArticle(text=text_, url=url), datetime.now(UTC)).id
    assert link_id is not None
    for stage in (runtime.digest, runtime.fold):
        run_stage(runtime, stage, link_id)
    return link_id


def count(sessions: Sessions, table: type) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def broken(sessions: Sessions) -> list[str]:
    with sessions() as session:
        found = check(session.connection(), RULES, datetime.now(UTC))
        return [finding.rule.name for finding in found if finding]


def keep(sessions: Sessions, at: datetime = NOW + LATER, **days: int) -> None:
    keep_house(sessions, replace(FOR_EVER, **days), at)


def put_page(sessions: Sessions, at: datetime, link_id: int | None = None) -> int:
    with sessions.begin() as session:
        prepare_house(session, at)
        page_id = pages.put_page(session, RawPage(PageKind.FETCHED, b"<p>A page</p>", at), link_id)
        if link_id is not None:
            session.execute(update(Link).where(Link.id == link_id).values(page_id=page_id))
        return page_id


def test_for_ever_is_for_ever(runtime: Runtime, sessions: Sessions) -> None:
    push(runtime, "original", "https://a.example/1")
    tables = (Page, Revision, FingerprintRow, PostingBlock, Change, Link)
    before = [count(sessions, table) for table in tables]
    keep(sessions, NOW + timedelta(days=9_000))
    assert [count(sessions, table) for table in tables] == before


def test_pages_go_by_the_month_once_all_of_it_is_old(sessions: Sessions) -> None:
    april, may = (put_page(sessions, datetime(2026, month, 20, tzinfo=UTC)) for month in (4, 5))
    keep(sessions, datetime(2026, 6, 29, tzinfo=UTC), pages=60)
    assert count(sessions, Page) == 2, "the last of April is not 60 days old"
    keep(sessions, datetime(2026, 7, 1, tzinfo=UTC), pages=60)
    with sessions() as session:
        assert list(session.scalars(select(Page.id))) == [may]
        partitions = session.scalars(text("SELECT inhrelid::regclass::text FROM pg_inherits")).all()
    assert "pages_2026_04" not in partitions
    assert april != may


def test_pages_of_no_month_go_one_by_one(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for at in (datetime(2019, 1, 1, tzinfo=UTC), NOW + timedelta(days=3650)):
            pages.put_page(session, RawPage(PageKind.FETCHED, b"x", at))
    keep(sessions, NOW, pages=30)
    assert count(sessions, Page) == 1


def test_a_month_stays_while_work_that_waits_has_its_page_there(runtime: Runtime, sessions: Sessions) -> None:
    with runtime.transaction() as session:
        pushed = PushedArticle(text="A text that waits.", url="https://a.example/1")
        link_id = push_article(session, pushed, datetime.now(UTC)).id
    put_page(sessions, datetime(2026, 4, 20, tzinfo=UTC), link_id)
    keep(sessions, datetime(2026, 9, 1, tzinfo=UTC), pages=1)
    assert count(sessions, Page) == 2
    with sessions.begin() as session:
        session.execute(text("UPDATE links SET fate = 'rejected', stage = NULL, next_attempt_at = NULL"))
    keep(sessions, datetime(2026, 9, 1, tzinfo=UTC), pages=1)
    with sessions() as session:
        assert session.scalars(select(Page.id).where(Page.fetched_at < datetime(2026, 5, 1, tzinfo=UTC))).all() == []


def test_an_article_outlives_its_page_and_its_link_stays_known(runtime: Runtime, sessions: Sessions) -> None:
    link_id = push(runtime, "original", "https://a.example/1")
    with sessions.begin() as session:
        session.execute(text("UPDATE pages SET fetched_at = '2019-01-01'"))
    keep(sessions, NOW, pages=30)
    assert count(sessions, Page) == 0
    with runtime.transaction() as session:
        again = push_article(session, PushedArticle(text="Else.", url="https://a.example/1"), datetime.now(UTC))
    assert (again.id, again.created) == (link_id, False)
    assert count(sessions, Article) == 1
    assert broken(sessions) == []


def test_texts_that_were_replaced_go_and_the_current_one_stays(runtime: Runtime, sessions: Sessions) -> None:
    push(runtime, "original", "https://a.example/1")
    with sessions.begin() as session:
        for number in (2, 3):
            session.execute(
                text(
                    "INSERT INTO revisions (article_id, revision, text, authors, removed, extraction_version, created_at,"
                    " search_config) SELECT article_id, :number, text, authors, removed, 1, :at, search_config"
                    " FROM revisions WHERE revision = 1"
                ),
                {"number": number, "at": NOW + timedelta(days=10 * number)},
            )
        session.execute(text("UPDATE articles SET revision = 3"))
    keep(sessions, NOW + timedelta(days=45), revisions=20)
    with sessions() as session:
        assert list(session.scalars(select(Revision.revision).order_by(Revision.revision))) == [2, 3]
    keep(sessions, NOW + timedelta(days=900), revisions=20)
    with sessions() as session:
        assert list(session.scalars(select(Revision.revision))) == [3]


def test_what_left_the_index_is_found_no_more_and_keeps_its_place(runtime: Runtime, sessions: Sessions) -> None:
    push(runtime, "original", "https://a.example/1")
    keep(sessions, index=30)
    assert (count(sessions, PostingBlock), count(sessions, FingerprintRow)) == (0, 1)
    assert broken(sessions) == []
    push(runtime, "original", "https://b.example/1")
    with sessions() as session:
        assert list(session.scalars(select(Article.relation).order_by(Article.id))) == ["new", "new"]
    assert broken(sessions) == []


def test_what_is_young_stays_in_the_index(runtime: Runtime, sessions: Sessions) -> None:
    push(runtime, "original", "https://a.example/1")
    keep(sessions, NOW + timedelta(days=20), index=30)
    assert count(sessions, PostingBlock) > 0


def add_changes(sessions: Sessions, *ages: int) -> None:
    with sessions.begin() as session:
        for cursor, age in enumerate(ages, start=1):
            row = {"cursor": cursor, "at": NOW - timedelta(days=age)}
            session.execute(text("INSERT INTO changes VALUES (:cursor, 'grown', 1, NULL, :at)"), row)


def cursors(sessions: Sessions) -> list[int]:
    with sessions() as session:
        return list(session.scalars(select(Change.cursor).order_by(Change.cursor)))


def test_the_log_loses_its_beginning_and_never_its_middle_or_its_end(sessions: Sessions) -> None:
    add_changes(sessions, 50, 40, 20, 40, 5)
    keep(sessions, NOW, changes=30)
    assert cursors(sessions) == [3, 4, 5]
    keep(sessions, NOW + timedelta(days=900), changes=30)
    assert cursors(sessions) == [5]


def test_the_log_keeps_what_a_subscription_has_not_seen(sessions: Sessions) -> None:
    add_changes(sessions, 50, 49, 48, 1)
    with sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO subscriptions (url, kinds, secret, seen, created_at, updated_at)"
                " VALUES ('https://a.example/', '{}', '', 1, now(), now())"
            )
        )
    keep(sessions, NOW, changes=30)
    assert cursors(sessions) == [2, 3, 4]


def test_who_comes_back_with_a_cursor_that_is_too_old_is_told_so(sessions: Sessions) -> None:
    add_changes(sessions, 50, 40, 5, 1)
    keep(sessions, NOW, changes=30)
    with sessions() as session:
        assert [change.cursor for change in changes.list_changes(session)] == [3, 4]
        assert [change.cursor for change in changes.list_changes(session, after=2)] == [3, 4]
        with pytest.raises(BadInput, match="no longer kept"):
            changes.list_changes(session, after=1)


def test_receipts_go_when_they_are_good_no_more(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(Receipt(caller="key 1", name="one", digest=b"", answer=None, taken_at=NOW))
    keep(sessions, NOW + timedelta(hours=1))
    assert count(sessions, Receipt) == 1
    keep(sessions, NOW + timedelta(days=2))
    assert count(sessions, Receipt) == 0
