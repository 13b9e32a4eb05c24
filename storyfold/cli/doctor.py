"""`storyfold doctor`: checks the installation and says what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text

from storyfold.cli.join import join_engine
from storyfold.embedded import running_urls
from storyfold.errors import StoryfoldError
from storyfold.settings import Settings, load_settings
from storyfold.stages.seed import read_corpus
from storyfold.store import seeds
from storyfold.store.engine import make_sessions
from storyfold.store.schema import is_migrated

LEAST_POSTGRESQL = 150000


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, and what was seen (or what to do)."""

    what: str
    well: bool
    said: str


@click.command()
def doctor() -> None:
    """Check the installation: settings, servers, schema, seed corpus. Exits 1 where something is to be done."""
    findings = list(_examine())
    for finding in findings:
        click.echo(f"{'ok     ' if finding.well else 'PROBLEM'} {finding.what}: {finding.said}")
    if not all(finding.well for finding in findings):
        sys.exit(1)


def _examine() -> Iterator[Finding]:
    try:
        settings = load_settings()
    except StoryfoldError as error:
        yield Finding("settings", well=False, said=str(error))
        return
    yield Finding("settings", well=True, said="usable")
    yield _tried("seed corpus files", lambda: f"{len(read_corpus(settings.seeds_dir))} texts in {settings.seeds_dir}")
    yield _tried("Redis", lambda: _redis(settings))
    try:
        engine = join_engine(settings)
    except StoryfoldError as error:
        yield Finding("PostgreSQL", well=False, said=str(error))
        return
    yield from _examine_database(engine)


def _examine_database(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        number = int(connection.scalar(text("SELECT current_setting('server_version_num')")) or 0)
        encoding = connection.scalar(text("SELECT current_setting('server_encoding')"))
    said = f"version {number // 10000}, encoding {encoding}"
    well = number >= LEAST_POSTGRESQL and encoding == "UTF8"
    yield Finding("PostgreSQL", well, said if well else f"{said}: version 15 or newer with encoding UTF8 is needed")
    if not is_migrated(engine):
        yield Finding("schema", well=False, said="not at the newest revision: run `storyfold migrate` (or `up`)")
        return
    yield Finding("schema", well=True, said="at the newest revision")
    with make_sessions(engine)() as session:
        ready = seeds.is_ready(session)
    said = "folded" if ready else "not folded yet: run `storyfold seed`, and see that workers run"
    yield Finding("seed corpus", ready, said)


def _redis(settings: Settings) -> str:
    running = None if settings.redis_url else running_urls(settings.data_dir)
    url = running.redis_url if running else settings.redis_url
    if url is None:
        raise StoryfoldError("nothing runs here: start it with `storyfold up`, or set STORYFOLD_REDIS_URL")
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as redis:
            return f"version {redis.info('server')['redis_version']}"
    except RedisError as error:
        raise StoryfoldError(f"does not answer ({error}): start it, or correct STORYFOLD_REDIS_URL") from error


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, well=True, said=look())
    except StoryfoldError as error:
        return Finding(what, well=False, said=str(error))
