"""`storyfold keys`: make, list and revoke API keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from storyfold.cli.arguments import COUNT, ID
from storyfold.cli.join import actor, join
from storyfold.settings import load_settings
from storyfold.store import keys as store
from storyfold.store.keys import KeyTerms
from storyfold.store.tables import ApiKey, KeyScope

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FOREVER = timedelta(days=36_500)


class Duration(click.ParamType[timedelta]):
    """A time from now on, as ``90d``: a number with m (minutes), h, d or w."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"([1-9][0-9]{0,5})([mhdw])", str(value))
        if found is None:
            self.fail(f"{value!r} is no time from now on: write 30m, 12h, 90d or 52w", param, ctx)
        return min(timedelta(**{_UNITS[found[2]]: int(found[1])}), _FOREVER)


@click.group()
def keys() -> None:
    """Make and revoke API keys. Once one was made, the API asks for a key."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in KeyScope]),
    help="What it is good for; may be given more than once. `admin` is good for everything.",
)
@click.option("--expires", type=Duration(), metavar="TIME", help="Good for this long from now on: 30m, 12h, 90d, 52w.")
@click.option("--per-minute", type=COUNT, help="Its own limit of requests a minute.")
def make(name: str, scopes: tuple[str, ...], expires: timedelta | None, per_minute: int | None) -> None:
    """Make a key that people know as NAME. The key is printed alone, this once."""
    now = datetime.now(UTC)
    until = now + expires if expires else None
    terms = KeyTerms(name, [KeyScope(scope) for scope in scopes], until, per_minute)
    with join(load_settings()).begin() as session:
        key, text = store.make_key(session, terms, actor(), now)
        about = _line(key, now)
    click.echo(about, err=True)
    click.echo(text)


@keys.command("list")
def list_() -> None:
    """List all keys: id, handle, name, scopes, state, when it was made and last used, its limit."""
    now = datetime.now(UTC)
    with join(load_settings())() as session:
        for key in store.list_keys(session):
            click.echo(_line(key, now))


@keys.command()
@click.argument("key_ids", nargs=-1, required=True, type=ID, metavar="ID...")
def revoke(key_ids: tuple[int, ...]) -> None:
    """Revoke keys: within two seconds they open nothing any more."""
    now = datetime.now(UTC)
    with join(load_settings()).begin() as session:
        for key_id in key_ids:
            click.echo(_line(store.revoke_key(session, key_id, actor(), now), now))


def _line(key: ApiKey, now: datetime) -> str:
    limit = f"{key.per_minute} a minute" if key.per_minute else "-"
    used = f"last used {_time(key.last_used_at)}" if key.last_used_at else "never used"
    made = f"made {_time(key.created_at)}"
    return "\t".join(
        (str(key.id), f"sf_{key.handle}_…", key.name, ",".join(key.scopes), _state(key, now), made, used, limit)
    )


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {_time(key.revoked_at)}"
    if key.expires_at is None:
        return "good"
    return f"{'good until' if key.expires_at > now else 'expired'} {_time(key.expires_at)}"


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
