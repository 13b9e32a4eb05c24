"""The checkout as a person finds it: pinned, licensed, without traces of the machine it was written on."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# The Apache License 2.0 as apache.org serves it, appendix included.
APACHE_2 = "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4"

# A home or work folder by its absolute path, and where packages came from. In brackets, so as not to find itself.
PLACES = re.compile(r"(?<![\w.~/-])[/](?:work|root|Users[/]\w+|home[/]\w+)[/]\w")
REGISTRIES = re.compile(r"index[-]url|find[-]links|pypi[.]org/simple|files[.]pythonhosted|registry[.]npmjs")


@pytest.fixture(scope="module")
def pins(checkout: Path) -> dict[str, Version]:
    lines = (checkout / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs), "names and versions, nothing else"
    return {canonicalize_name(name): Version(version) for name, version in pairs}


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict[str, object]:
    return tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))


def _asked_for(project: dict[str, object]) -> list[Requirement]:
    table = project["project"]
    assert isinstance(table, dict)
    extras = [line for lines in table["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in [*table["dependencies"], *extras]]


def test_every_dependency_is_pinned_to_a_version_that_fits(
    project: dict[str, object], pins: dict[str, Version]
) -> None:
    for asked in _asked_for(project):
        name = canonicalize_name(asked.name)
        assert name in pins, f"{name}: run 'make constraints'"
        assert asked.specifier.contains(pins[name]), f"{name} {pins[name]} is not {asked.specifier}"


def test_the_tools_that_install_are_pinned_too(pins: dict[str, Version]) -> None:
    assert {"pip", "setuptools"} <= set(pins)


def test_the_licence_is_the_whole_apache_licence(checkout: Path) -> None:
    assert sha256((checkout / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_no_file_names_a_place_on_a_machine_or_a_package_registry(checkout: Path, files: Sequence[Path]) -> None:
    found = []
    for path in files:
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if PLACES.search(line) or REGISTRIES.search(line):
                found.append(f"{path.relative_to(checkout)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["/" + "work/main/x", "see /" + "home/ada/notes", "'/" + "Users/ada/x'", "--find" + "-links=x"],
)
def test_such_a_line_would_be_noticed(line: str) -> None:
    assert PLACES.search(line) or REGISTRIES.search(line)


@pytest.mark.parametrize("line", ["https://news.example/" + "work/42", "~/" + "work/x", "a/" + "root/b", "/" + "roots"])
def test_an_address_of_the_web_is_no_such_line(line: str) -> None:
    assert not PLACES.search(line)


def test_what_ci_runs_can_be_run(checkout: Path) -> None:
    assert os.access(checkout / ".ci/run", os.X_OK)


def test_the_version_is_said_once_and_the_changelog_knows_it(checkout: Path, project: dict[str, object]) -> None:
    table = project["project"]
    assert isinstance(table, dict)
    assert f"## {table['version']}" in (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
