"""The second look at stories on a real database: what it looks at, and how what it decided is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, event, insert, select, update
from sqlalchemy.orm import Session

from storyfold.matching.idf import Idf
from storyfold.matching.story_repair import Group
from storyfold.settings import Settings
from storyfold.stages.repair import Repair
from storyfold.stages.showing import show_all
from storyfold.stages.submit import PushedArticle, push_article
from storyfold.store import bonds, folding, repairs
from storyfold.store.candidates import Loader
from storyfold.store.engine import Sessions
from storyfold.store.tables import Article, BondRow, Change, Cluster, EditorMark, Evidence, Story, Verdict
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"
LATER = datetime.now(UTC) + timedelta(hours=1)  # than all that a test folds
AS_ONE, AS_TWO = (0.5, 4.0, 4.0), (0.1, -8.0, -30.0)  # bonds of two that tell one event, and of two that do not
Bonds = Mapping[tuple[int, int], tuple[float, float, float]]


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield runtime
    runtime.close()


def fold(runtime: Runtime, body: str) -> int:
    """Push a text and fold it. -> its article."""
    with runtime.transaction() as session:
        link = push_article(session, PushedArticle(text=body), datetime.now(UTC)).id
    assert link is not None
    for stage in (runtime.digest, runtime.fold):
        run_stage(runtime, stage, link)
    with runtime.transaction() as session:
        return session.scalars(select(Article.id).where(Article.link_id == link)).one()


@pytest.fixture
def standing(runtime: Runtime, sessions: Sessions) -> Callable[[Sequence[Sequence[int]], Bonds], None]:
    """Articles 0, 1, ... each in a cluster of its own, in stories as told, with bonds as told. All have the number as
    the id of article and cluster, counted from 1; a story's id is that of its first."""

    def make(stories: Sequence[Sequence[int]], told: Bonds) -> None:
        count = sum(map(len, stories))
        for n in range(count):
            assert fold(runtime, f"Notice {n} of the parish of Holm. " + f"word{n} " * 60) == n + 1
        with sessions.begin() as session:
            session.execute(update(Story).values(canonical_article_id=None))
            session.execute(update(Article).values(cluster_id=None, relation=None, matched_id=None, score=None))
            session.execute(delete(Evidence))
            session.execute(delete(BondRow))
            session.execute(delete(Change))
            session.execute(delete(Cluster))
            session.execute(delete(Story))
            folding.draw_ids(session, Story, count)
            for story in stories:
                folding.write_stories(session, [story[0]], LATER)
                for id in story:
                    row = {"id": id, "story_id": story[0], "head_article_id": id, "created_at": LATER}
                    session.execute(insert(Cluster).values(row))
                    session.execute(update(Article).where(Article.id == id).values(cluster_id=id, relation="new"))
            session.execute(update(Cluster).values(unrepaired=False))
            for (later, other), (cosine, alone, settled) in told.items():
                row = {"article_id": later, "other_id": other, "cosine": cosine, "alone": alone, "settled": settled}
                session.execute(insert(BondRow).values(row))
            folding.recount_stories(session, [story[0] for story in stories], LATER)

    return make


def stories(session: Session) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for cluster in session.scalars(select(Cluster).order_by(Cluster.id)):
        found.setdefault(cluster.story_id, []).append(cluster.id)
    return found


def ids(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, np.int64)


def pairs(table: bonds.BondTable) -> list[tuple[int, int, float]]:
    return sorted(zip(table.one.tolist(), table.other.tolist(), np.round(table.cosine, 3).tolist(), strict=True))


def test_bonds_are_found_from_either_end_each_once(
    standing: Callable[[Sequence[Sequence[int]], Bonds], None], sessions: Sessions
) -> None:
    standing([[1], [2], [3], [4]], {(2, 1): AS_ONE, (3, 1): AS_TWO, (3, 2): AS_ONE, (4, 3): AS_TWO})
    with sessions() as session:
        assert pairs(bonds.bonds_of(session, ids(2, 3))) == [(2, 1, 0.5), (3, 1, 0.1), (3, 2, 0.5), (4, 3, 0.1)]
        assert pairs(bonds.bonds_of(session, ids(3), without=ids(2))) == [(3, 1, 0.1), (4, 3, 0.1)]
        assert len(bonds.bonds_of(session, ids())) == 0


def test_a_survey_takes_in_whole_stories_that_may_matter_and_every_bond_of_theirs(
    standing: Callable[[Sequence[Sequence[int]], Bonds], None], sessions: Sessions
) -> None:
    standing([[1, 2], [3, 4], [5], [6]], {(3, 1): AS_ONE, (4, 3): AS_ONE, (5, 1): AS_TWO, (6, 4): AS_ONE})
    with sessions.begin() as session:
        session.execute(insert(EditorMark).values(article_id=1, other_id=4, verdict=Verdict.APART, at=LATER))
        session.execute(insert(EditorMark).values(article_id=1, other_id=2, verdict=Verdict.TOGETHER, at=LATER))
        session.execute(insert(EditorMark).values(article_id=1, other_id=6, verdict=Verdict.TOGETHER, at=LATER))
        surveyed = repairs.survey(session, [1])
    assert surveyed.story_of == {1: 1, 2: 1, 3: 3, 4: 3}
    assert (surveyed.articles.tolist(), surveyed.clusters.tolist()) == ([1, 2, 3, 4], [1, 2, 3, 4])
    assert pairs(surveyed.bonds) == [(3, 1, 0.5), (4, 3, 0.5), (5, 1, 0.1), (6, 4, 0.5)]
    assert set(surveyed.canonical) == {1, 3}
    assert (surveyed.together, surveyed.apart) == ([(1, 2)], [(1, 4)])


def test_what_was_decided_is_written_told_and_looked_at(
    standing: Callable[[Sequence[Sequence[int]], Bonds], None], sessions: Sessions
) -> None:
    standing([[1, 2], [3], [4, 5, 6]], {})
    with sessions.begin() as session:
        groups = [Group(1, (1, 3), merged=(3,)), Group(None, (2,), split_from=1), Group(None, (6, 5), split_from=4)]
        repairs.apply_groups(session, [*groups, Group(4, (4,))], [1, 3, 4], LATER + timedelta(seconds=1))
    with sessions() as session:
        shape = stories(session)
        first, second = sorted(shape.keys() - {1, 4})
        assert shape == {1: [1, 3], 4: [4], first: [2], second: [5, 6]}
        counts = {story.id: story.article_count for story in session.scalars(select(Story)) if not story.merged_into}
        assert counts == {1: 2, 4: 1, first: 1, second: 2}
        assert session.get_one(Story, 3).merged_into == 1
        changes = session.scalars(select(Change).order_by(Change.cursor)).all()
        assert [(change.kind, change.story_id, change.other_story_id) for change in changes] == [
            ("created", first, None),
            ("created", second, None),
            ("split", 1, first),
            ("split", 4, second),
            ("merged", 3, 1),
        ]
        assert repairs.changed_stories(session, 10) == []


def test_a_story_that_was_merged_before_follows_the_one_that_took_it_in(
    standing: Callable[[Sequence[Sequence[int]], Bonds], None], sessions: Sessions
) -> None:
    standing([[1], [2], [3]], {})
    for kept, gone in ((2, 3), (1, 2)):
        with sessions.begin() as session:
            clusters = (1, 2, 3) if kept == 1 else (2, 3)
            repairs.apply_groups(session, [Group(kept, clusters, merged=(gone,))], [kept], LATER)
    with sessions() as session:
        assert [session.get_one(Story, id).merged_into for id in (1, 2, 3)] == [None, 1, 1]


def test_statements_do_not_grow_with_what_is_decided(
    standing: Callable[[Sequence[Sequence[int]], Bonds], None], sessions: Sessions
) -> None:
    standing([[1, 2], [3, 4], [5, 6], [7, 8]], {(2, 1): AS_TWO, (4, 3): AS_TWO, (6, 5): AS_TWO, (8, 7): AS_TWO})

    def statements(looked_at: list[int]) -> int:
        seen: list[str] = []
        with sessions.begin() as session:
            note = event.listens_for(session.connection(), "before_cursor_execute")
            note(lambda conn, cursor, statement, *rest: seen.append(statement))
            session.execute(update(Story).values(repaired_at=LATER))
            session.execute(update(Story).where(Story.id.in_(looked_at)).values(repaired_at=None))
            assert Repair().step(session, LATER) == len(looked_at)
        return len(seen)

    assert statements([1]) == statements([3, 5, 7])
    with sessions() as session:
        assert sorted(stories(session).values()) == [[id] for id in range(1, 9)]


def ties(session: Session) -> dict[int, tuple[str | None, int | None]]:
    return {row.id: (row.relation, row.matched_id) for row in session.scalars(select(Article))}


def test_a_report_that_opened_a_story_which_was_told_before_is_tied_to_it_with_evidence(
    standing: Callable[[Sequence[Sequence[int]], Bonds], None], sessions: Sessions
) -> None:
    standing([[1], [2], [3]], {(2, 1): AS_ONE, (3, 1): AS_TWO, (3, 2): AS_TWO})
    with sessions.begin() as session:
        Repair().step(session, LATER)
        assert session.scalars(select(Evidence.data)).one() is None
    show_all(sessions, Idf(0), Loader())
    with sessions() as session:
        assert stories(session) == {1: [1, 2], 3: [3]}
        assert ties(session) == {1: ("new", None), 2: ("same_event", 1), 3: ("new", None)}
        evidence = session.scalars(select(Evidence)).one()
        score = session.get_one(Article, 2).score
        assert (evidence.article_id, evidence.matched_id, evidence.relation) == (2, 1, "same_event")
        assert score is not None
        assert score > 0.5
        assert evidence.data["score"] == round(score, 4)


def test_a_report_is_tied_anew_to_the_nearest_before_it_where_its_match_went_elsewhere(
    standing: Callable[[Sequence[Sequence[int]], Bonds], None], sessions: Sessions
) -> None:
    standing([[1, 2, 3, 4]], {(2, 1): AS_TWO, (3, 1): AS_TWO, (3, 2): AS_ONE, (4, 1): AS_TWO, (4, 3): AS_TWO})
    with sessions.begin() as session:
        tied = {"relation": "same_event", "matched_id": 1, "score": 0.7}
        session.execute(update(Article).where(Article.id.in_([3, 4])).values(tied))
        Repair().step(session, LATER)
    with sessions() as session:
        assert sorted(stories(session).values()) == [[1], [2, 3], [4]]
        assert ties(session) == {1: ("new", None), 2: ("new", None), 3: ("same_event", 2), 4: ("new", None)}
        assert session.scalars(select(Evidence.article_id)).all() == [3]


def test_a_copy_gives_no_reason_for_a_second_look_and_a_report_does(runtime: Runtime, sessions: Sessions) -> None:
    text = {name: (PRESS / f"{name}.txt").read_text() for name in ("original", "independent")}

    def waiting() -> list[int]:
        with sessions() as session:
            return repairs.changed_stories(session, 10)

    fold(runtime, text["original"])
    assert waiting() != []
    while waiting():
        with sessions.begin() as session:
            Repair().step(session, datetime.now(UTC))
    fold(runtime, text["original"] + "\n")
    assert waiting() == []
    with sessions() as session:
        assert [story.article_count for story in session.scalars(select(Story))] == [2]
    fold(runtime, text["independent"])
    assert waiting() != []
    fold(runtime, text["original"] + "\n\n")
    assert waiting() != []
