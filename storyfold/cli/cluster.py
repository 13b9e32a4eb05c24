"""`storyfold cluster`: batch folding."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storyfold.cli.files import trouble, two_files
from storyfold.cli.stopping import Signals, Stop

if TYPE_CHECKING:
    from storyfold.batch.cluster import Summary

SOME_ROWS_FAILED = 3
STOPPED_BY = 128
"""And the number of the signal, as shells have it."""


@click.command()
@click.argument("source", metavar="IN.jsonl[.xz]", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", "target", required=True, metavar="OUT.jsonl", type=click.Path(path_type=Path))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that fold.")
@click.option("--repair/--no-repair", default=True, help="Leave out the second look at stories, for measuring.")
def cluster(source: Path, target: Path, workers: int, repair: bool) -> None:
    """Fold the rows of IN, in order of arrival, into OUT.

    Rows have an id and a text; title, published, source, url and language are optional. A row that cannot be used gets
    an error and the run goes on; the exit code is then 3.
    """
    two_files(source, target)
    signals = Signals()
    with signals.handled():
        try:
            summary = _cluster(source, target, workers, repair, signals)
        except Stop as stop:
            sys.exit(STOPPED_BY + stop.number)
        except OSError as error:
            raise click.ClickException(trouble(error)) from error
    if summary.errors:
        click.echo(f"{summary.errors} of {summary.rows} rows carry an error", err=True)
        sys.exit(SOME_ROWS_FAILED)


def _cluster(source: Path, target: Path, workers: int, repair: bool, signals: Signals) -> Summary:
    # Before numpy is loaded, here and in the processes that fold: they run side by side, their matrices are small.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tqdm import tqdm

    from storyfold.batch.cluster import cluster_file

    with tqdm(unit=" rows", desc="cluster", disable=not sys.stderr.isatty()) as bar:

        def loaded(rows: int) -> None:
            signals.check()
            bar.update(rows)

        return cluster_file(source, target, workers=workers, repair=repair, progress=loaded)
