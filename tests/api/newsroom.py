"""Rows for the API to read, as folding leaves them; all text is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session, sessionmaker

from storyfold.articles import article as extracted
from storyfold.stages.submit import PushedArticle, push_article
from storyfold.store.articles import put_article
from storyfold.store.links import get_link
from storyfold.store.tables import Article, Change, Cluster, Evidence, Fate, Link, Story

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@dataclass
class Newsroom:
    """Fills a store; each thing made is a minute younger than the one before."""

    sessions: sessionmaker[Session]
    _minutes: Any = field(default_factory=lambda: count(1))

    def tick(self) -> datetime:
        return NOON + timedelta(minutes=next(self._minutes))

    def article(self, text: str = "The ferry sails again.", **known: Any) -> int:
        """An article that is not folded yet. -> its id."""
        now = self.tick()
        source = known.pop("source", "harbour-post.example")
        language = known.pop("language", "en")
        found = extracted.Article(text=text, language=language, **known)
        with self.sessions.begin() as session:
            item = push_article(session, PushedArticle(text=text), now)
            link = get_link(session, int(item.id or 0)).link
            return put_article(session, link, found, source=source, now=now).id

    def story(self, *clusters: list[int], **columns: Any) -> int:
        """A story of these clusters of articles. -> its id."""
        now = self.tick()
        ids = [article_id for cluster in clusters for article_id in cluster]
        values: dict[str, Any] = {
            "title": "Ferry line reopens",
            "canonical_article_id": ids[0] if ids else None,
            "article_count": len(ids),
            "source_count": len(ids),
            "cluster_count": len(clusters),
            "language": "en",
            "dated_at": columns.get("last_published") or now,
            "created_at": now,
            "updated_at": now,
        }
        with self.sessions.begin() as session:
            story_id = session.scalars(insert(Story).values(values | columns).returning(Story.id)).one()
            for cluster in clusters:
                self._cluster(session, story_id, cluster, now)
        return int(story_id)

    def _cluster(self, session: Session, story_id: int, members: list[int], now: datetime) -> None:
        head, *others = members
        made = insert(Cluster).values(story_id=story_id, head_article_id=head, created_at=now).returning(Cluster.id)
        cluster_id = session.scalars(made).one()
        stands = update(Article).where(Article.id == head)
        session.execute(stands.values(cluster_id=cluster_id, relation="new", score=0.04, folded_at=now))
        for other in others:
            why = {"relation": "copy", "matched_id": head, "score": 0.75}
            moved = update(Article).where(Article.id == other)
            session.execute(moved.values(cluster_id=cluster_id, folded_at=now, **why))
            evidence = {"article_id": other, "version": 1, "idf_snapshot": 1, "data": {"passages": ["the ferry"]}}
            session.execute(insert(Evidence).values(**why, **evidence, created_at=now))

    def merge(self, story_id: int, into: int) -> None:
        with self.sessions.begin() as session:
            session.execute(update(Story).where(Story.id == story_id).values(merged_into=into))

    def change(self, cursor: int, kind: str, story_id: int, other: int | None = None) -> None:
        row = {"cursor": cursor, "kind": kind, "story_id": story_id, "other_story_id": other, "at": self.tick()}
        with self.sessions.begin() as session:
            session.execute(insert(Change).values(row))

    def settle(self, link_id: int, fate: Fate, reason: str | None = None) -> None:
        done = {"fate": fate, "stage": None, "next_attempt_at": None, "reason": reason}
        with self.sessions.begin() as session:
            session.execute(update(Link).where(Link.id == link_id).values(done))
