"""Whole columns from PostgreSQL, for what has too many rows for an object each: `string_agg(int8send(...), '')`."""

from __future__ import annotations

import numpy as np

from storyfold.matching.event import I64
from storyfold.matching.event_features import F64


def integers(sent: bytes | None) -> I64:
    """What `int8send` made of each row; null where there was none."""
    return np.frombuffer(sent or b"", ">i8").astype(np.int64)


def reals(sent: bytes | None) -> F64:
    """What `float4send` made of each row."""
    return np.frombuffer(sent or b"", ">f4").astype(np.float64)
