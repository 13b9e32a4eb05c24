"""`storyfold match`: what is this a copy of? Nothing is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from storyfold.cli.join import join
from storyfold.cli.readable import plain
from storyfold.cli.ties import sentences, shared
from storyfold.errors import BadInput
from storyfold.matching.idf import Idf
from storyfold.settings import load_settings
from storyfold.stages import equip
from storyfold.stages.match import Match, article_of_text
from storyfold.stages.match_page import fetch_for_match
from storyfold.store.articles import get_article


@click.command()
@click.argument("what", metavar="FILE|URL")
@click.option("--json/--text", "as_json", default=None, help="JSON or lines to read: by default lines on a terminal.")
def match(what: str, as_json: bool | None) -> None:
    """Fold a text (a file, - for standard input) or a page (a URL) against the corpus without storing it.

    Prints relation, matched article, score, story and evidence as JSON; on a terminal, what they say.
    """
    settings = load_settings()
    sessions = join(settings)
    now = datetime.now(UTC)
    judge = Match(sessions, Idf(0))
    if what.startswith(("http://", "https://")):
        politeness = equip.politeness(settings)
        page = fetch_for_match(sessions, equip.client(settings), what, politeness, now)
        article = judge.article_of_page(page, now)
    else:
        article = article_of_text(_read(what), now)
    answer = judge.judge(article)
    if as_json or (as_json is None and not sys.stdout.isatty()):
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    with sessions() as session:
        for line in _told(session, answer, article.text):
            click.echo(line)


def _told(session: Session, answer: dict[str, Any], text: str) -> Iterator[str]:
    """The answer, for a person."""
    if answer["matched"] is None:
        yield f"{answer['relation']}: nothing known is near enough (the nearest came to {answer['score']:.2f})"
        return
    known = get_article(session, int(answer["matched"]))
    story = f", story {answer['story_id']}" if answer["story_id"] else ""
    yield f"{answer['relation']} of {answer['matched']} ({answer['score']:.2f}){story}"
    told = (known.article.source or "-", known.article.title or known.article.url or "-")
    yield "    " + "\t".join([answer["matched"], *map(plain, told)])
    if answer["evidence"]:
        if both := shared(answer["evidence"]):
            yield f"    both: {both}"
        for line in sentences(answer["evidence"], text, known.revision.text, ("this", answer["matched"])):
            yield f"      {line}"


def _read(name: str) -> str:
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return body.decode("utf-8")
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text: {error}") from error
