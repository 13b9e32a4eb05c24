"""Folding on a real database: who stands with whom, why, and what the change log says of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from storyfold.stages import folding
from storyfold.stages.catching_up import WORTH_CATCHING_UP
from storyfold.stages.fold import FoldJob
from storyfold.stages.incoming import Incoming
from storyfold.stages.match import Match
from storyfold.stages.repair import Repair
from storyfold.stages.submit import PushedArticle, parse_published, push_article
from storyfold.store.engine import Sessions
from storyfold.store.tables import Article, Change, Cluster, Evidence, Fate, Link, Revision, Story
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"


def written(name: str) -> str:
    return (PRESS / f"{name}.txt").read_text()


def push(runtime: Runtime, text: str, *, source: str, published: str | None = "2026-03-02T08:00:00Z") -> int:
    with runtime.transaction() as session:
        when = parse_published(published) if published else None
        item = push_article(session, PushedArticle(text=text, source=source, published=when), datetime.now(UTC))
    assert item.id is not None
    return item.id


def fold(runtime: Runtime, link_ids: Sequence[int]) -> None:
    for stage in (runtime.digest, runtime.fold):
        for link_id in link_ids:
            run_stage(runtime, stage, link_id)


def place(sessions: Sessions, link_id: int) -> tuple[str | None, int | None, int | None]:
    """(relation, cluster, story) of a link's article."""
    query = (
        select(Article.relation, Article.cluster_id, Cluster.story_id)
        .join(Cluster, Cluster.id == Article.cluster_id)
        .where(Article.link_id == link_id)
    )
    with sessions() as session:
        relation, cluster, story = session.execute(query).one()
        return relation, cluster, story


def repair(sessions: Sessions) -> int:
    """Look at all that changed. -> how much that was."""
    seen = []
    while not seen or seen[-1]:
        with sessions.begin() as session:
            seen.append(Repair().step(session, datetime.now(UTC)))
    return sum(seen)


def test_one_text_and_what_was_made_of_it_are_one_cluster(runtime: Runtime, sessions: Sessions) -> None:
    names = ["original", "original", "reprint", "rewrite"]
    links = [push(runtime, written(name), source=f"{n}.example") for n, name in enumerate(names)]
    fold(runtime, links)
    places = [place(sessions, link) for link in links]
    assert [relation for relation, _, _ in places] == ["new", "copy", "reprint", "rewrite"]
    assert len({cluster for _, cluster, _ in places}) == 1


def test_an_independent_report_shares_the_story_and_not_the_cluster(runtime: Runtime, sessions: Sessions) -> None:
    links = [push(runtime, written(name), source=name) for name in ("original", "independent")]
    fold(runtime, links)
    (_, first, story), (relation, second, same_story) = (place(sessions, link) for link in links)
    assert (relation, story == same_story, first == second) == ("same_event", True, False)


@pytest.mark.parametrize("other", ["lookalike", "unrelated"])
def test_another_event_is_another_story(runtime: Runtime, sessions: Sessions, other: str) -> None:
    links = [push(runtime, written("original"), source="a"), push(runtime, written(other), source="b")]
    fold(runtime, links)
    stories = {story for _, _, story in (place(sessions, link) for link in links)}
    assert len(stories) == 2


def test_copies_folded_at_once_by_many_end_in_one_cluster(runtime: Runtime, sessions: Sessions) -> None:
    links = [push(runtime, written("original"), source=f"{n}.example") for n in range(8)]
    for link in links:
        run_stage(runtime, runtime.digest, link)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda link: run_stage(runtime, runtime.fold, link), links))
    assert len({place(sessions, link)[1] for link in links}) == 1


def test_every_tie_has_evidence_whose_passages_stand_in_the_text(runtime: Runtime, sessions: Sessions) -> None:
    links = [push(runtime, written(name), source=name) for name in ("original", "rewrite", "independent")]
    fold(runtime, links)
    runtime.show_ties()
    with sessions() as session:
        texts = {row.article_id: row.text for row in session.execute(select(Revision.article_id, Revision.text))}
        ties = session.scalars(select(Evidence)).all()
    assert len(ties) == 2
    for tie in ties:
        assert tie.data["names"]
        for passage in tie.data["passages"]:
            start, end = passage["at"]
            assert texts[tie.article_id][start:end].strip()


def test_the_change_log_tells_of_creation_and_growth_without_gaps(runtime: Runtime, sessions: Sessions) -> None:
    links = [push(runtime, written(name), source=name) for name in ("original", "unrelated", "reprint")]
    for link in links:
        fold(runtime, [link])
    with sessions() as session:
        changes = session.scalars(select(Change).order_by(Change.cursor)).all()
    assert [change.cursor for change in changes] == [1, 2, 3]
    assert [change.kind for change in changes] == ["created", "created", "grown"]
    assert changes[2].story_id == changes[0].story_id


def test_a_story_counts_its_members_and_is_spoken_for_by_the_first(runtime: Runtime, sessions: Sessions) -> None:
    late = push(runtime, written("reprint"), source="late.example", published="2026-03-03T08:00:00Z")
    early = push(runtime, written("original"), source="early.example", published="2026-03-02T08:00:00Z")
    fold(runtime, [late, early])
    with sessions() as session:
        story = session.scalars(select(Story).where(Story.article_count > 0)).one()
        speaker = session.scalars(select(Article).where(Article.id == story.canonical_article_id)).one()
    assert (story.article_count, story.source_count, story.cluster_count) == (2, 2, 1)
    assert (speaker.source, story.title) == ("early.example", speaker.title)


def test_folding_again_changes_nothing(runtime: Runtime, sessions: Sessions) -> None:
    link = push(runtime, written("original"), source="a")
    fold(runtime, [link])
    before = place(sessions, link)
    fold(runtime, [link])
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Article)) == 1
        assert session.get_one(Link, link).fate == Fate.FOLDED
    assert place(sessions, link) == before


def test_what_nothing_came_between_is_decided_once(
    runtime: Runtime, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = counting(monkeypatch)
    links = [push(runtime, written(name), source=name) for name in ("original", "reprint", "unrelated")]
    fold(runtime, links)
    (_, first, _), (_, second, _), (_, third, _) = (place(sessions, link) for link in links)
    assert (decided, first == second, first == third) == ([3], True, False)


def test_what_something_came_between_is_decided_anew(
    runtime: Runtime, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = counting(monkeypatch)
    late, early = (push(runtime, written("original"), source=source) for source in ("a", "b"))
    for link in (late, early):
        run_stage(runtime, runtime.digest, link)
    monkeypatch.setattr("storyfold.stages.fold.BATCH", 1)
    job = claimed(runtime, late)
    drafted = runtime.fold.run(job, datetime.now(UTC))
    run_stage(runtime, runtime.fold, early)
    with runtime.transaction() as session:
        runtime.fold.store(session, job, drafted, datetime.now(UTC))
    assert [place(sessions, link)[0] for link in (early, late)] == ["new", "copy"]
    assert decided == [1, 1, 1]


def test_a_batch_catches_up_with_what_came_in_before_it_is_decided(
    runtime: Runtime, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = counting(monkeypatch)
    early, *late = (push(runtime, written("original"), source=f"s{n}") for n in range(WORTH_CATCHING_UP + 1))
    for link in (early, *late):
        run_stage(runtime, runtime.digest, link)
    with monkeypatch.context() as alone:
        alone.setattr("storyfold.stages.fold.BATCH", 1)
        first = claimed(runtime, early)
    job = claimed(runtime, late[0])

    def compare_and_let_come(session: Session, *rest: Any) -> None:
        compare_really(session, *rest)
        monkeypatch.setattr(folding, "compare_all", compare_really)
        with runtime.transaction() as other:
            runtime.fold.store(other, first, runtime.fold.run(first, datetime.now(UTC)), datetime.now(UTC))

    compare_really = folding.compare_all
    monkeypatch.setattr(folding, "compare_all", compare_and_let_come)
    drafted = runtime.fold.run(job, datetime.now(UTC))
    with runtime.transaction() as session:
        runtime.fold.store(session, job, drafted, datetime.now(UTC))
    assert {place(sessions, link)[1] for link in late} == {place(sessions, early)[1]}
    assert decided == [1, len(late)]


def counting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many articles each decision of a batch was about."""
    decided: list[int] = []

    def decide(session: Session, batch: Sequence[Incoming], *rest: Any) -> list[folding.Decided]:
        decided.append(len(batch))
        return decide_really(session, batch, *rest)

    decide_really = folding.decide
    monkeypatch.setattr(folding, "decide", decide)
    return decided


def claimed(runtime: Runtime, link: int) -> FoldJob:
    with runtime.transaction() as session:
        job = runtime.fold.claim(session, link, datetime.now(UTC))
    assert job is not None
    return job


def test_a_fold_rolls_nothing_back(runtime: Runtime) -> None:
    """A rollback has the driver forget the statements that it has prepared."""
    rolled: list[bool] = []
    link = push(runtime, written("original"), source="a")
    run_stage(runtime, runtime.digest, link)

    def note(_: object) -> None:
        rolled.append(True)

    event.listen(Engine, "rollback", note)
    try:
        run_stage(runtime, runtime.fold, link)
    finally:
        event.remove(Engine, "rollback", note)
    assert rolled == []


def test_a_text_without_a_word_is_folded_or_refused_and_stops_nobody(runtime: Runtime, sessions: Sessions) -> None:
    links = [push(runtime, text, source="a") for text in ("… — !", written("original"), "1 2 3 4 5")]
    fold(runtime, links)
    with sessions() as session:
        fates = [session.get_one(Link, link).fate for link in links]
    assert Fate.PENDING not in fates
    assert fates[1] == Fate.FOLDED


def test_a_dry_run_says_the_same_and_stores_nothing(runtime: Runtime, sessions: Sessions) -> None:
    link = push(runtime, written("original"), source="a")
    fold(runtime, [link])
    match: Match = runtime.match
    answer = match.text(written("rewrite"), datetime.now(UTC))
    assert (answer["relation"], answer["story_id"]) == ("rewrite", str(place(sessions, link)[2]))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Article)) == 1


def test_a_second_look_at_stories_that_are_right_leaves_them_as_they_are(runtime: Runtime, sessions: Sessions) -> None:
    links = [
        push(runtime, written(name), source=name) for name in ("original", "independent", "lookalike", "unrelated")
    ]
    fold(runtime, links)
    before = [place(sessions, link) for link in links]
    assert repair(sessions) > 0
    assert repair(sessions) == 0
    assert [place(sessions, link) for link in links] == before
