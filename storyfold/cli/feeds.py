"""`storyfold feeds`: manage what is watched."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import click

from storyfold.cli.arguments import ID
from storyfold.cli.join import actor, join
from storyfold.cli.readable import plain
from storyfold.errors import BadInput
from storyfold.feeds.health import FeedHealth
from storyfold.settings import load_settings
from storyfold.stages import equip
from storyfold.stages.discover import Discovery
from storyfold.stages.feed_lists import export_opml, health_of, import_opml
from storyfold.stages.submit import watch_feed
from storyfold.store import feeds as store
from storyfold.store.tables import Feed

PAGE = 200


@click.group()
def feeds() -> None:
    """Add, list, find and remove feeds, and carry lists of them."""


@feeds.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
def add(urls: tuple[str, ...]) -> None:
    """Watch feeds; each is polled at once."""
    with join(load_settings()).begin() as session:
        for url in urls:
            feed, created = watch_feed(session, url, datetime.now(UTC))
            click.echo(f"{feed.id}\t{'added' if created else 'known'}\t{feed.url}")


@feeds.command("list")
def list_() -> None:
    """List feeds: id, address, title, last success, next poll, error, health."""
    now = datetime.now(UTC)
    with join(load_settings())() as session:
        last = 0
        while page := store.list_feeds(session, after_id=last, limit=PAGE):
            for feed in page:
                click.echo("\t".join(map(plain, _columns(feed, health_of(feed, now)))))
            last = page[-1].id


@feeds.command()
@click.argument("feed_ids", nargs=-1, required=True, type=ID, metavar="ID...")
def remove(feed_ids: tuple[int, ...]) -> None:
    """Stop watching feeds. What they brought stays."""
    with join(load_settings()).begin() as session:
        for feed_id in feed_ids:
            store.remove_feed(session, feed_id, actor(), datetime.now(UTC))
    click.echo(f"removed {len(feed_ids)}")


@feeds.command("import")
@click.argument("file", metavar="FILE")
def import_(file: str) -> None:
    """Watch the feeds of an OPML file (- for standard input). Their first polls are spread over a while."""
    data = _read(file)
    with join(load_settings()).begin() as session:
        imported = import_opml(session, data, datetime.now(UTC), Random())  # noqa: S311 - spreads polls
    for feed in imported:
        if feed.error is not None:
            click.echo(f"-\trejected\t{plain(feed.url)}\t{plain(feed.error)}")
        else:
            click.echo(f"{feed.id}\t{'added' if feed.created else 'known'}\t{feed.url}")


@feeds.command()
@click.option("-o", "--output", metavar="FILE", default="-", help="Where to write it; standard output by default.")
def export(output: str) -> None:
    """Write all feeds as OPML."""
    with join(load_settings())() as session:
        data = export_opml(session, datetime.now(UTC))
    if output == "-":
        sys.stdout.buffer.write(data)
    else:
        _write(Path(output), data)


@feeds.command()
@click.argument("url")
def discover(url: str) -> None:
    """Find the feeds of the site whose page is at URL: address, format, entries, title. Nothing is stored."""
    settings = load_settings()
    search = Discovery(equip.client(settings), settings.host_pause, time.sleep)
    found = search.feeds_of(url, datetime.now(UTC))
    for feed in found:
        click.echo(f"{feed.url}\t{feed.kind}\t{feed.entries} entries\t{plain(feed.title or '-')}")
    if not found:
        raise BadInput(f"no feed was found from {url}")


def _columns(feed: Feed, health: FeedHealth) -> tuple[str, ...]:
    return (
        str(feed.id),
        feed.url,
        feed.name or feed.title or "-",
        f"last success {_time(feed.last_success)}",
        f"next poll {_time(feed.next_poll_at)}",
        feed.error or "ok",
        "paused" if feed.paused else _health(health),
    )


def _health(health: FeedHealth) -> str:
    since = f" since {_time(health.silent_since)}" if health.silent_since else ""
    late = f", {health.lag_seconds:.0f} s late" if health.lag_seconds >= 1 else ""
    return f"{health.state}{since}{late}"


def _time(when: datetime | None) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ") if when else "never"


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}") from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from error
