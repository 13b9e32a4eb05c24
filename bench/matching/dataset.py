"""Labelled articles as Storyfold's matching sees them, and the pairs that retrieval puts before the relation model."""

from __future__ import annotations

import json
import lzma
import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf


@dataclass(frozen=True, slots=True)
class Row:
    """One article with its labels; a label that is None is unknown, not "alone"."""

    id: str
    text: str
    published: datetime | None
    syndication: str | None
    event: str | None
    style: str


def folder() -> Path:
    """Where the labelled data stands."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("STORYFOLD_BENCH_DATA", beside))


def lines(path: Path) -> list[dict[str, object]]:
    """The objects of a JSON Lines file, `.xz` allowed."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def rows(articles: Path, gold: Path) -> list[Row]:
    """The articles in order of arrival with their labels."""
    labels = {str(g["id"]): g for g in lines(gold)}
    found = []
    for a in lines(articles):
        g = labels.get(str(a["id"]), {})
        published = datetime.fromisoformat(str(a["published"])) if a.get("published") else None
        found.append(
            Row(
                str(a["id"]),
                str(a["text"]),
                published,
                g.get("syndication"),  # type: ignore[arg-type]
                g.get("event"),  # type: ignore[arg-type]
                str(g.get("style", "")),
            )
        )
    return found


def source_of(cluster: list[Row]) -> str:
    """The collection that a cluster of `matching-dev` comes from, read off its members' styles."""
    styles = {r.style.split("-")[0] + ("-01" if r.style in ("reframed-0", "reframed-1") else "") for r in cluster}
    if "reframed-01" in styles:
        return "lun"
    if styles & {"paraphrase", "rewrite"}:
        return "llmfake"
    return "politifact" if "reframed" in styles else "other"


def prints(articles: list[Row]) -> list[Fingerprint]:
    """The fingerprint of each article."""
    return [fingerprint(a.text, title=None, language="en", published=a.published) for a in articles]


def matrix(articles: list[Fingerprint], idf: Idf) -> csr_matrix:
    """Rows of TF-IDF weights, each of length 1; the product of two is the cosine of `features`."""
    terms = np.concatenate([a.terms for a in articles])
    _, columns = np.unique(terms, return_inverse=True)
    starts = np.cumsum([0, *(len(a.terms) for a in articles)])
    values = [idf.weights(a.terms, a.language) * (1 + np.log(a.counts)) for a in articles]
    values = [v / max(1e-9, float(np.sqrt(v @ v))) for v in values]
    return csr_matrix((np.concatenate(values), columns, starts), dtype=np.float32)


def nearest(m: csr_matrix, k: int, block: int = 256) -> NDArray[np.intp]:
    """For each row the `k` nearest others, best first."""
    found = np.empty((m.shape[0], k), dtype=np.intp)
    transposed = m.T.tocsr()
    for start in range(0, m.shape[0], block):
        near = (m[start : start + block] @ transposed).toarray()
        near[np.arange(near.shape[0]), np.arange(start, start + near.shape[0])] = -1
        top = np.argpartition(-near, k, axis=1)[:, :k]
        found[start : start + block] = np.take_along_axis(top, np.argsort(-np.take_along_axis(near, top, 1), axis=1), 1)
    return found


def members(articles: list[Row]) -> dict[str, list[int]]:
    """Indexes of the articles of each labelled cluster."""
    clusters: dict[str, list[int]] = defaultdict(list)
    for i, article in enumerate(articles):
        if article.syndication is not None:
            clusters[article.syndication].append(i)
    return dict(clusters)
