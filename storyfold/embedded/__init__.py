"""PostgreSQL with pgvector and Redis on this machine: from wheels, in a data directory, under our own supervision."""

from storyfold.embedded.databases import create_database, drop_database
from storyfold.embedded.engines import Engines
from storyfold.embedded.lock import DataDirectoryLock, RunningUrls, running_urls
from storyfold.embedded.temporary import TemporaryEngines
from storyfold.embedded.urls import broker_url, libpq_url

__all__ = [
    "DataDirectoryLock",
    "Engines",
    "RunningUrls",
    "TemporaryEngines",
    "broker_url",
    "create_database",
    "drop_database",
    "libpq_url",
    "running_urls",
]
