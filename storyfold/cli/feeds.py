"""`storyfold feeds`: manage what is watched."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from storyfold.cli.join import join
from storyfold.settings import load_settings
from storyfold.store import feeds as store
from storyfold.store.tables import Feed
from storyfold.web.urls import canonicalize

PAGE = 200


@click.group()
def feeds() -> None:
    """Add, list and remove feeds."""


@feeds.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
def add(urls: tuple[str, ...]) -> None:
    """Watch feeds; each is polled at once."""
    with join(load_settings()).begin() as session:
        for url in [canonicalize(url) for url in urls]:
            feed, created = store.add_feed(session, url.url, url.host, datetime.now(UTC))
            click.echo(f"{feed.id}\t{'added' if created else 'known'}\t{feed.url}")


@feeds.command("list")
def list_() -> None:
    """List feeds: id, title, last success, next poll, error."""
    with join(load_settings())() as session:
        last = 0
        while page := store.list_feeds(session, after_id=last, limit=PAGE):
            for feed in page:
                click.echo("\t".join(_columns(feed)))
            last = page[-1].id


@feeds.command()
@click.argument("feed_ids", nargs=-1, required=True, type=int, metavar="ID...")
def remove(feed_ids: tuple[int, ...]) -> None:
    """Stop watching feeds. What they brought stays."""
    with join(load_settings()).begin() as session:
        for feed_id in feed_ids:
            store.remove_feed(session, feed_id)
    click.echo(f"removed {len(feed_ids)}")


def _columns(feed: Feed) -> tuple[str, ...]:
    return (
        str(feed.id),
        feed.url,
        feed.title or "-",
        f"last success {_time(feed.last_success)}",
        f"next poll {_time(feed.next_poll_at)}",
        feed.error or "ok",
    )


def _time(when: datetime | None) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ") if when else "never"
