"""What `storyfold export` takes, and whether what it wrote is what the store holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from storyfold.store.engine import make_engine, make_sessions
from storyfold.store.tables import Article, Revision

LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Exported:
    """`memory` is the most that was seen resident, in bytes."""

    records: int
    stories: int
    articles: int
    size: int
    seconds: float
    memory: int
    equal: bool


def measure(database_url: str) -> Exported:
    with tempfile.TemporaryDirectory(prefix="storyfold-export-") as folder:
        file = Path(folder) / "export.jsonl"
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "storyfold.cli.main", "export", "-o", str(file)],
            env={**os.environ, "STORYFOLD_DATABASE_URL": database_url},
        )
        memory = 0
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                memory = max(memory, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(LOOK_EVERY)
        if process.wait() != 0:
            raise SystemExit(f"storyfold export ended with {process.returncode}")
        seconds = time.monotonic() - start
        counts, equal = _read_back(file, database_url)
        size = file.stat().st_size
    return Exported(counts.total(), counts["story"], counts["article"], size, seconds, memory, equal)


def _read_back(file: Path, database_url: str) -> tuple[Counter[str], bool]:
    """Records by type, and whether each article stands there with the text and the title that the store has."""
    engine = make_engine(database_url)
    counts: Counter[str] = Counter()
    query = (
        select(Article.id, Revision.title, Revision.text, Article.source)
        .join(Revision, (Revision.article_id == Article.id) & (Revision.revision == Article.revision))
        .where(Article.cluster_id.is_not(None))
        .order_by(Article.id)
    )
    with make_sessions(engine)() as session, file.open("rb") as lines:
        stored = iter(session.execute(query, execution_options={"yield_per": 500}))
        equal = True
        for line in lines:
            record: dict[str, Any] = json.loads(line)
            counts[record["type"]] += 1
            if record["type"] == "article":
                row = next(stored, None)
                said = (int(record["id"]), record["title"], record["text"], record["source"])
                equal = equal and row is not None and said == tuple(row)
        equal = equal and next(stored, None) is None
    engine.dispose()
    return counts, equal
