"""What the code imports is what `pyproject.toml` asks for: an installation made from it lacks nothing."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name

OURS = {"storyfold", "workers", "api"}


def _imported(source: str) -> Iterator[str]:
    """The top-level packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_every_package_that_is_imported_comes_with_the_declared_dependencies(
    checkout: Path, files: Sequence[Path], runtime: Mapping[str, Distribution]
) -> None:
    owners = packages_distributions()
    undeclared = set()
    for path in files:
        if path.suffix != ".py" or path.relative_to(checkout).parts[0] not in OURS:
            continue
        for package in set(_imported(path.read_text(encoding="utf-8"))) - OURS - set(sys.stdlib_module_names):
            if not {canonicalize_name(owner) for owner in owners.get(package, [package])} & runtime.keys():
                undeclared.add(f"{path.relative_to(checkout)}: {package}")
    assert sorted(undeclared) == []


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import lxml.html\ndef f():\n    from celery.app import x\nfrom . import y\n"
    assert set(_imported(source)) == {"lxml", "celery"}
