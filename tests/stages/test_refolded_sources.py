"""A source whose page changes: what is tied to it is tied to its new text, or to what is left beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from newsstand import Newsstand
from servers.site import Site
from sqlalchemy import select

from storyfold.settings import Settings
from storyfold.stages import editing
from storyfold.stages.repair import Repair
from storyfold.stages.takedown import take_down
from storyfold.store import refetches
from storyfold.store.invariants import RULES, check
from storyfold.store.tables import Article, Cluster, Evidence
from workers.runtime import Runtime

PRESS = Path(__file__).parent.parent / "e2e" / "press"
NEWS = "The harbour master added on Wednesday that the second pier stays closed for repairs."


class Paper:
    """One site whose pages are folded, change, and are folded again."""

    def __init__(self, stand: Newsstand, runtime: Runtime, site: Site) -> None:
        self.stand, self.site, self.runtime = stand, site, runtime
        self.stages = (stand.fetch, runtime.digest, runtime.fold)

    def says(self, path: str, name: str, *more: str) -> str:
        lines = [line for line in (PRESS / f"{name}.txt").read_text().split("\n") if line]
        body = "".join(f"<p>{line}</p>" for line in [*lines, *more])
        return self.site.serve(
            path, f"<html><head><title>{path}</title></head><body><article>{body}</article></body></html>"
        )

    def told(self, name: str, path: str) -> int:
        """-> the id of the article."""
        [link_id] = self.stand.submit(self.says(path, name))
        return self._read(link_id)

    def again(self, article_id: int, path: str, name: str, *more: str) -> None:
        self.says(path, name, *more)
        self.stand.clock.pass_(hours=1)
        with self.stand.sessions.begin() as session:
            link_id = session.get_one(Article, article_id).link_id
            refetches.refetch_link(session, link_id, self.stand.clock.now)
        self._read(link_id)

    def repaired(self) -> None:
        self.stand.clock.pass_(hours=1)
        with self.stand.sessions.begin() as session:
            while Repair().step(session, self.stand.clock.now):
                pass
        self.runtime.show_ties()

    def _read(self, link_id: int) -> int:
        for stage in self.stages:
            self.stand.run(stage, link_id)
        self.runtime.show_ties()
        with self.stand.sessions() as session:
            return session.scalars(select(Article.id).where(Article.link_id == link_id)).one()

    def ties(self) -> dict[int, tuple[str | None, int | None]]:
        with self.stand.sessions() as session:
            rows = session.execute(select(Article.id, Article.relation, Article.matched_id))
            return {id: (relation, matched) for id, relation, matched in rows}

    def stories(self, *articles: int) -> set[int]:
        with self.stand.sessions() as session:
            query = select(Cluster.story_id).join(Article, Article.cluster_id == Cluster.id)
            return set(session.scalars(query.where(Article.id.in_(articles))))

    def evidence(self, article_id: int) -> dict[str, Any]:
        with self.stand.sessions() as session:
            return session.scalars(select(Evidence.data).where(Evidence.article_id == article_id)).one()

    def broken(self) -> list[str]:
        with self.stand.sessions() as session:
            return [found.rule.name for found in check(session.connection(), RULES, datetime.now(UTC)) if found]


@pytest.fixture
def paper(stand: Newsstand, database_url: str, site: Site) -> Iterator[Paper]:
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield Paper(stand, runtime, site)
    runtime.close()


def test_a_source_that_adds_a_line_stays_the_source(paper: Paper) -> None:
    source, copy, other = paper.told("original", "/a"), paper.told("original", "/b"), paper.told("original", "/c")
    before = paper.ties()
    paper.again(source, "/a", "original", NEWS)
    assert paper.ties()[source] == ("new", None)
    assert {paper.ties()[copy][1], paper.ties()[other][1]} <= {source, copy}
    assert paper.ties().keys() == before.keys()
    assert paper.broken() == []


def test_what_is_tied_to_it_is_shown_beside_the_text_as_it_is_now(paper: Paper) -> None:
    source, copy = paper.told("original", "/a"), paper.told("original", "/b")
    assert all(passage["at"] == passage["other"] for passage in paper.evidence(copy)["passages"])
    paper.again(source, "/a", "reprint")
    assert paper.ties()[copy][1] == source
    assert not all(passage["at"] == passage["other"] for passage in paper.evidence(copy)["passages"])


def test_a_source_that_tells_something_else_leaves_its_copies_to_themselves(paper: Paper) -> None:
    source, copy, other = paper.told("original", "/a"), paper.told("original", "/b"), paper.told("original", "/c")
    paper.again(source, "/a", "unrelated")
    assert paper.ties() == {source: ("new", None), copy: ("new", None), other: ("copy", copy)}
    assert paper.broken() == []


def test_reports_of_its_event_stay_in_its_story(paper: Paper) -> None:
    source, report, copy = paper.told("original", "/a"), paper.told("independent", "/i"), paper.told("original", "/b")
    paper.repaired()
    assert len(paper.stories(source, report, copy)) == 1
    paper.again(source, "/a", "original", NEWS)
    paper.repaired()
    assert len(paper.stories(source, report, copy)) == 1
    assert paper.broken() == []


def test_a_source_that_tells_an_event_that_was_told_before_still_does(paper: Paper) -> None:
    report, source, copy = paper.told("independent", "/i"), paper.told("original", "/a"), paper.told("original", "/b")
    assert paper.ties()[source] == ("same_event", report)
    paper.again(source, "/a", "original", NEWS)
    assert (paper.ties()[source], paper.ties()[copy][1]) == (("same_event", report), source)
    assert paper.broken() == []


def test_reports_are_tied_to_what_still_tells_their_event(paper: Paper) -> None:
    source, report = paper.told("original", "/a"), paper.told("independent", "/i")
    assert paper.ties()[report] == ("same_event", source)
    paper.again(source, "/a", "unrelated")
    assert paper.ties() == {source: ("new", None), report: ("new", None)}
    assert paper.broken() == []


def test_an_editors_word_stays_with_the_copies_of_a_source_that_tells_something_else(paper: Paper) -> None:
    elsewhere, source, copy = paper.told("unrelated", "/u"), paper.told("original", "/a"), paper.told("original", "/b")
    with paper.stand.sessions.begin() as session:
        editing.merge_stories(session, *paper.stories(elsewhere), *paper.stories(copy), paper.stand.clock.now)
    paper.again(source, "/a", "lookalike")
    paper.repaired()
    assert paper.stories(copy) == paper.stories(elsewhere) != paper.stories(source)
    assert paper.broken() == []


def test_reports_of_its_event_stay_in_the_story_of_a_source_taken_down(paper: Paper) -> None:
    source, report, copy = paper.told("original", "/a"), paper.told("independent", "/i"), paper.told("original", "/b")
    paper.repaired()
    with paper.stand.sessions.begin() as session:
        take_down(session, source, paper.stand.clock.now)
    paper.told("rewrite", "/r")
    paper.repaired()
    assert len(paper.stories(report, copy)) == 1
    assert paper.broken() == []
