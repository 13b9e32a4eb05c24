"""What a run and its supervisor say to each other."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

LOG_NAME = "engines"
"""The log of the supervisor; each engine has one of its own name."""


@dataclass(frozen=True)
class Plan:
    """What a supervisor is to run. `temporary`: the data directory goes with it."""

    data_dir: str
    socket_dir: str
    postgres: bool
    redis: bool
    durable: bool
    temporary: bool

    def to_json(self) -> str:
        """The supervisor's argument."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Event:
    """`kind` is `ready` (all engines are, first or again), `failed` (the supervisor ends) or `in-use` (so does it)."""

    kind: str
    message: str = ""
    pids: dict[str, int] = field(default_factory=dict)
