"""The labelled texts as the story level sees them: reports with their days, and everybody's nearest neighbours.

Data: `../shared/data` from the project's root, or `STORYFOLD_BENCH_DATA`.
"""

from __future__ import annotations

import json
import lzma
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from storyfold.matching.dates import event_days
from storyfold.matching.event import NEIGHBOURS, WINDOW_DAYS
from storyfold.matching.event_features import Report
from storyfold.matching.fingerprint import fingerprint
from storyfold.matching.idf import Idf, Tally

ROOT = Path(__file__).resolve().parents[2]
STREAM, LOOKALIKES, REWRITES = "events/stream-dev", "events/ecbplus-dev", "matching/matching-dev"
_CHUNK = 400
_LEAST = 0.02


def data_folder() -> Path:
    folder = Path(os.environ.get("STORYFOLD_BENCH_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        raise SystemExit(f"skipped: no labelled data in {folder}; set STORYFOLD_BENCH_DATA")
    return folder


@dataclass(frozen=True)
class Corpus:
    """Parallel lists, in order of arrival. `events` and `topics` are "" where unknown."""

    name: str
    ids: list[str]
    reports: list[Report]
    undated: list[Report]
    events: np.ndarray
    topics: np.ndarray
    syndication: np.ndarray
    titles: list[str]

    @property
    def days(self) -> np.ndarray:
        return np.array([-1 if r.fingerprint.day is None else r.fingerprint.day for r in self.reports])

    def without_dates(self) -> Corpus:
        return replace(self, reports=self.undated)

    def in_order(self, order: np.ndarray) -> Corpus:
        pick = order.tolist()
        lists = {k: [getattr(self, k)[i] for i in pick] for k in ("ids", "reports", "undated", "titles")}
        arrays = {k: getattr(self, k)[order] for k in ("events", "topics", "syndication")}
        return Corpus(name=self.name, **lists, **arrays)


def rows(name: str) -> list[dict[str, str | None]]:
    path = data_folder() / name
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load(name: str) -> Corpus:
    incoming, gold = rows(f"{name}.in.jsonl.xz"), {r["id"]: r for r in rows(f"{name}.gold.jsonl")}
    reports, undated = [], []
    for row in incoming:
        published = row.get("published")
        when = datetime.fromisoformat(published).replace(tzinfo=UTC) if published else None
        text, title = row["text"] or "", row.get("title")
        with_title = f"{title}\n{text}" if title else text
        dated = fingerprint(text, title=title, language=row.get("language"), published=when)
        reports.append(Report(dated, event_days(with_title, language=dated.language, published=when)))
        bare = replace(dated, day=None)
        undated.append(Report(bare, event_days(with_title, language=dated.language, published=None)))
    labels = {
        field: np.array([gold[r["id"]].get(field) or "" for r in incoming])
        for field in ("event", "topic", "syndication")
    }
    return Corpus(
        name=name,
        ids=[str(r["id"]) for r in incoming],
        reports=reports,
        undated=undated,
        events=labels["event"],
        topics=labels["topic"],
        syndication=labels["syndication"],
        titles=[r.get("title") or (r["text"] or "")[:70] for r in incoming],
    )


def own_counts(corpus: Corpus) -> Idf:
    """The snapshot that a corpus of these texts would come to."""
    tally = Tally()
    for report in corpus.reports:
        tally.add(report.fingerprint)
    return tally.snapshot(1)


def vectors(corpus: Corpus, idf: Idf) -> sp.csr_matrix:
    """Unit TF-IDF vectors; their products are the feature `tfidf`."""
    prints = [r.fingerprint for r in corpus.reports]
    vocabulary = np.unique(np.concatenate([f.terms for f in prints]))
    starts = np.concatenate([[0], np.cumsum([len(f.terms) for f in prints])])
    columns = np.searchsorted(vocabulary, np.concatenate([f.terms for f in prints]))
    weights = [idf.weights(f.terms, f.language) * (1 + np.log(f.counts)) for f in prints]
    units = [w / max(1e-9, float(np.sqrt(w @ w))) for w in weights]
    shape = (len(prints), len(vocabulary))
    return sp.csr_matrix((np.concatenate(units).astype(np.float32), columns, starts), shape=shape)


def nearest(
    corpus: Corpus, idf: Idf, *, earlier: bool, most: int = NEIGHBOURS, window: int | None = WINDOW_DAYS
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each article the nearest others in its window (`earlier`: those that came before it), with their cosines."""
    matrix, days = vectors(corpus, idf), corpus.days
    turned, found = matrix.T.tocsc(), []
    for start in range(0, len(corpus.ids), _CHUNK):
        block = (matrix[start : start + _CHUNK] @ turned).toarray()
        for i, cosines in enumerate(block, start):
            cosines[i] = -1
            if earlier:
                cosines[i:] = -1
            if window is not None and days[i] >= 0:
                cosines[(days >= 0) & (np.abs(days - days[i]) > window)] = -1
            top = np.argpartition(-cosines, min(most, len(cosines) - 1))[:most]
            top = top[cosines[top] > _LEAST]
            top = top[np.argsort(-cosines[top], kind="stable")]
            found.append((top, cosines[top].copy()))
    return found
