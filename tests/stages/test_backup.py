"""A backup, as the documentation takes it, brought back: nothing from before it is lost, and work goes on from there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from engines_plugin import SharedEngines
from sqlalchemy import text

from storyfold.embedded import create_database, drop_database
from storyfold.embedded.binaries import postgres_program
from storyfold.settings import Settings
from storyfold.stages.submit import PushedArticle, push_article
from storyfold.store import leases
from storyfold.store.invariants import RULES, check
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"


@pytest.fixture
def restored(database_url: str, engines: SharedEngines, tmp_path: Path) -> Iterator[Runtime]:
    """An installation that was brought back after it had gone on for a while."""
    runtime = at(database_url)
    push(runtime, "original")
    push(runtime, "reprint")
    push(runtime, "unrelated", fold=False)
    with runtime.transaction() as session:
        assert runtime.fold.claim(session, 3, datetime.now(UTC)), "one is in the hands of a worker"
    program("pg_dump", database_url, "--format=custom", f"--file={tmp_path / 'storyfold.dump'}")
    push(runtime, "independent")
    runtime.close()
    name = f"restored_{uuid4().hex}"
    url = create_database(engines.database_url, name)
    program("pg_restore", url, "--exit-on-error", str(tmp_path / "storyfold.dump"))
    runtime = at(url)
    yield runtime
    runtime.close()
    drop_database(engines.database_url, name)


def at(url: str) -> Runtime:
    return Runtime(Settings.model_validate({"database_url": url}))


def program(name: str, url: str, *arguments: str) -> None:
    parts = urlsplit(url)
    where = [f"--host={parse_qs(parts.query)['host'][0]}", "--username=storyfold", f"--dbname={parts.path[1:]}"]
    run = subprocess.run([postgres_program(name), *where, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def push(runtime: Runtime, name: str, *, fold: bool = True) -> tuple[int, bool]:
    pushed = PushedArticle(text=(PRESS / f"{name}.txt").read_text(), url=f"https://{name}.example/")
    with runtime.transaction() as session:
        item = push_article(session, pushed, datetime.now(UTC))
    assert item.id is not None
    for stage in (runtime.digest, runtime.fold) if fold else (runtime.digest,):
        run_stage(runtime, stage, item.id)
    return item.id, item.created


def counted(runtime: Runtime) -> list[tuple[str, int]]:
    with runtime.transaction() as session:
        rows = session.execute(text("SELECT fate, count(*) FROM links GROUP BY fate ORDER BY fate"))
        return [(fate, count) for fate, count in rows]


def broken(runtime: Runtime) -> list[str]:
    with runtime.transaction() as session:
        return [found.rule.name for found in check(session.connection(), RULES, datetime.now(UTC)) if found]


def test_what_was_there_at_the_backup_is_there_again(restored: Runtime) -> None:
    assert counted(restored) == [("folded", 2), ("pending", 1)]
    assert broken(restored) == []


def test_what_was_under_way_goes_on(restored: Runtime) -> None:
    with restored.transaction() as session:
        leases.release_all(session)
    run_stage(restored, restored.fold, 3)
    assert counted(restored) == [("folded", 3)]
    assert broken(restored) == []


def test_what_came_after_the_backup_may_come_again_and_nothing_else_is_new(restored: Runtime) -> None:
    assert push(restored, "original")[1] is False
    assert push(restored, "independent")[1] is True
    assert counted(restored) == [("folded", 3), ("pending", 1)]
    assert broken(restored) == []
