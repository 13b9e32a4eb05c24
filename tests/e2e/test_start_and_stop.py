"""How a run begins and ends: cleanly, refused with a reason, or killed. Nothing of it stays behind."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from parish import report
from running import Service, environment, free_port, gone, storyfold, wait_for
from servers.site import Site

from storyfold.embedded import running_urls

Launch = Callable[..., Service]


def leftovers(service: Service) -> list[str]:
    """What a run has left in its data directory or on its port that only a living one may have."""
    names = ("lock", "running.json", "run", "sockets-elsewhere", "postgres/postmaster.pid")
    left = [name for name in names if (service.data_dir / name).exists()]
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", service.port)) == 0:
            left.append("port")
    return left


def refused(data_dir: Path, **settings: object) -> tuple[int, str]:
    """Run `storyfold up` where it cannot. -> its exit status and what it said."""
    settings = {"port": free_port()} | settings
    run = subprocess.run(
        storyfold("up"), env=environment(data_dir, **settings), capture_output=True, text=True, timeout=60, check=False
    )
    return run.returncode, run.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_status_0_and_nothing_stays(own_service: Launch, number: signal.Signals) -> None:
    service = own_service()
    service.start()
    processes = service.processes()
    assert len(processes) > 5
    assert service.stop(number) == 0
    assert not gone(processes, 2)
    assert leftovers(service) == []


def test_a_signal_during_the_start_ends_it_with_status_0_and_nothing_stays(tmp_path: Path) -> None:
    service = Service(tmp_path / "var")
    run = subprocess.Popen(
        storyfold("up"),
        env=service.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    wait_for((tmp_path / "var" / "postgres" / "PG_VERSION").exists, 30)
    processes = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=30)
    assert run.returncode == 0, said.decode()
    assert not gone(processes, 2)
    assert leftovers(service) == []
    service.close()


def test_a_second_start_keeps_everything_and_loads_no_seed_twice(own_service: Launch, site: Site) -> None:
    service = own_service()
    service.start()
    [link] = service.settled(service.submit(site.serve("/kept", report(701))))
    before = service.every("/v1/stories"), service.all_links(), service.story_of(link)
    assert service.stop() == 0
    service.start()
    assert (service.every("/v1/stories"), service.all_links(), service.story_of(link)) == before
    assert "0 of them new" in service.said()


def test_a_second_run_on_one_data_directory_is_refused(service: Service) -> None:
    status, said = refused(service.data_dir)
    assert status == 1
    assert "is in use by process" in said
    assert "STORYFOLD_DATA_DIR" in said
    assert "Traceback" not in said
    assert service.get("/readyz")["status"] == "ready"


def test_a_port_in_use_is_said_before_anything_is_started(service: Service, tmp_path: Path) -> None:
    status, said = refused(tmp_path / "var", port=service.port)
    assert status == 1
    assert f"port {service.port}" in said
    assert "STORYFOLD_PORT" in said
    assert "Traceback" not in said
    assert not (tmp_path / "var").exists()


def test_a_database_that_is_down_is_said(tmp_path: Path) -> None:
    url = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/news"
    status, said = refused(tmp_path / "var", database_url=url)
    assert status == 1
    assert "PostgreSQL does not answer" in said
    assert "STORYFOLD_DATABASE_URL" in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_a_redis_that_is_down_is_said(tmp_path: Path) -> None:
    status, said = refused(tmp_path / "var", redis_url=f"redis://127.0.0.1:{free_port()}/0")
    assert status == 1
    assert "Redis does not answer" in said
    assert "STORYFOLD_REDIS_URL" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("setting", "value"), [("port", "70000"), ("allow_networks", "everywhere"), ("host", "0.0.0.0"), ("poll_min", "0")]
)
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, setting: str, value: str) -> None:
    status, said = refused(tmp_path / "var", **{setting: value})
    assert status == 1
    assert f"STORYFOLD_{setting.upper()}" in said
    assert "Traceback" not in said


def test_a_killed_run_leaves_nothing_running_and_the_next_start_has_every_link(own_service: Launch, site: Site) -> None:
    service = own_service()
    service.start()
    [kept] = service.settled(service.submit(site.serve("/kept", report(702))))
    processes = service.processes()
    waiting = service.submit(*(site.serve(f"/waiting/{n}", report(710 + n)) for n in range(10)))
    assert service.process is not None
    service.process.kill()
    service.process.wait()
    assert not gone(processes)
    assert running_urls(service.data_dir) is None
    service.start()
    assert [link["fate"] for link in service.settled([kept["id"], *waiting])] == ["folded"] * 11
