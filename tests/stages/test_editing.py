"""An editor's corrections on a real database, and that folding and repair keep to them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storyfold.errors import Conflict, NotFound
from storyfold.matching.idf import Idf
from storyfold.stages import editing
from storyfold.stages.repair import Repair
from storyfold.stages.showing import show_all
from storyfold.stages.submit import PushedArticle, parse_published, push_article
from storyfold.store.candidates import Loader
from storyfold.store.engine import Sessions
from storyfold.store.tables import Article, BondRow, Change, Cluster, Evidence, Story
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"


def now() -> datetime:
    return datetime.now(UTC)


def told(runtime: Runtime, name: str, hour: int = 8) -> tuple[int, int]:
    """Push a text of the press and fold it. -> its cluster and its story."""
    body = (PRESS / f"{name}.txt").read_text()
    published = parse_published(f"2026-03-02T{hour:02}:00:00Z")
    with runtime.transaction() as session:
        pushed = PushedArticle(text=body, source=f"{name}-{hour}.example", published=published)
        link_id = int(push_article(session, pushed, now()).id or 0)
    for stage in (runtime.digest, runtime.fold):
        run_stage(runtime, stage, link_id)
    with runtime.transaction() as session:
        query = select(Cluster.id, Cluster.story_id).join(Article, Article.cluster_id == Cluster.id)
        return tuple(session.execute(query.where(Article.link_id == link_id)).one())


def story_of(sessions: Sessions, cluster_id: int) -> int:
    with sessions() as session:
        return session.get_one(Cluster, cluster_id).story_id


def repair(sessions: Sessions) -> None:
    """Look at everything, as though all had changed."""
    with sessions.begin() as session:
        for story in session.scalars(select(Story)):
            story.repaired_at = None
    looked_at = 1
    while looked_at:
        with sessions.begin() as session:
            looked_at = Repair().step(session, now())
    show_all(sessions, Idf(0), Loader())


def merge(sessions: Sessions, story_id: int, other_id: int) -> editing.Merged:
    with sessions.begin() as session:
        editing.begin(session, story_id)
        return editing.merge_stories(session, story_id, other_id, now())


def split(sessions: Sessions, story_id: int, *cluster_ids: int) -> editing.Split:
    with sessions.begin() as session:
        editing.begin(session, story_id)
        return editing.split_story(session, story_id, cluster_ids, now())


def last_changes(sessions: Sessions, count: int) -> list[tuple[str, int, int | None]]:
    with sessions() as session:
        changes = session.scalars(select(Change).order_by(Change.cursor.desc()).limit(count)).all()
    return [(change.kind, change.story_id, change.other_story_id) for change in reversed(changes)]


def test_merged_stories_are_one_under_the_older_id_and_stay_so(runtime: Runtime, sessions: Sessions) -> None:
    (first, older), (second, younger) = told(runtime, "original"), told(runtime, "unrelated")
    assert merge(sessions, younger, older) == editing.Merged(kept=older, gone=younger)
    assert last_changes(sessions, 1) == [("merged", younger, older)]
    repair(sessions)
    assert (story_of(sessions, first), story_of(sessions, second)) == (older, older)
    with sessions() as session:
        assert session.get_one(Story, older).article_count == 2
        assert session.get_one(Story, younger).merged_into == older


def test_what_was_split_stays_apart(runtime: Runtime, sessions: Sessions) -> None:
    (first, story), (second, same) = told(runtime, "original"), told(runtime, "independent", hour=9)
    assert story == same
    done = split(sessions, story, second)
    assert last_changes(sessions, 2) == [("created", done.created, None), ("split", story, done.created)]
    repair(sessions)
    assert (story_of(sessions, first), story_of(sessions, second)) == (story, done.created)


def tie(sessions: Sessions, cluster_id: int) -> tuple[str | None, int | None]:
    """How the cluster's only article came there, and the cluster of what it is tied to."""
    with sessions() as session:
        article = session.scalars(select(Article).where(Article.cluster_id == cluster_id)).one()
        matched = session.get(Article, article.matched_id) if article.matched_id else None
        return article.relation, matched.cluster_id if matched else None


def test_a_report_that_was_split_off_is_the_first_to_tell_of_its_story(runtime: Runtime, sessions: Sessions) -> None:
    (first, story), (second, _) = told(runtime, "original"), told(runtime, "independent", hour=9)
    assert tie(sessions, second) == ("same_event", first)
    split(sessions, story, second)
    assert tie(sessions, second) == ("new", None)
    with sessions() as session:
        assert session.scalars(select(Evidence)).all() == []


def test_reports_that_were_split_off_together_are_tied_to_each_other(runtime: Runtime, sessions: Sessions) -> None:
    (first, story), (second, _) = told(runtime, "original"), told(runtime, "independent", hour=9)
    third, other = told(runtime, "unrelated", hour=10)
    merge(sessions, story, other)
    with sessions.begin() as session:
        head, near, far = (session.get_one(Cluster, id).head_article_id for id in (first, second, third))
        reported = update(Article).where(Article.id == far)
        session.execute(reported.values(relation="same_event", matched_id=head, score=0.7))
        session.merge(BondRow(article_id=far, other_id=near, cosine=0.9, alone=0.0, settled=0.0))
    split(sessions, story, second, third)
    assert (tie(sessions, second), tie(sessions, third)) == (("new", None), ("same_event", second))
    runtime.show_ties()
    with sessions() as session:
        assert session.scalars(select(Evidence)).one().data["score"] == 0.7


def test_the_part_with_the_canonical_article_keeps_the_id(runtime: Runtime, sessions: Sessions) -> None:
    (first, story), (second, _) = told(runtime, "original"), told(runtime, "independent", hour=9)
    done = split(sessions, story, first)
    assert (story_of(sessions, first), story_of(sessions, second)) == (story, done.created)


def test_later_articles_go_where_their_cluster_went(runtime: Runtime, sessions: Sessions) -> None:
    (_, story), (second, _) = told(runtime, "original"), told(runtime, "independent", hour=9)
    done = split(sessions, story, second)
    assert told(runtime, "independent", hour=10) == (second, done.created)
    assert told(runtime, "reprint", hour=11)[1] == story


def test_the_last_word_rules(runtime: Runtime, sessions: Sessions) -> None:
    (first, story), (second, _) = told(runtime, "original"), told(runtime, "independent", hour=9)
    done = split(sessions, story, second)
    merge(sessions, story, done.created)
    repair(sessions)
    assert story_of(sessions, first) == story_of(sessions, second) == story
    again = split(sessions, story, second)
    repair(sessions)
    assert story_of(sessions, second) == again.created


def test_what_cannot_be_is_a_conflict_and_changes_nothing(runtime: Runtime, sessions: Sessions) -> None:
    (first, story), (other, unrelated) = told(runtime, "original"), told(runtime, "unrelated")
    before = last_changes(sessions, 10)
    for attempt in (
        lambda: merge(sessions, story, story),
        lambda: split(sessions, story, first),
        lambda: split(sessions, story, other),
    ):
        with pytest.raises(Conflict):
            attempt()
    with pytest.raises(NotFound):
        merge(sessions, story, 4711)
    assert last_changes(sessions, 10) == before
    assert story_of(sessions, other) == unrelated
