"""Evidence that is made out after the tie: the same as beforehand, once for each, and never left waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storyfold.matching.idf import Idf
from storyfold.stages import showing
from storyfold.stages.showing import show
from storyfold.stages.submit import PushedArticle, push_article
from storyfold.store.candidates import Loader
from storyfold.store.tables import Evidence, FingerprintRow
from storyfold.store.ties import unshown
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def told(runtime: Runtime) -> None:
    """An article, a reprint and a rewrite of it, folded one by one."""
    for name in NAMES:
        run_stage(runtime, runtime.fold, digested(runtime, name))


NAMES = ("original", "reprint", "rewrite")


def digested(runtime: Runtime, name: str) -> int:
    """-> its link, which waits to be folded."""
    text = (PRESS / f"{name}.txt").read_text()
    with runtime.transaction() as session:
        link = push_article(session, PushedArticle(text=text, source=f"{name}.example"), NOW).id or 0
    run_stage(runtime, runtime.digest, link)
    return link


def shown(session: Session) -> dict[int, dict[str, Any] | None]:
    return {row.article_id: row.data for row in session.scalars(select(Evidence))}


def show_some(session: Session, limit: int = 10) -> int:
    """-> how many there were to show."""
    waiting = unshown(session, limit)
    show(session, waiting, Idf(0), Loader(), NOW)
    return len(waiting)


@pytest.mark.usefixtures("told")
def test_what_is_folded_alone_has_its_evidence_afterwards(runtime: Runtime) -> None:
    with runtime.transaction() as session:
        assert list(shown(session).values()) == [None, None]
    runtime.show_ties()
    with runtime.transaction() as session:
        assert all(data and data["names"] and data["passages"] for data in shown(session).values())


def test_it_is_the_same_as_what_a_batch_has_beforehand(
    runtime: Runtime,
) -> None:
    links = [digested(runtime, name) for name in NAMES]
    run_stage(runtime, runtime.fold, links[0])
    with runtime.transaction() as session:
        beforehand = shown(session)
        assert len(beforehand) > 1
        assert all(beforehand.values())
        session.execute(update(Evidence).values(data=None))
    runtime.show_ties()
    with runtime.transaction() as session:
        assert shown(session) == beforehand


@pytest.mark.usefixtures("told")
def test_what_an_older_release_fingerprinted_is_shown_by_its_text(runtime: Runtime) -> None:
    with runtime.transaction() as session:
        session.execute(update(FingerprintRow).values(version=0))
    with runtime.transaction() as session:
        assert show_some(session) == 2
    with runtime.transaction() as session:
        assert all(data and data["features"] for data in shown(session).values())


@pytest.mark.usefixtures("told")
def test_what_one_process_has_in_hand_no_other_makes_out(runtime: Runtime) -> None:
    with runtime.transaction() as one, runtime.transaction() as other:
        assert show_some(one, limit=1) == 1
        assert show_some(other) == 1
        assert show_some(other) == 0
    with runtime.transaction() as session:
        assert all(shown(session).values())


@pytest.mark.usefixtures("told")
def test_one_that_fails_is_logged_and_keeps_no_other_waiting(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with runtime.transaction() as session:
        reprint, rewrite = sorted(shown(session))
    made = showing.evidence_of

    def fails_first(*asked: Any) -> dict[str, Any]:
        monkeypatch.setattr(showing, "evidence_of", made)
        raise ValueError("not of this text")

    monkeypatch.setattr(showing, "evidence_of", fails_first)
    runtime.show_ties()
    with runtime.transaction() as session:
        assert [id for id, data in shown(session).items() if data] == [rewrite]
    assert f"no evidence of the tie of article {reprint}" in caplog.text
    runtime.show_ties()
    with runtime.transaction() as session:
        assert all(shown(session).values())
