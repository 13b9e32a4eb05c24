"""One page that two links lead to is one article; a copy on another site is its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from storyfold.settings import Settings
from storyfold.stages.submit import PushedArticle, push_article
from storyfold.store import links
from storyfold.store.tables import Link, SiteLines
from workers.runtime import Runtime
from workers.task import run_stage

OWN = "https://post.example/ferry"


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield runtime
    runtime.close()


def push(runtime: Runtime, url: str) -> int:
    """A page that names `OWN` as its address. -> its link."""
    told = "".join(f"<p>The ferry sails again on day {n}, and {n} boats wait at the quay for it.</p>" for n in range(9))
    page = f'<html><head><link rel="canonical" href="{OWN}"></head><body><article>{told}</article></body></html>'
    with runtime.transaction() as session:
        item = push_article(session, PushedArticle(html=page, url=url), datetime.now(UTC))
    assert item.id is not None
    return item.id


def load(runtime: Runtime, link_id: int) -> Link:
    with runtime.transaction() as session:
        return links.get_link(session, link_id).link


def test_a_page_that_names_the_address_of_another_is_its_duplicate(runtime: Runtime) -> None:
    first, second = push(runtime, OWN), push(runtime, f"{OWN}?page=print")
    for link in (first, second):
        run_stage(runtime, runtime.digest, link)
    found = load(runtime, second)
    assert (found.fate, found.reason, found.duplicate_of) == ("duplicate", "canonical-url", first)
    with runtime.transaction() as session:
        assert session.scalar(select(func.count()).select_from(SiteLines)) == 1


def test_of_pages_read_at_once_one_is_the_article(runtime: Runtime) -> None:
    pushed = [push(runtime, f"{OWN}?page={n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda link: run_stage(runtime, runtime.digest, link), pushed))
    fates = [load(runtime, link) for link in pushed]
    [article] = [link for link in fates if link.stage == "fold"]
    assert {link.duplicate_of for link in fates} == {None, article.id}


def test_a_copy_on_another_site_is_an_article_of_its_own(runtime: Runtime) -> None:
    original, copy = push(runtime, OWN), push(runtime, "https://gazette.example/from-the-post")
    for link in (original, copy):
        run_stage(runtime, runtime.digest, link)
    assert [load(runtime, link).stage for link in (original, copy)] == ["fold", "fold"]
