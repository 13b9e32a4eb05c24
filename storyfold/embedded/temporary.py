"""Engines that live in a temporary folder and leave nothing: for tests and for batch runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from storyfold.embedded.databases import create_database, drop_database
from storyfold.embedded.engines import Engines


class TemporaryEngines(Engines):
    """Engines in a fresh private folder, removed at the end, even when this process is killed.

    They are fast and not durable: Redis begins empty after a crash, PostgreSQL may lose data when the machine crashes.
    """

    def __init__(self, *, postgres: bool = True, redis: bool = True, parent: Path | None = None) -> None:
        folder = Path(tempfile.mkdtemp(prefix="storyfold-", dir=parent))
        super().__init__(folder, postgres=postgres, redis=redis, durable=False)
        self._temporary = True
        self._maker = os.getpid()

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Make a database, as a copy of `template` where given, and return its URL."""
        return create_database(self.database_url, name, template=template)

    def drop_database(self, name: str) -> None:
        """Drop a database and send its clients away."""
        drop_database(self.database_url, name)

    def start(self) -> None:
        """Return when the engines answer. Raises `EngineError`; then nothing is left."""
        try:
            super().start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the engines and remove what they wrote."""
        super().stop()
        if self._maker == os.getpid():
            shutil.rmtree(self.data_dir, ignore_errors=True)
