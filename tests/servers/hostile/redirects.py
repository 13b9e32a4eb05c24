"""Redirects: in circles, for ever, to nowhere."""

from __future__ import annotations

from urllib.parse import unquote

from servers.hostile.connection import Connection, behaviour


def _redirect(to: Connection, target: str, status: str = "302 Found") -> None:
    to.head(f"Location: {target}", "Content-Length: 0", status=status)


@behaviour
def redirect_to_self(to: Connection) -> None:
    _redirect(to, to.path)


@behaviour
def ping(to: Connection) -> None:
    _redirect(to, "/pong")


@behaviour
def pong(to: Connection) -> None:
    _redirect(to, "/ping")


@behaviour
def redirect_chain(to: Connection) -> None:
    """Always one further."""
    number = int(to.path.rpartition("/")[2]) if to.path.count("/") > 1 else 0
    _redirect(to, f"/redirect-chain/{number + 1}")


@behaviour
def redirect_nowhere(to: Connection) -> None:
    to.head("Content-Length: 0", status="301 Moved Permanently")


@behaviour
def redirect_to(to: Connection) -> None:
    """To what the query says."""
    _redirect(to, unquote(to.path.partition("?")[2]))


@behaviour
def redirect_in_utf8(to: Connection) -> None:
    _redirect(to, "/fine/\u00fc".encode().decode("latin-1"), "301 Moved Permanently")
