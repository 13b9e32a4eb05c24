"""`storyfold add`: submit URLs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from storyfold.cli.join import join
from storyfold.settings import load_settings
from storyfold.stages.submit import UrlSubmission, submit_urls


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
def add(urls: tuple[str, ...]) -> None:
    """Submit URLs. Prints a line each: the link's id, its fate, its canonical URL."""
    with join(load_settings()).begin() as session:
        items = submit_urls(session, [UrlSubmission(url) for url in urls], datetime.now(UTC))
    for item in items:
        known = "" if item.created or item.id is None else " (known)"
        click.echo(
            f"{item.id or '-'}\t{item.fate}{known}\t{item.canonical_url or item.url}\t{item.reason or ''}".rstrip()
        )
    if any(item.id is None for item in items):
        click.echo("storyfold: some of these are not URLs: they have to start with http:// or https://", err=True)
        sys.exit(1)
