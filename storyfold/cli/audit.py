"""`storyfold audit`: checks the invariants in the store."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from sqlalchemy import Engine
from tqdm import tqdm

from storyfold.cli.join import join_migrated
from storyfold.settings import load_settings
from storyfold.store.invariants import RULES, SHOWN, Finding, check, size, snapshot


@click.command()
def audit() -> None:
    """Check what must always be true in the store, while it runs or not. Exits 1 on findings.

    Everything is read in one state of the database; nothing is changed and nobody is kept waiting.
    """
    engine = join_migrated(load_settings())
    try:
        findings, summary = _look(engine)
    finally:
        engine.dispose()
    for finding in findings:
        click.echo(_told(finding))
    click.echo(f"{summary}: {f'{len(findings)} of {len(RULES)} rules broken' if findings else 'all rules hold'}")
    if findings:
        sys.exit(1)


def _look(engine: Engine) -> tuple[list[Finding], str]:
    with snapshot(engine) as connection:
        looked = check(connection, RULES, datetime.now(UTC))
        shown = tqdm(looked, total=len(RULES), unit="rule", leave=False, disable=None)
        return [finding for finding in shown if finding is not None], size(connection)


def _told(finding: Finding) -> str:
    shown = ", ".join(str(id) for id in finding.ids) + (", …" if finding.count > SHOWN else "")
    rule = finding.rule
    return f"BROKEN {rule.name}: {finding.count} {rule.of} ({shown})\n  rule:  {rule.means}\n  to do: {rule.remedy}\n"
