"""What a run does to its servers before anything else may: look whether they answer, migrate, load the seed corpus."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from redis import Redis
from redis.exceptions import RedisError

from storyfold.errors import EngineError
from storyfold.settings import Settings
from storyfold.stages.housekeeping import prepare_house
from storyfold.stages.seed import load_corpus, read_corpus
from storyfold.store import leases
from storyfold.store.engine import check_connection, make_engine, make_sessions
from storyfold.store.migrate import migrate


def prepare(settings: Settings, database_url: str, redis_url: str, *, alone: bool) -> None:
    """Make the servers ready, and take back what a run before left in hand (where nobody else can hold it).

    Raises:
        EngineError: one of them does not answer; the message says what to do.
        BadInput: the seed corpus cannot be read.
    """
    _require_redis(redis_url)
    engine = make_engine(database_url, pool_size=1)
    check_connection(engine)
    migrate(engine)
    now = datetime.now(UTC)
    corpus = read_corpus(settings.seeds_dir)
    with make_sessions(engine).begin() as session:
        prepare_house(session, now)
        if alone:
            leases.release_all(session)
        added = load_corpus(session, corpus, now)
    engine.dispose()
    click.echo(f"storyfold: seed corpus of {len(corpus)} texts, {added} of them new")


def _require_redis(url: str) -> None:
    """Find out before anything waits for it in vain."""
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as redis:
            redis.ping()
    except RedisError as error:
        raise EngineError(f"Redis does not answer ({error}): start it, or correct STORYFOLD_REDIS_URL") from error
