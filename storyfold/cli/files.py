"""IN and OUT of the batch commands."""

from __future__ import annotations

from pathlib import Path

import click


def two_files(source: Path, target: Path) -> None:
    """Raises `UsageError` where OUT is IN, by whatever name: what is written over cannot be read."""
    if target.exists() and target.samefile(source):
        raise click.UsageError(f"{target} is IN itself: OUT has to be another file")


def trouble(error: OSError) -> str:
    """What went wrong in a line, with the file where the system names one."""
    said = error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said
