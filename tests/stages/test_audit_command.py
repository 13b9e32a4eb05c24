"""`storyfold audit`: what it prints and how it ends."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from storyfold.cli.audit import audit
from storyfold.errors import EngineError
from storyfold.store.engine import Sessions


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("STORYFOLD_DATABASE_URL", database_url)
    return CliRunner()


def test_it_says_that_all_is_well(run: CliRunner) -> None:
    result = run.invoke(audit)
    assert result.exit_code == 0
    assert result.output == "0 links, 0 folded articles, 0 clusters, 0 stories, 0 changes: all rules hold\n"


def test_it_says_what_is_broken_what_that_means_and_what_to_do(run: CliRunner, sessions: Sessions) -> None:
    with sessions.begin() as session:
        for cursor in (1, 2, 5):
            row = {"cursor": cursor}
            session.execute(text("INSERT INTO changes VALUES (:cursor, 'grown', 1, NULL, now())"), row)
    result = run.invoke(audit)
    assert result.exit_code == 1
    broken, rule, to_do, _, summary = result.output.splitlines()
    assert broken == "BROKEN log-without-gaps: 1 changes (5)"
    assert rule.startswith("  rule:  The cursors of the change log")
    assert to_do.startswith("  to do: ")
    assert summary.endswith("rules broken")


def test_it_asks_for_the_schema_first(run: CliRunner, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text("DELETE FROM alembic_version"))
    assert isinstance(run.invoke(audit).exception, EngineError)
