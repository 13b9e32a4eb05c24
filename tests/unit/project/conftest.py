"""What the checks of the project itself look at: the checkout, and the files a person would find in it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[3]

# What installing, testing and running leave behind.
_NOT_OURS = {".git", ".venv", "var", "build", "node_modules", "__pycache__", "results"}


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def files() -> Sequence[Path]:
    """Every file of the project itself."""
    found: list[Path] = []
    for folder, folders, names in os.walk(CHECKOUT):
        folders[:] = [name for name in folders if name not in _NOT_OURS and not name.endswith(("_cache", ".egg-info"))]
        folders[:] = [name for name in folders if name != ".hypothesis"]
        found += [Path(folder, name) for name in names if name not in _NOT_OURS]  # in a worktree .git is a file
    assert len(found) > 50, "these checks see next to nothing"
    return sorted(found)


@pytest.fixture(scope="session")
def pages(files: Sequence[Path]) -> Sequence[Path]:
    """Every page of documentation, wherever it stands."""
    return [path for path in files if path.suffix == ".md"]


@pytest.fixture(scope="session")
def runtime() -> Mapping[str, Distribution]:
    """Every package that an installation consists of: what `pyproject.toml` asks for, and what that needs in turn."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    _collect((Requirement(line) for line in project["dependencies"]), found, set())
    return found


def _collect(asked: Iterable[Requirement], found: dict[str, Distribution], seen: set[tuple[str, str]]) -> None:
    for requirement in asked:
        name = canonicalize_name(requirement.name)
        for extra in requirement.extras | {""}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:
                continue  # for another platform, or not installed: then pip has said so
            needed = [Requirement(line) for line in found[name].requires or ()]
            _collect((r for r in needed if r.marker is None or r.marker.evaluate({"extra": extra})), found, seen)
