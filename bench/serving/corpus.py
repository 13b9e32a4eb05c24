"""A store of invented articles, in bulk: words drawn by the frequencies of English and German, members of one cluster
near copies of one text, stories of all sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import wordfreq
from psycopg.types.json import Jsonb

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = 400
VOCABULARY = 30_000
WORDS = (80, 420)  # of a text, from and to
SENTENCE = 17
GERMAN = 0.1
LARGEST = 60  # articles of a story

_LINKS = (
    "COPY links (id, url, canonical_url, host, fate, created_at, updated_at) FROM STDIN",
    "COPY link_urls (canonical_url, link_id) FROM STDIN",
)
_STORIES = (
    "COPY stories (id, title, article_count, source_count, cluster_count, first_published, last_published, dated_at, "
    "language, repaired_at, created_at, updated_at) FROM STDIN"
)
_CLUSTERS = "COPY clusters (id, story_id, created_at) FROM STDIN"
_ARTICLES = (
    "COPY articles (id, link_id, url, source, title, published, published_precision, language, arrived_at, cluster_id, "
    "relation, matched_id, score, folded_at, words) FROM STDIN"
)
_REVISIONS = (
    "COPY revisions (article_id, revision, title, text, authors, removed, extraction_version, created_at, "
    "search_config) FROM STDIN"
)
_EVIDENCE = (
    "COPY evidence (article_id, matched_id, relation, score, version, idf_snapshot, data, created_at) FROM STDIN"
)
_CHANGES = "COPY changes (cursor, kind, story_id, other_story_id, at) FROM STDIN"
_AFTERWARDS = (
    "ANALYZE",  # or what follows is planned for empty tables
    "CREATE INDEX ix_revisions_search ON revisions USING gin (search) WITH (fastupdate = off)",
    "UPDATE clusters SET head_article_id = first.id "
    "FROM (SELECT cluster_id, min(id) AS id FROM articles GROUP BY cluster_id) first WHERE cluster_id = clusters.id",
    "ANALYZE clusters",
    "UPDATE stories SET canonical_article_id = first.id "
    "FROM (SELECT story_id, min(head_article_id) AS id FROM clusters GROUP BY story_id) first "
    "WHERE story_id = stories.id",
    "SELECT setval(pg_get_serial_sequence(name, 'id'), 10000000) "
    "FROM unnest(ARRAY['links', 'articles', 'clusters', 'stories']) AS name",
)


@dataclass(frozen=True)
class Told:
    """One article to be: where it stands, who told it, when."""

    id: int
    story: int
    cluster: int
    head: int
    source: str
    at: datetime
    language: str
    title: str
    text: str


class Writer:
    """Draws words as a language uses them. The same `seed` writes the same."""

    def __init__(self, language: str, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        words = wordfreq.top_n_list(language, VOCABULARY)
        weights = np.array([wordfreq.word_frequency(word, language) for word in words])
        self._words = np.array(words, dtype=object)
        self._weights = np.cumsum(weights / weights.sum())

    def words(self, count: int) -> list[str]:
        places = np.searchsorted(self._weights, self._random.random(count)).clip(max=len(self._words) - 1)
        drawn: list[str] = self._words[places].tolist()
        return drawn

    def text(self) -> str:
        words = self.words(int(self._random.integers(*WORDS)))
        sentences = [" ".join(words[at : at + SENTENCE]).capitalize() for at in range(0, len(words), SENTENCE)]
        paragraphs = [". ".join(sentences[at : at + 4]) + "." for at in range(0, len(sentences), 4)]
        return "\n\n".join(paragraphs)


def tell(articles: int, stories: int, seed: int = 7) -> Iterator[Told]:
    """`articles` articles in `stories` stories, in order of id."""
    random = np.random.default_rng(seed)
    writers = {"en": Writer("en", seed), "de": Writer("de", seed + 1)}
    sizes = _sizes(random, articles, stories)
    source_weights = np.cumsum(1 / np.arange(1, SOURCES + 1))
    number, cluster = 0, 0
    for story, size in enumerate(sizes, start=1):
        language = "de" if random.random() < GERMAN else "en"
        writer = writers[language]
        for place in range(size):
            if place == 0 or random.random() < 0.3:
                cluster, head = cluster + 1, number + 1
                title, text = " ".join(writer.words(9)).capitalize(), writer.text()
            number += 1
            source = int(np.searchsorted(source_weights, random.random() * source_weights[-1])) + 1
            at = EPOCH + timedelta(seconds=story * 400 + place * 1800)
            cut = text if number == head else text[: -int(random.integers(1, 60))] + f" More from source {source}."
            yield Told(number, story, cluster, head, f"paper-{source}.example", at, language, title, cut)


def _sizes(random: np.random.Generator, articles: int, stories: int) -> list[int]:
    """Most stories are told once, a few by very many; in all exactly as many as there are articles."""
    sizes = np.minimum(1 + random.pareto(1.1, stories).astype(int), LARGEST)
    while sizes.sum() != articles:
        place = int(random.integers(stories))
        step = 1 if sizes.sum() < articles else -1
        if 1 <= sizes[place] + step <= LARGEST:
            sizes[place] += step
    drawn: list[int] = sizes.tolist()
    return drawn


def load(database_url: str, articles: int, stories: int) -> None:
    """Fill an empty migrated database."""
    with psycopg.connect(database_url.replace("postgresql+psycopg://", "postgresql://")) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("DROP INDEX ix_revisions_search")
        batch: list[Told] = []
        for told in tell(articles, stories):
            if len(batch) >= 2_000 and told.story != batch[-1].story:
                _write(connection, batch)
                batch = []
            batch.append(told)
        _write(connection, batch)
        for statement in _AFTERWARDS:
            connection.execute(statement)
    with psycopg.connect(database_url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _write(connection: psycopg.Connection[Any], batch: Sequence[Told]) -> None:
    """The rows of whole stories. A table comes after those that it refers to."""
    by_story: dict[int, list[Told]] = {}
    clusters: dict[int, int] = {}
    for told in batch:
        by_story.setdefault(told.story, []).append(told)
        clusters.setdefault(told.cluster, told.story)
    url = {told.id: f"https://{told.source}/{told.story}/{told.id}" for told in batch}
    _copy(connection, _LINKS[0], ((t.id, url[t.id], url[t.id], t.source, "folded", t.at, t.at) for t in batch))
    _copy(connection, _LINKS[1], ((url[t.id], t.id) for t in batch))
    _copy(connection, _STORIES, (_story(story, members) for story, members in by_story.items()))
    _copy(connection, _CLUSTERS, ((cluster, story, EPOCH) for cluster, story in clusters.items()))
    _copy(connection, _ARTICLES, (_article(told, url[told.id]) for told in batch))
    _copy(connection, _REVISIONS, (_revision(told) for told in batch))
    tied = [told for told in batch if told.id != told.head]
    _copy(connection, _EVIDENCE, ((t.id, t.head, "copy", 0.97, 1, 0, Jsonb(_evidence()), t.at) for t in tied))
    changes = ((t.id, "created" if t.id == by_story[t.story][0].id else "grown", t.story, None, t.at) for t in batch)
    _copy(connection, _CHANGES, changes)


def _copy(connection: psycopg.Connection[Any], statement: str, rows: Any) -> None:
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _story(story: int, members: Sequence[Told]) -> tuple[Any, ...]:
    times = [told.at for told in members]
    counts = (len(members), len({told.source for told in members}), len({told.cluster for told in members}))
    last = max(times)
    return (story, members[0].title, *counts, min(times), last, last, members[0].language, last, min(times), last)


def _article(told: Told, url: str) -> tuple[Any, ...]:
    tie = ("new", None, None) if told.id == told.head else ("copy", told.head, 0.97)
    said = (told.source, told.title, told.at, "second", told.language)
    return (told.id, told.id, url, *said, told.at, told.cluster, *tie, told.at, told.text.count(" ") + 1)


def _revision(told: Told) -> tuple[Any, ...]:
    removed = Jsonb([{"line": "Read more", "reason": "navigation", "position": 1}])
    config = "german" if told.language == "de" else "english"
    return (told.id, 1, told.title, told.text, ["Ada Holm"], removed, 1, told.at, config)


def _evidence() -> dict[str, Any]:
    passages = [{"at": [at, at + 80], "other": [at, at + 80], "alike": 0.98} for at in range(0, 800, 100)]
    features = {f"feature_{number}": 0.5 for number in range(20)}
    shared = {"quotes": [], "names": [{"name": "Ada Holm"}], "figures": ["11", "40"]}
    return {"version": 1, "idf": 0, "passages": passages, **shared, "features": features, "score": 0.97}
