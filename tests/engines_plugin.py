"""One PostgreSQL and one Redis for a whole test run, however many processes it has.

The process that steers the run owns the engines; it starts them when the first test asks. Workers of pytest-xdist ask
by a file in a folder that is given to them, and find the answer there. Every test gets a database of its own, copied
from a migrated template, and an empty Redis database. Engines and data go with the run, also when it is killed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from storyfold.embedded import TemporaryEngines, broker_url, create_database, drop_database

TEMPLATE = "storyfold_template"
START_SECONDS = 100.0

_PAUSE = 0.02
_FOLDER = "engines_folder"


class SharedEngines(NamedTuple):
    """`database_url` names the engine's own database, to make others from; `redis_url` the database number 0."""

    database_url: str
    redis_url: str


def prepare_template(url: str) -> None:
    """Bring the template database to the newest schema; once in a run."""
    from storyfold.store.engine import make_engine
    from storyfold.store.migrate import migrate

    engine = make_engine(url)
    try:
        migrate(engine)
    finally:
        engine.dispose()


class Keeper:
    """Owns the engines of the run."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._engines: TemporaryEngines | None = None
        self._shared: SharedEngines | None = None
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def start(self) -> SharedEngines:
        """Start the engines if they do not run yet."""
        if self._shared is None:
            self._engines = TemporaryEngines()
            self._engines.start()
            prepare_template(self._engines.create_database(TEMPLATE))
            self._shared = SharedEngines(self._engines.database_url, self._engines.redis_url)
        return self._shared

    def serve(self) -> Path:
        """From now on, start the engines when a worker asks in the folder this returns."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="storyfold-tests-"))
            self._thread = threading.Thread(target=self._serve, args=(self._folder,), name="engines")
            self._thread.start()
        return self._folder

    def close(self) -> None:
        """Stop the engines and remove everything."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
        if self._engines is not None:
            self._engines.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder)

    def _serve(self, folder: Path) -> None:
        while not (folder / "wanted").exists():
            if self._closed.wait(_PAUSE):
                return
        try:
            answer = {"urls": self.start()._asdict()}
        except Exception as error:  # noqa: BLE001 - told to the workers, where a test fails with it
            answer = {"error": f"{type(error).__name__}: {error}"}
        (folder / "answer.new").write_text(json.dumps(answer))
        (folder / "answer.new").rename(folder / "answer")


def _ask(folder: Path) -> SharedEngines:
    (folder / "wanted").touch()
    deadline = time.monotonic() + START_SECONDS
    while not (folder / "answer").exists():
        if time.monotonic() > deadline:
            pytest.fail(f"the engines did not start within {START_SECONDS:.0f} seconds")
        time.sleep(_PAUSE)
    answer = json.loads((folder / "answer").read_text())
    if "error" in answer:
        pytest.fail(f"the engines did not start: {answer['error']}")
    return SharedEngines(**answer["urls"])


_KEEPER = pytest.StashKey[Keeper]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_KEEPER] = Keeper()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[_FOLDER] = str(node.config.stash[_KEEPER].serve())


def pytest_unconfigure(config: pytest.Config) -> None:
    keeper = config.stash.get(_KEEPER, None)
    if keeper is not None:
        keeper.close()


@pytest.fixture(scope="session")
def engines(pytestconfig: pytest.Config) -> SharedEngines:
    """The engines of this run, shared by all its tests."""
    if hasattr(pytestconfig, "workerinput"):
        return _ask(Path(pytestconfig.workerinput[_FOLDER]))
    return pytestconfig.stash[_KEEPER].start()


@pytest.fixture(scope="session")
def new_database(engines: SharedEngines) -> Callable[[], AbstractContextManager[str]]:
    """Make a fresh migrated database for as long as one likes: `with new_database() as url`."""

    @contextmanager
    def make() -> Iterator[str]:
        name = f"test_{uuid4().hex}"
        url = create_database(engines.database_url, name, template=TEMPLATE)
        try:
            yield url
        finally:
            drop_database(engines.database_url, name)

    return make


@pytest.fixture
def database_url(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """A fresh migrated database of the test's own, for SQLAlchemy."""
    with new_database() as url:
        yield url


@pytest.fixture
def redis_url(engines: SharedEngines, pytestconfig: pytest.Config) -> str:
    """An empty Redis database that no other process of the run uses, for redis-py."""
    import redis

    worker = getattr(pytestconfig, "workerinput", {"workerid": "gw0"})["workerid"]
    url = engines.redis_url.replace("db=0", f"db={int(worker.removeprefix('gw')) + 1}")
    client = redis.Redis.from_url(url)
    client.flushdb()
    client.close()
    return url


@pytest.fixture(name="broker_url")
def _broker_url(redis_url: str) -> str:
    """The same Redis database for Celery."""
    return broker_url(redis_url)
