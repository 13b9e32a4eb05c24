"""Seed: from a folder of texts to links with work waiting. Any folder of ``.txt`` files is a seed corpus.

Beside the texts there may be a ``manifest.json`` that says what is known of them; see ``seeds/README.md``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from storyfold.errors import BadInput
from storyfold.stages.submit import PushedArticle, parse_language, parse_published, push_article
from storyfold.store import seeds
from storyfold.store.seeds import SeedIdentity

MANIFEST = "manifest.json"
T = TypeVar("T")


class Known(BaseModel):
    """What a manifest says of one file; `notes` are for people. A field that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid")

    file: str
    sha256: str | None = None
    title: str | None = None
    language: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None
    notes: str | None = None


class Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    texts: list[Known] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SeedText:
    """One text of the corpus, ready to be pushed."""

    identity: SeedIdentity
    article: PushedArticle


def read_corpus(folder: Path) -> list[SeedText]:
    """The texts of a folder, in the order of their names.

    Raises `BadInput`, saying which file and why, for a folder or a manifest that cannot be used.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder: name one that holds .txt files")
    known = {entry.file: entry for entry in _manifest(folder).texts}
    names = sorted(path.name for path in folder.glob("*.txt"))
    missing = sorted(known.keys() - set(names))
    if missing:
        raise BadInput(f"{folder / MANIFEST} names files that are not there: {', '.join(missing)}")
    return [_seed_text(folder / name, known.get(name) or Known(file=name)) for name in names]


def load_corpus(session: Session, corpus: list[SeedText], now: datetime) -> int:
    """Push the texts that were not loaded before. -> how many were new. Whoever calls commits."""
    before = seeds.loaded_seeds(session)
    new = [text for text in corpus if text.identity not in before]
    for text in new:
        item = push_article(session, text.article, now)
        if item.id is not None:
            seeds.note_seed(session, text.identity, item.id, now)
    seeds.note_load(session, texts=len(corpus), added=len(new), now=now)
    return len(new)


def _manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    if not path.exists():
        return Manifest()
    try:
        return Manifest.model_validate(json.loads(path.read_bytes()))
    except (json.JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise BadInput(f"{path} cannot be used: {error}") from error


def _seed_text(path: Path, known: Known) -> SeedText:
    body = path.read_bytes()
    digest = sha256(body).hexdigest()
    if known.sha256 is not None and known.sha256 != digest:
        raise BadInput(f"{path} is not the file its manifest describes: its SHA-256 is {digest}")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: {error}") from error
    article = PushedArticle(
        text=text,
        url=known.url,
        title=known.title,
        published=_said(path, known.published, parse_published),
        source=known.source,
        language=_said(path, known.language, parse_language),
    )
    return SeedText(SeedIdentity(path.name, digest), article)


def _said(path: Path, said: str | None, parse: Callable[[str], T]) -> T | None:
    try:
        return parse(said) if said else None
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
