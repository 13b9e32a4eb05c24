"""Whose plans are kept, and when: seen from inside a transaction."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storyfold.store import plans
from storyfold.store.engine import Sessions


def mode(session: Session) -> str:
    return str(session.scalar(text("SHOW plan_cache_mode")))


def count_tables(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text("ANALYZE"))


def test_plans_are_made_afresh_unless_asked_otherwise(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert mode(session) == "force_custom_plan"


def test_plans_from_small_tables_are_not_kept(sessions: Sessions) -> None:
    count_tables(sessions)
    with sessions.begin() as session:
        plans.keep(session)
        assert mode(session) == "force_custom_plan"


def test_plans_from_large_tables_are_kept_in_that_transaction_alone(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_tables(sessions)
    monkeypatch.setattr(plans, "COUNTED", 0)
    with sessions.begin() as session:
        plans.keep(session)
        assert mode(session) == "force_generic_plan"
    with sessions.begin() as session:
        assert mode(session) == "force_custom_plan"
