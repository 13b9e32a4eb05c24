"""Seed corpora in the store: what was loaded already, and whether all of it is folded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.store.tables import Fate, Link, Seed, SeedLoad

# Two installations that start on one database at once must not load every text twice.
_ONE_LOADER = 7_305_003


@dataclass(frozen=True, slots=True)
class SeedIdentity:
    name: str
    digest: str


def loaded_seeds(session: Session) -> set[SeedIdentity]:
    """What was loaded before. Keeps other loaders waiting until the commit."""
    session.execute(select(func.pg_advisory_xact_lock(_ONE_LOADER)))
    return {SeedIdentity(name, digest) for name, digest in session.execute(select(Seed.name, Seed.digest))}


def note_seed(session: Session, seed: SeedIdentity, link_id: int, now: datetime) -> None:
    """The text is this link from now on."""
    session.execute(insert(Seed).values(name=seed.name, digest=seed.digest, link_id=link_id, loaded_at=now))


def note_load(session: Session, *, texts: int, added: int, now: datetime) -> None:
    """A whole corpus of `texts` texts was gone through; `added` of them were new."""
    session.execute(insert(SeedLoad).values(texts=texts, added=added, at=now))


def is_ready(session: Session) -> bool:
    """Whether a seed corpus was loaded and every text of it has got its fate."""
    waiting = select(Seed.name).join(Link, Link.id == Seed.link_id).where(Link.fate == Fate.PENDING)
    loaded = select(SeedLoad.id).exists()
    return bool(session.scalar(select(loaded & ~waiting.exists())))
