"""How processes log: lines for people, or a JSON object a line for machines. Nothing is set up on import.

What a line is about is told apart from what it says: ``log.info("digest", extra=about(link=12, outcome="stored"))``.
A link has its id in every line of every stage, on whatever machine, so that its way can be followed.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_FIELDS = "storyfold_fields"
_TEXT = "%(asctime)s %(levelname)s %(processName)s %(name)s: %(message)s"
# Libraries that speak of each connection and message at INFO.
_TALKATIVE = ("celery", "kombu", "amqp", "httpx", "httpcore", "urllib3", "trafilatura", "htmldate")


def about(**fields: Any) -> dict[str, dict[str, Any]]:
    """The fields of a line, as `extra` of a call of a logger. None is left out."""
    return {_FIELDS: {name: value for name, value in fields.items() if value is not None}}


def set_up(*, level: str, as_json: bool) -> None:
    """Log to standard error from `level` on ("info"), libraries from WARNING on; for the start of a process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter(_TEXT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class TextFormatter(logging.Formatter):
    """The fields behind the message, as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        said, newline, trace = super().format(record).partition("\n")
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return f"{said}{fields}{newline}{trace}"


class JsonFormatter(logging.Formatter):
    """``at``, ``level``, ``process``, ``logger``, ``message``, the fields by name, ``error`` with a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": f"{record.processName}:{record.process}",
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return dict(getattr(record, _FIELDS, {}))
