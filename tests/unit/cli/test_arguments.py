"""What cannot be is refused by its place on the command line, before anything is asked of the store."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from storyfold.cli.main import group

LARGE = str(2**63)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["story", LARGE], "is not in the range"),
        (["story", "0"], "is not in the range"),
        (["stories", "--min-articles", LARGE], "is not in the range"),
        (["stories", "--limit", LARGE], "is not in the range"),
        (["feeds", "remove", LARGE], "is not in the range"),
        (["keys", "revoke", LARGE], "is not in the range"),
        (["keys", "make", "desk", "--scope", "read", "--per-minute", LARGE], "is not in the range"),
        (["stories", "-q", "\udcff"], "no text in UTF-8"),
        (["stories", "--source", "a\udcff"], "no text in UTF-8"),
    ],
)
def test_what_no_store_can_hold_is_refused_as_a_wrong_argument(arguments: list[str], said: str) -> None:
    run = CliRunner().invoke(group, arguments)
    assert run.exit_code == 2
    assert said in run.output


def test_a_full_disk_is_said_in_a_line() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        command = [sys.executable, "-m", "storyfold.cli.main", "--help"]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "storyfold: No space left on device\n")
