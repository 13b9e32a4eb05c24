"""`storyfold seed` and `storyfold migrate`: what an installation needs before it can serve."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from storyfold.cli.join import join, join_engine
from storyfold.errors import SettingsError
from storyfold.settings import load_settings
from storyfold.stages.housekeeping import prepare_house
from storyfold.stages.seed import load_corpus, read_corpus
from storyfold.store.engine import make_sessions
from storyfold.store.migrate import migrate
from storyfold.store.schema import newest_revision


@click.command()
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
def seed(folder: Path | None) -> None:
    """Load a seed corpus: a folder of .txt files, with a manifest.json or without. Twice is once."""
    settings = load_settings()
    corpus = read_corpus(folder or settings.seeds_dir)
    with join(settings).begin() as session:
        added = load_corpus(session, corpus, datetime.now(UTC))
    click.echo(f"{len(corpus)} texts, {added} of them new")


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database that STORYFOLD_DATABASE_URL names to the newest schema."""
    settings = load_settings()
    if settings.database_url is None:
        raise SettingsError("STORYFOLD_DATABASE_URL is not set: `storyfold up` migrates the embedded database itself")
    engine = join_engine(settings)
    migrate(engine)
    with make_sessions(engine).begin() as session:
        prepare_house(session, datetime.now(UTC))
    click.echo(f"the schema is at revision {newest_revision()}")
