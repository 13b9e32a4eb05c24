from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kombu.exceptions import OperationalError

from api.bell import SILENT_SECONDS, Bell


@dataclass
class FakeBroker:
    """Takes messages, or fails as Celery does when Redis is away."""

    away: bool = False
    tries: int = 0
    taken: list[str] = field(default_factory=list)

    def send_task(self, name: str, **_: Any) -> None:
        self.tries += 1
        if self.away:
            raise OperationalError("connection refused")
        self.taken.append(name)


def test_a_bell_that_nobody_takes_is_not_rung_again_for_a_while(caplog):
    broker, now = FakeBroker(away=True), [0.0]
    bell = Bell(broker, clock=lambda: now[0])
    bell.ring()
    bell.ring()
    assert (broker.tries, len(caplog.records)) == (1, 1)
    broker.away, now[0] = False, SILENT_SECONDS
    bell.ring()
    assert broker.taken == ["dispatch"]
