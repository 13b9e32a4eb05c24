"""Commands on a database that is not what they need."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from click.testing import CliRunner
from engines_plugin import SharedEngines

from storyfold.cli.main import group
from storyfold.embedded import create_database, drop_database
from storyfold.errors import EngineError


@pytest.fixture
def bare_database(engines: SharedEngines, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database that nobody has migrated, named by the settings."""
    name = f"bare_{uuid4().hex}"
    monkeypatch.setenv("STORYFOLD_DATABASE_URL", create_database(engines.database_url, name))
    yield
    drop_database(engines.database_url, name)


@pytest.mark.usefixtures("bare_database")
@pytest.mark.parametrize(
    "command",
    [
        ["stories"],
        ["story", "1"],
        ["export"],
        ["audit"],
        ["seed"],
        ["match", "-"],
        ["add", "https://harbour-post.example/"],
        ["feeds", "list"],
        ["keys", "list"],
    ],
    ids=" ".join,
)
def test_a_database_that_nobody_has_migrated_is_said_with_what_to_do(command: list[str]) -> None:
    run = CliRunner().invoke(group, command, input="The ferry sails again.")
    assert isinstance(run.exception, EngineError)
    assert "run `storyfold migrate`" in str(run.exception)
