"""The second look at syndication clusters on a real database: what is put together, taken apart, and left alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from storyfold.matching.idf import Idf
from storyfold.stages.repair import Repair
from storyfold.stages.showing import show_all
from storyfold.stages.submit import PushedArticle, push_article
from storyfold.store import folding
from storyfold.store.candidates import Loader
from storyfold.store.engine import Sessions
from storyfold.store.invariants import RULES, Finding, check
from storyfold.store.tables import Article, Change, Cluster, EditorMark, Evidence, KinRow, Story, Verdict
from storyfold.store.ties import Tie, write_tie
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"
LATER = datetime.now(UTC) + timedelta(hours=1)  # than all that a test folds


def folded(runtime: Runtime, *names: str) -> list[int]:
    """Fold press texts in order. -> their article ids."""
    for n, name in enumerate(names):
        text = (PRESS / f"{name}.txt").read_text()
        with runtime.transaction() as session:
            link = push_article(session, PushedArticle(text=text, source=f"{n}.example"), datetime.now(UTC)).id
        assert link is not None
        for stage in (runtime.digest, runtime.fold):
            run_stage(runtime, stage, link)
    with runtime.transaction() as session:
        return list(session.scalars(select(Article.id).order_by(Article.id)))


def put_apart(session: Session, article: int) -> None:
    """As if the article had found nothing when it came in: a cluster and a story of its own."""
    cluster, story = (folding.draw_ids(session, table, 1)[0] for table in (Cluster, Story))
    folding.write_stories(session, [story], LATER)
    session.execute(insert(Cluster).values(id=cluster, story_id=story, head_article_id=article, created_at=LATER))
    move(session, article, cluster)


def move(session: Session, article: int, cluster: int | None) -> None:
    alone = {"relation": "new", "matched_id": None, "score": 0.0}
    session.execute(update(Article).where(Article.id == article).values(cluster_id=cluster, **alone))
    session.execute(update(Cluster).where(Cluster.id == cluster).values(unrepaired=True))
    folding.recount_stories(session, session.scalars(select(Story.id)).all(), LATER)


def repair(sessions: Sessions) -> None:
    looked_at = 1
    while looked_at:
        with sessions.begin() as session:
            looked_at = Repair().step(session, LATER)
    show_all(sessions, Idf(0), Loader())


def clusters(session: Session, articles: Sequence[int]) -> list[int | None]:
    return [session.get_one(Article, article).cluster_id for article in articles]


def broken_ties(session: Session) -> list[Finding]:
    rules = [rule for rule in RULES if rule.name.startswith("tie-")]
    assert rules
    return [finding for finding in check(session.connection(), rules, LATER) if finding]


def test_two_clusters_of_one_text_become_one_with_evidence_and_the_older_story_lives_on(
    runtime: Runtime, sessions: Sessions
) -> None:
    original, rewrite = folded(runtime, "original", "rewrite")
    with sessions.begin() as session:
        put_apart(session, rewrite)
        session.execute(insert(KinRow).values(article_id=rewrite, other_id=original))
    repair(sessions)
    with sessions() as session:
        first, second = clusters(session, [original, rewrite])
        moved = session.get_one(Article, rewrite)
        older, younger = session.scalars(select(Story).order_by(Story.id)).all()
        last = session.scalars(select(Change).order_by(Change.cursor.desc())).first()
        assert first == second
        assert (moved.relation, moved.matched_id) == ("rewrite", original)
        assert session.get_one(Evidence, (rewrite, original)).data["names"]
        assert (older.article_count, older.merged_into, younger.merged_into) == (2, None, older.id)
        assert last is not None
        assert (last.kind, last.story_id, last.other_story_id) == ("merged", younger.id, older.id)


def test_an_article_that_hangs_on_by_nothing_leaves_its_cluster(runtime: Runtime, sessions: Sessions) -> None:
    articles = folded(runtime, "original", "reprint", "rewrite", "unrelated")
    with sessions.begin() as session:
        home = session.get_one(Article, articles[0]).cluster_id
        move(session, articles[3], home)
        write_tie(session, Tie(articles[3], "rewrite", articles[2], 0.6, {"names": []}), 0, LATER)
    repair(sessions)
    with sessions() as session:
        first, *others, stranger = clusters(session, articles)
        assert others == [first, first]
        assert stranger != first
        assert session.get_one(Article, articles[3]).relation == "uncertain"
        assert session.get_one(Evidence, (articles[3], articles[2])).relation == "uncertain"
        assert session.get_one(Cluster, stranger).head_article_id == articles[3]
        assert session.get_one(Cluster, first).head_article_id == articles[0]


def test_what_an_editor_took_apart_is_not_put_together(runtime: Runtime, sessions: Sessions) -> None:
    original, rewrite = folded(runtime, "original", "rewrite")
    with sessions.begin() as session:
        put_apart(session, rewrite)
        session.execute(insert(KinRow).values(article_id=rewrite, other_id=original))
        mark = {"article_id": original, "other_id": rewrite, "verdict": Verdict.APART, "at": LATER}
        session.execute(insert(EditorMark).values(mark))
    repair(sessions)
    with sessions() as session:
        first, second = clusters(session, [original, rewrite])
        assert first != second


def test_clusters_without_kin_are_left_as_they_are(runtime: Runtime, sessions: Sessions) -> None:
    articles = folded(runtime, "original", "reprint", "unrelated", "lookalike")
    with sessions() as session:
        before = clusters(session, articles)
    repair(sessions)
    with sessions() as session:
        assert clusters(session, articles) == before
        assert not session.scalars(select(Cluster).where(Cluster.unrepaired)).all()


def test_an_article_joined_early_moves_to_the_text_that_came_in_later_with_evidence(
    runtime: Runtime, sessions: Sessions
) -> None:
    articles = folded(runtime, "unrelated", "rewrite", "original", "reprint")
    with sessions.begin() as session:
        elsewhere, home, *_ = clusters(session, articles)
        move(session, articles[2], home)  # the first of them now, as the rewrite goes
        move(session, articles[1], elsewhere)
        session.execute(insert(KinRow).values(article_id=articles[2], other_id=articles[1]))
    repair(sessions)
    with sessions() as session:
        unrelated, *told = clusters(session, articles)
        first, second = (session.get_one(Article, article) for article in articles[1:3])
        assert len(set(told)) == 1
        assert unrelated not in told
        assert (first.relation, second.relation, second.matched_id) == ("new", "rewrite", first.id)
        assert session.get_one(Evidence, (second.id, first.id)).data["names"]
        assert [finding for finding in check(session.connection(), RULES, datetime.now(UTC)) if finding] == []


def test_who_was_tied_to_what_left_is_tied_to_what_stays(runtime: Runtime, sessions: Sessions) -> None:
    articles = folded(runtime, "original", "unrelated", "reprint", "rewrite")
    with sessions.begin() as session:
        move(session, articles[1], session.get_one(Article, articles[0]).cluster_id)
        for tied, to in ((articles[1], articles[0]), (articles[3], articles[1])):
            write_tie(session, Tie(tied, "rewrite", to, 0.6, {"names": []}), 0, LATER)
    repair(sessions)
    with sessions() as session:
        last = session.get_one(Article, articles[3])
        assert (last.relation, last.cluster_id) == ("rewrite", session.get_one(Article, articles[0]).cluster_id)
        assert last.matched_id in (articles[0], articles[2])
        assert session.get_one(Evidence, (last.id, last.matched_id)).data["names"]
        assert broken_ties(session) == []


def test_two_texts_that_were_chained_part_each_with_its_own(runtime: Runtime, sessions: Sessions) -> None:
    articles = folded(runtime, "original", "reprint", "rewrite", "unrelated", "unrelated", "unrelated")
    with sessions.begin() as session:
        home, apart = (session.get_one(Article, articles[n]).cluster_id for n in (0, 3))
        session.execute(update(Article).where(Article.cluster_id == apart).values(cluster_id=home))
        session.execute(update(Cluster).where(Cluster.id == home).values(unrepaired=True))
    repair(sessions)
    with sessions() as session:
        one, two, three, *others = clusters(session, articles)
        assert one == two == three
        assert len(set(others)) == 1
        assert one not in others
        assert broken_ties(session) == []
