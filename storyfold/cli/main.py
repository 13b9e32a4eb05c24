"""The command line. Each command is a module of its own, imported when it is asked for."""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

import click

from storyfold import __version__
from storyfold.cli.files import trouble
from storyfold.errors import StoryfoldError

COMMANDS = {
    "up": "storyfold.cli.up:up",
    "add": "storyfold.cli.submit:add",
    "feeds": "storyfold.cli.feeds:feeds",
    "stories": "storyfold.cli.stories:stories",
    "story": "storyfold.cli.stories:story",
    "export": "storyfold.cli.export:export",
    "match": "storyfold.cli.match:match",
    "extract": "storyfold.cli.extract:extract",
    "cluster": "storyfold.cli.cluster:cluster",
    "keys": "storyfold.cli.keys:keys",
    "seed": "storyfold.cli.seed:seed",
    "migrate": "storyfold.cli.seed:migrate_command",
    "audit": "storyfold.cli.audit:audit",
    "doctor": "storyfold.cli.doctor:doctor",
}


class Commands(click.Group):
    """Finds commands by name without importing the others: `storyfold add` need not load what extraction needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=Commands)
@click.version_option(__version__, prog_name="storyfold")
def group() -> None:
    """Fold the news: who told it first, who only repeated it, and what did each change?"""


def main() -> None:
    """The `storyfold` program: what goes wrong is said in a line and ends in exit code 1."""
    try:
        group(prog_name="storyfold")
    except StoryfoldError as error:
        _end(str(error))
    except OSError as error:  # a full disk, say, under what is printed
        _end(trouble(error))


def _end(said: str) -> NoReturn:
    click.echo(f"storyfold: {said}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
