"""Bare extraction of the same pages."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence

from measured import Ran

PROCESSES = 2


def run_bare(bodies: Sequence[bytes], warm: Sequence[bytes] = ()) -> Ran:
    with multiprocessing.Pool(PROCESSES, initializer=_load_trafilatura) as pool:
        pool.map(_extract, warm, chunksize=1)
        started = time.monotonic()
        cpu = sum(pool.imap_unordered(_extract, bodies, chunksize=1))
        seconds = time.monotonic() - started
    return Ran(len(bodies), seconds, {"extraction": cpu})


def _load_trafilatura() -> None:
    import logging

    import trafilatura  # noqa: F401

    logging.disable(logging.CRITICAL)


def _extract(body: bytes) -> float:
    from trafilatura import bare_extraction

    started = time.process_time()
    bare_extraction(body, include_comments=False, with_metadata=True)
    return time.process_time() - started
