"""`storyfold up`: everything on this machine, until told to stop."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

import click

from storyfold.cli.children import Child, Children
from storyfold.cli.errand import run_errand
from storyfold.cli.stopping import Signals, Stop
from storyfold.embedded import Engines
from storyfold.errors import EngineError, SettingsError
from storyfold.settings import Settings, load_settings

WORKERS = [("network worker", "network"), ("CPU worker", "cpu"), ("beat", "beat")]
LOOK_EVERY = 0.5


@click.command()
@click.option("--only", type=click.Choice(["workers", "api"]), help="Run this part alone, against given servers.")
def up(only: str | None) -> None:
    """Run everything: engines, migrations, seed corpus, workers, API. Ctrl-C stops it all."""
    settings = load_settings()
    if only and not (settings.database_url and settings.redis_url):
        raise SettingsError(f"--only {only} needs STORYFOLD_DATABASE_URL and STORYFOLD_REDIS_URL")
    signals = Signals()
    with signals.handled():
        try:
            _run(settings, only, signals)
        except Stop:
            click.echo("storyfold: stopped")


def _run(settings: Settings, only: str | None, signals: Signals) -> None:
    if only != "workers":
        _require_free_port(settings)
    embedded_database, embedded_redis = settings.database_url is None, settings.redis_url is None
    engines = Engines(settings.data_dir, postgres=embedded_database, redis=embedded_redis)
    holds_directory = only is None
    if not holds_directory:
        _serve(settings, only, str(settings.database_url), str(settings.redis_url), None, signals)
        return
    click.echo(f"storyfold: starting in {settings.data_dir.resolve()}")
    with engines:
        database_url = settings.database_url or engines.database_url
        redis_url = settings.redis_url or engines.redis_url
        engines.announce(database_url=database_url, redis_url=redis_url, api_url=_api_url(settings))
        _serve(settings, only, database_url, redis_url, engines, signals)


def _serve(
    settings: Settings, only: str | None, database_url: str, redis_url: str, engines: Engines | None, signals: Signals
) -> None:
    alone = engines is not None and settings.database_url is None
    run_errand(lambda: _prepare(settings, database_url, redis_url, alone=alone))
    children = Children(_children(only), _environment(database_url, redis_url))
    try:
        signals.check()
        children.start()
        _watch(settings, only, children, engines, signals)
    finally:
        children.stop()


def _prepare(settings: Settings, database_url: str, redis_url: str, *, alone: bool) -> None:
    from storyfold.cli.prepare import prepare  # what it takes, this process has no use for afterwards

    prepare(settings, database_url, redis_url, alone=alone)


def _children(only: str | None) -> list[Child]:
    workers = [Child(name, ["workers", role]) for name, role in WORKERS]
    api = [Child("API", ["api"])]
    return {"workers": workers, "api": api}.get(only or "", workers + api)


def _environment(database_url: str, redis_url: str) -> Mapping[str, str]:
    return os.environ | {
        "STORYFOLD_DATABASE_URL": database_url,
        "STORYFOLD_REDIS_URL": redis_url,
        "PYTHONUNBUFFERED": "1",
        "OPENBLAS_NUM_THREADS": "1",  # matrices here are small, and processes are what runs side by side
        "MALLOC_ARENA_MAX": "2",  # with one for every other thread, what one lets go no other can use
    }


def _watch(settings: Settings, only: str | None, children: Children, engines: Engines | None, signals: Signals) -> None:
    announced = only == "workers"
    while True:
        time.sleep(LOOK_EVERY)
        signals.check()
        children.check()
        if engines is not None:
            engines.check()
        if not announced and _is_ready(settings):
            announced = True
            click.echo(f"storyfold: ready at {_api_url(settings)} (documentation at /docs). Ctrl-C stops it.")


def _is_ready(settings: Settings) -> bool:
    try:
        with urllib.request.urlopen(f"{_api_url(settings)}/readyz", timeout=2):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False


def _api_url(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _require_free_port(settings: Settings) -> None:
    """Find out before anything is started. Raises `EngineError`, saying what to do."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise EngineError(
                f"cannot listen on {settings.host} port {settings.port} ({error.strerror}): stop what uses it, or set "
                "STORYFOLD_PORT (STORYFOLD_HOST) to another"
            ) from error
