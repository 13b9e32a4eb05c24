"""`storyfold extract`: batch extraction of articles."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from storyfold.cli.files import trouble, two_files

SOME_ROWS_FAILED = 3
_DEFAULT_SECONDS = 20.0
_DEFAULT_MEGABYTES = 1000


@click.command()
@click.argument("source", metavar="IN.jsonl", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", "target", required=True, metavar="OUT.jsonl", type=click.Path(path_type=Path))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that extract.")
@click.option(
    "--seconds", default=_DEFAULT_SECONDS, show_default=True, type=click.FloatRange(0.01), help="Limit a row."
)
@click.option("--megabytes", default=_DEFAULT_MEGABYTES, show_default=True, type=click.IntRange(1), help="Limit a row.")
def extract(source: Path, target: Path, workers: int, seconds: float, megabytes: int) -> None:
    """Extract the articles of IN.jsonl into OUT.jsonl.

    Rows of IN have an id and one of html, html_file (relative to IN, .gz allowed) or text; url and source are optional.
    A row that cannot be used gets an error and the run goes on; the exit code is then 3.
    """
    two_files(source, target)
    from tqdm import tqdm

    from storyfold.articles.batch import extract_file
    from storyfold.articles.sandbox import Limits

    limits = Limits(seconds=seconds, address_space=megabytes * 1_000_000, processes=workers)
    size = source.stat().st_size
    try:
        with tqdm(total=size, unit="B", unit_scale=True, desc="extract", disable=not sys.stderr.isatty()) as bar:
            summary = extract_file(source, target, now=datetime.now(UTC), limits=limits, progress=bar.update)
    except OSError as error:
        raise click.ClickException(trouble(error)) from error
    if summary.errors:
        click.echo(f"{summary.errors} of {summary.rows} rows carry an error", err=True)
        sys.exit(SOME_ROWS_FAILED)
