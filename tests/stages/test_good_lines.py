"""A line that cleaning took out comes back when a person marks it as good, and stays from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from storyfold.errors import NotFound
from storyfold.settings import Settings
from storyfold.stages.submit import PushedArticle, parse_published, push_article
from storyfold.store import articles, good_lines, links, sites
from storyfold.store.tables import Fate
from workers.runtime import Runtime
from workers.task import run_stage

SITE = "post.example"
MOTTO = "The Harbour Post, every morning at the quay since 1887"
EVENTS = ["pier", "ferry", "lamp", "regatta", "fish market", "customs house", "lighthouse", "slipway"]


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield runtime
    runtime.close()


def report(number: int, *lines: str) -> str:
    what = EVENTS[number]
    told = [
        f"On day {number} the {what} was opened by the mayor, who spoke of the {what} for {n} minutes."
        for n in range(9)
    ]
    return "\n\n".join([*told, *lines])


def publish(runtime: Runtime, number: int, *lines: str) -> int:
    """An article of its own day, read and folded. -> its link."""
    day = (datetime.now(UTC) - timedelta(days=9 - number)).strftime("%Y-%m-%d")
    text = PushedArticle(report(number, *lines), url=f"https://{SITE}/{number}", published=parse_published(day))
    with runtime.transaction() as session:
        item = push_article(session, text, datetime.now(UTC))
    assert item.id is not None
    read(runtime, item.id)
    return item.id


def read(runtime: Runtime, link_id: int) -> None:
    for stage in (runtime.digest, runtime.fold):
        run_stage(runtime, stage, link_id)


def text_of(runtime: Runtime, link_id: int) -> tuple[str, list[str]]:
    """The current text, and the lines taken out of it."""
    with runtime.transaction() as session:
        record = links.get_link(session, link_id)
        assert record.link.fate == Fate.FOLDED
        revision = articles.get_article(session, record.article_id or 0).revision
        return revision.text, [removed["line"] for removed in revision.removed]


def mark(runtime: Runtime, line: str) -> list[int]:
    with runtime.transaction() as session:
        return good_lines.mark_good(session, SITE, line, "the desk", datetime.now(UTC))


def test_a_line_of_the_template_comes_back_and_stays(runtime: Runtime) -> None:
    published = [publish(runtime, number, MOTTO) for number in range(7)]
    text, removed = text_of(runtime, published[-1])
    assert (MOTTO in text, removed) == (False, [MOTTO])
    again = mark(runtime, MOTTO)
    assert published[-1] in again
    for link in again:
        read(runtime, link)
        text, removed = text_of(runtime, link)
        assert (MOTTO in text, removed) == (True, [])
    text, removed = text_of(runtime, publish(runtime, 7, MOTTO))
    assert (MOTTO in text, removed) == (True, [])


def test_a_line_that_a_rule_took_out_comes_back_too(runtime: Runtime) -> None:
    line = "Sign up for our newsletter"
    link = publish(runtime, 0, line)
    assert text_of(runtime, link)[1] == [line]
    assert mark(runtime, line) == [link]
    read(runtime, link)
    text, removed = text_of(runtime, link)
    assert (line in text, removed) == (True, [])


def test_a_mark_is_of_one_site_alone_and_made_once(runtime: Runtime) -> None:
    link = publish(runtime, 0, "Sign up for our newsletter")
    with runtime.transaction() as session:
        now = datetime.now(UTC)
        assert good_lines.mark_good(session, "other.example", "Sign up for our newsletter", "the desk", now) == []
    assert mark(runtime, "Sign up for our newsletter") == [link]
    assert mark(runtime, "Sign up for our newsletter") == []


def test_a_mark_can_be_taken_back(runtime: Runtime, database_url: str) -> None:
    mark(runtime, MOTTO)
    with runtime.transaction() as session:
        good_lines.unmark(session, SITE, MOTTO, "the desk", datetime.now(UTC))
        assert good_lines.good_lines(session, SITE) == []
        assert sites.site_knowledge(session, SITE).template.good == frozenset()
    with runtime.transaction() as session, pytest.raises(NotFound):
        good_lines.unmark(session, SITE, MOTTO, "the desk", datetime.now(UTC))
