"""Which texts of a seed corpus were loaded, so that loading twice is loading once."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, Key, Ref, String


class Seed(Base):
    """One text of a seed corpus: its file name and the SHA-256 of its bytes are its identity."""

    __tablename__ = "seeds"

    name: Mapped[String] = mapped_column(primary_key=True)
    digest: Mapped[String] = mapped_column(primary_key=True)
    link_id: Mapped[Ref] = mapped_column(ForeignKey("links.id", ondelete="CASCADE"))
    loaded_at: Mapped[Instant]


class SeedLoad(Base):
    """One loading of a seed corpus, complete: until there is one, the installation is not ready."""

    __tablename__ = "seed_loads"

    id: Mapped[Key]
    texts: Mapped[int]
    added: Mapped[int]
    at: Mapped[Instant]
