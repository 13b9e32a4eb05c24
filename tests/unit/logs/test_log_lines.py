"""Lines of the log: for people and for machines, with what they are about."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from storyfold.logs import JsonFormatter, TextFormatter, about


def record(message: str, error: BaseException | None = None, **fields: object) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("workers.task", logging.INFO, "task.py", 1, message, (), trace)
    made.__dict__ |= about(**fields)
    return made


def failure() -> BaseException:
    try:
        raise RuntimeError("ink ran out")
    except RuntimeError:
        error = sys.exc_info()[1]
    assert error is not None
    return error


def test_a_line_of_json_has_its_fields_by_name() -> None:
    line = json.loads(JsonFormatter().format(record("digest: stored", link=12, seconds=0.25, batch=None)))
    assert line.pop("at").endswith("+00:00")
    assert line.pop("process").startswith("MainProcess:")
    assert line == {
        "level": "info",
        "logger": "workers.task",
        "message": "digest: stored",
        "link": 12,
        "seconds": 0.25,
    }


def test_an_error_is_one_line_of_json() -> None:
    line = JsonFormatter().format(record("it failed", failure()))
    assert "\n" not in line
    assert json.loads(line)["error"].endswith("RuntimeError: ink ran out")


def test_a_line_for_people_has_its_fields_at_its_end_and_the_traceback_below() -> None:
    said = TextFormatter("%(levelname)s: %(message)s").format(record("it failed", failure(), link=12)).splitlines()
    assert said[0] == "INFO: it failed link=12"
    assert said[-1] == "RuntimeError: ink ran out"


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_a_line_about_nothing_is_a_line(formatter: logging.Formatter) -> None:
    assert "ready" in formatter.format(record("ready"))
