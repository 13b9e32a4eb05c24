"""What a process does not need, it does not load: idle memory is mostly libraries."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LOADED = """
import json, sys
from importlib import import_module
from workers.__main__ import STAGES
import workers.app
if sys.argv[1] != "beat":
    import workers.tasks
for stage in STAGES.get(sys.argv[1], ()):
    import_module(f"storyfold.stages.{stage}")
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(process: str) -> set[str]:
    told = subprocess.run([sys.executable, "-c", LOADED, process], capture_output=True, text=True, check=True)
    return set(json.loads(told.stdout))


@pytest.mark.parametrize(
    ("process", "needless"),
    [
        ("beat", {"sqlalchemy", "psycopg", "lxml", "numpy", "trafilatura"}),
        ("network", {"numpy", "trafilatura", "wordfreq", "alembic"}),
    ],
)
def test_a_worker_loads_only_what_its_own_work_takes(process: str, needless: set[str]) -> None:
    assert loaded(process) & needless == set()


def test_who_only_watches_the_others_knows_neither_store_nor_queue() -> None:
    code = "import json, sys, storyfold.cli.up; print(json.dumps(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "redis", "celery", "alembic"} & set(json.loads(told.stdout)) == set()
