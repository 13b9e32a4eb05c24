"""`storyfold match`: what is this a copy of? Nothing is stored."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from storyfold.cli.join import join
from storyfold.errors import BadInput
from storyfold.matching.idf import Idf
from storyfold.settings import load_settings
from storyfold.stages import equip
from storyfold.stages.match import Match
from storyfold.stages.match_page import fetch_for_match


@click.command()
@click.argument("what", metavar="FILE|URL")
def match(what: str) -> None:
    """Fold a text (a file, - for standard input) or a page (a URL) against the corpus without storing it.

    Prints relation, matched article, score, story and evidence as JSON.
    """
    settings = load_settings()
    sessions = join(settings)
    now = datetime.now(UTC)
    judge = Match(sessions, Idf(0))
    if what.startswith(("http://", "https://")):
        politeness = equip.politeness(settings)
        answer = judge.page(fetch_for_match(sessions, equip.client(settings), what, politeness, now), now)
    else:
        answer = judge.text(_read(what), now)
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _read(name: str) -> str:
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return body.decode("utf-8")
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text: {error}") from error
