"""What the checks of the project itself look at: the checkout, and the files a person would find in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

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
        found += [Path(folder, name) for name in names]
    assert len(found) > 50, "these checks see next to nothing"
    return sorted(found)


@pytest.fixture(scope="session")
def pages(files: Sequence[Path]) -> Sequence[Path]:
    """Every page of documentation, wherever it stands."""
    return [path for path in files if path.suffix == ".md"]
