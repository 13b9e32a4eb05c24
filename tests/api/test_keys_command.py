"""`storyfold keys`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from keysmith import bearer

from storyfold.cli.main import group
from storyfold.store import keys
from storyfold.store.tables import KeyScope

READ = KeyScope.READ


@pytest.fixture
def command(newsroom, monkeypatch):
    monkeypatch.setattr("storyfold.cli.keys.join", lambda _settings: newsroom.sessions)
    return lambda *arguments: CliRunner().invoke(group, ["keys", *arguments])


def test_a_key_made_at_the_command_line_is_printed_once_and_opens(command, client):
    made = command("make", "night desk", "--scope", "read", "--expires", "90d", "--per-minute", "5")
    key = made.stdout.strip()
    answer = client.get("/v1/stories", headers=bearer(key))
    assert (answer.status_code, answer.headers["ratelimit-policy"]) == (200, '"minute";q=5;w=60')
    listed = command("list").stdout
    assert key.split("_", 2)[2] not in listed + made.stderr
    for told in ("night desk", "read", "good until", "5 a minute", keys.handle_of(key)):
        assert str(told) in listed


def test_a_key_revoked_at_the_command_line_opens_nothing(command, client, newsroom):
    key = command("make", "desk", "--scope", "admin").stdout.strip()
    assert "revoked" in command("revoke", "1").stdout
    assert client.get("/v1/stories", headers=bearer(key)).status_code == 401
    assert command("revoke", "1").exit_code == 1
    assert "revoked" in command("list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("make", "desk"),
        ("make", "desk", "--scope", "all"),
        ("make", "desk", "--scope", "read", "--expires", "tomorrow"),
        ("make", "desk", "--scope", "read", "--expires", "0d"),
        ("make", "desk", "--scope", "read", "--per-minute", "0"),
    ],
)
def test_what_cannot_be_made_is_said_so(command, newsroom, arguments):
    assert command(*arguments).exit_code == 2
    with newsroom.sessions() as session:
        assert keys.list_keys(session) == []


def test_an_expired_key_is_listed_as_such(command, make_key, outlive_key):
    outlive_key(make_key(READ)[0])
    assert "expired" in command("list").stdout
