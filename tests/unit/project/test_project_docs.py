"""The documentation says what is so: settings, commands, targets of make, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from storyfold.cli.main import group
from storyfold.settings import Settings

ROW = re.compile(r"^\| `(STORYFOLD_\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def operations(checkout: Path) -> str:
    return (checkout / "docs/operations.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(operations: str) -> dict[str, tuple[str, str, str]]:
    """The settings table: variable -> default, unit, meaning."""
    found = ROW.findall(operations)
    assert len(found) == len({name for name, *_ in found}), "a setting stands in the table once"
    return {name: (default, unit, meaning) for name, default, unit, meaning in found}


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    assert default is not PydanticUndefined, f"{name} has no default"
    if name == "seeds_dir":
        return "`seeds/` of the checkout"
    if default in (None, ()):
        return "none"
    assert not isinstance(default, SecretStr), f"{name} has a secret for a default"
    if isinstance(default, float):
        return f"`{default:g}`"
    return f"`{default}`"


def test_every_setting_is_documented_and_every_documented_setting_exists(rows: dict[str, tuple[str, str, str]]) -> None:
    assert list(rows) == [f"STORYFOLD_{name.upper()}" for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_default_of_a_setting_is_the_documented_one(name: str, rows: dict[str, tuple[str, str, str]]) -> None:
    default, _, meaning = rows[f"STORYFOLD_{name.upper()}"]
    assert default == _default(name)
    assert meaning.endswith(".")


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name.endswith(("_seconds", "_bytes"))])
def test_the_unit_of_a_setting_is_the_one_in_its_name(name: str, rows: dict[str, tuple[str, str, str]]) -> None:
    assert rows[f"STORYFOLD_{name.upper()}"][1] == name.rpartition("_")[2]


def test_no_page_names_a_setting_that_does_not_exist(pages: Sequence[Path]) -> None:
    known = {f"STORYFOLD_{name.upper()}" for name in Settings.model_fields} | {"STORYFOLD_BENCH_DATA"}
    for page in pages:
        named = set(re.findall(r"STORYFOLD_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
        assert named <= known, page.name


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _commands(found, f"{path} {name}")


def test_every_command_and_option_is_documented(operations: str) -> None:
    for path, command in _commands(group, "storyfold"):
        paragraph = re.search(rf"^\| `{re.escape(path)}[ `].*$", operations, re.MULTILINE)
        assert paragraph, path
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                names = [*parameter.opts, *parameter.secondary_opts]
                assert any(f"`{name}`" in paragraph[0] for name in names), f"{path} {names}"


def test_no_command_is_documented_that_does_not_exist(operations: str) -> None:
    known = [path for path, _ in _commands(group, "storyfold")]
    for row in re.findall(r"^\| `(storyfold [a-z -]+)", operations, re.MULTILINE):
        words = row.strip().split(" -")[0]
        assert words in known, words


def test_every_target_of_make_that_is_named_exists(checkout: Path, pages: Sequence[Path]) -> None:
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    targets |= {f"bench-{run.parent.name}" for run in checkout.glob("bench/*/run.py")}
    for page in pages:
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, page.name


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_between_the_pages_leads_somewhere(checkout: Path, pages: Sequence[Path]) -> None:
    broken = []
    for page in pages:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, anchor = target.partition("#")
            goal = (page.parent / path).resolve() if path else page
            if not goal.exists() or (anchor and anchor not in _anchors(goal)):
                broken.append(f"{page.relative_to(checkout)}: {target}")
    assert broken == []
