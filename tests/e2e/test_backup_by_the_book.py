"""Backup and restore of an embedded installation, by the commands that the documentation prints."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from parish import report
from running import Service
from servers.site import Site

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture
def commands() -> tuple[str, str]:
    """What the documentation has a person type: for a backup, and for bringing it back."""
    [section] = re.findall(r"\n## Backup and restore\n(.*?)\n## ", OPERATIONS.read_text(), re.DOTALL)
    backup, *restore = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    names = "".join(line for line in backup.splitlines(keepends=True) if re.match(r"\w+=", line))
    return backup, names + "".join(restore)


def type_in(folder: Path, service: Service, commands: str) -> None:
    """Run them in a checkout whose data directory is that of the service."""
    elsewhere = service.data_dir / "sockets-elsewhere"
    sockets = elsewhere.read_text().strip() if elsewhere.exists() else str(service.data_dir / "run")
    run = subprocess.run(
        ["bash", "-euc", commands.replace("$PWD/var/run", sockets)],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_what_was_backed_up_is_there_again_and_work_goes_on(
    own_service: Callable[..., Service], site: Site, tmp_path: Path, commands: tuple[str, str]
) -> None:
    service = own_service()
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / ".venv").symlink_to(sys.prefix)
    service.start()
    [before] = service.settled(service.submit(site.serve("/before", report(801))))
    backup, restore = commands
    type_in(checkout, service, backup)
    [after] = service.settled(service.submit(site.serve("/after", report(802))))
    type_in(checkout, service, restore)
    assert service.stop() == 0
    service.start()
    assert service.link(before["id"]) == before
    assert service.http.get(f"/v1/links/{after['id']}").status_code == 404
    assert service.command("audit").returncode == 0
    [again] = service.settled(service.submit(site.serve("/after", report(802))))
    assert again["fate"] == "folded"
