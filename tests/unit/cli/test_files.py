"""IN and OUT of the batch commands."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from storyfold.cli.cluster import cluster
from storyfold.cli.extract import extract


@pytest.mark.parametrize("command", [cluster, extract])
def test_out_cannot_be_in_by_whatever_name(tmp_path: Path, command: click.Command) -> None:
    source, alias = tmp_path / "in.jsonl", tmp_path / "alias.jsonl"
    source.write_text('{"id": 1, "text": "The harbour reopened."}\n')
    alias.symlink_to(source)
    run = CliRunner().invoke(command, [str(source), "-o", str(alias)])
    assert (run.exit_code, "OUT has to be another file" in run.output) == (2, True)
    assert source.read_text() == '{"id": 1, "text": "The harbour reopened."}\n'


@pytest.mark.parametrize("command", [cluster, extract])
def test_the_file_that_makes_trouble_is_named(tmp_path: Path, command: click.Command) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("")
    run = CliRunner().invoke(command, [str(source), "-o", str(tmp_path / "nowhere" / "out.jsonl")])
    assert (run.exit_code, run.output) == (1, f"Error: {tmp_path}/nowhere/out.jsonl: No such file or directory\n")
