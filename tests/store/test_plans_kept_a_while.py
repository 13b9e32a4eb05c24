"""For how long plans are kept of what is asked of every page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storyfold.store import plans
from storyfold.store.engine import make_engine

MODE = text("SHOW plan_cache_mode")
GENERIC = text("SELECT coalesce(sum(generic_plans), 0) FROM pg_prepared_statements WHERE statement LIKE '%FROM links%'")
BY_KEY = text("SELECT url FROM links WHERE id = :id")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Of one connection, so that all asks share it."""
    engine = make_engine(database_url, pool_size=1, overflow=0)
    yield engine
    engine.dispose()


def test_each_asks_with_plans_of_its_own_kind_on_the_same_connection(engine: Engine) -> None:
    brief = plans.kept_a_while(engine)
    for one, mode in ((engine, plans.AFRESH), (brief, "auto"), (brief, "auto"), (engine, plans.AFRESH)):
        with one.begin() as connection:
            assert connection.scalar(MODE) == mode


def test_a_transaction_that_fails_leaves_the_kind_as_it_was(engine: Engine) -> None:
    brief = plans.kept_a_while(engine)
    with pytest.raises(ZeroDivisionError), brief.begin():
        raise ZeroDivisionError

    with brief.begin() as connection:
        assert connection.scalar(MODE) == "auto"


def test_a_connection_that_died_meanwhile_is_told_as_any_other_and_replaced(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, overflow=0, ping_after=60.0)
    other = make_engine(database_url, pool_size=1)
    brief = plans.kept_a_while(engine)
    with engine.begin() as connection:
        server = connection.scalar(text("SELECT pg_backend_pid()"))
    with other.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:server, 5000)"), {"server": server})

    with pytest.raises(OperationalError), brief.begin():
        pass
    with brief.begin() as connection:
        assert connection.scalar(MODE) == "auto"

    engine.dispose()
    other.dispose()


def test_plans_are_kept_and_made_anew_after_some_seconds(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    brief, clock = plans.kept_a_while(engine), [1000.0]
    monkeypatch.setattr(plans.time, "monotonic", lambda: clock[0])
    for _ in range(20):
        with brief.begin() as connection:
            connection.execute(BY_KEY, {"id": 1}).all()
            kept = connection.scalar(GENERIC)
    assert kept is not None
    assert kept > 5
    discarded = []
    monkeypatch.setattr(
        "sqlalchemy.engine.Connection.exec_driver_sql", lambda _self, command: discarded.append(command)
    )

    for clock[0] in (1000.0 + plans.LAST - 1, 1000.0 + plans.LAST + 1, 1000.0 + plans.LAST + 2):
        with brief.begin():
            pass

    assert discarded == ["DISCARD PLANS", "SET plan_cache_mode = auto"]
