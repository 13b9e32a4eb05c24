"""Work that a process of its own does."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from storyfold.cli.errand import run_errand
from storyfold.errors import BadInput, EngineError

# the process of the tests has threads; that of an errand's owner has none
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def test_an_errand_is_done_by_another_process(tmp_path: Path) -> None:
    run_errand(lambda: (tmp_path / "who").write_text(str(os.getpid())) and None)
    assert int((tmp_path / "who").read_text()) != os.getpid()


def test_what_an_errand_loads_is_gone_with_it() -> None:
    sys.modules.pop("this", None)
    run_errand(lambda: sys.modules.update(this=sys) or None)
    assert "this" not in sys.modules


def test_an_error_of_an_errand_is_told_in_its_words() -> None:
    def fail() -> None:
        raise BadInput("the barrel leaks")

    with pytest.raises(EngineError, match=r"^the barrel leaks$"):
        run_errand(fail)


def test_a_fault_in_an_errand_is_printed_where_it_happened(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EngineError, match="see above"):
        run_errand(lambda: print(1 // 0))
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_an_errand_that_is_killed_has_failed() -> None:
    with pytest.raises(EngineError):
        run_errand(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_who_is_told_to_stop_does_not_wait_for_an_errand(tmp_path: Path) -> None:
    class Told(BaseException):
        pass

    def tell(*_: object) -> None:
        raise Told

    def wait() -> None:
        (tmp_path / "pid").write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(60)

    before = signal.signal(signal.SIGTERM, tell)
    try:
        with pytest.raises(Told):
            run_errand(wait)
    finally:
        signal.signal(signal.SIGTERM, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
