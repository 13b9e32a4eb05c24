"""Real runs of the service. One is shared by all tests of a process that do it no harm; the others get their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import Service
from servers.site import Site

Launch = Callable[..., Service]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service that many tests share: leave it as it is, and expect links of others in it."""
    service = Service(tmp_path_factory.mktemp("service") / "var")
    try:
        service.start()
        yield service
    finally:
        service.close()


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the service has run once and was ended well; to be copied."""
    service = Service(tmp_path_factory.mktemp("initialised") / "var")
    try:
        service.start()
    finally:
        service.close()
    return service.data_dir


@pytest.fixture
def own_service(initialised: Path, tmp_path: Path) -> Iterator[Launch]:
    """Make a service of the test's own: `own_service(**settings)`, to be started by the test."""
    made: list[Service] = []

    def make(**settings: object) -> Service:
        data_dir = Path(shutil.copytree(initialised, tmp_path / f"var{len(made)}", symlinks=True))
        made.append(Service(data_dir, **settings))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site
