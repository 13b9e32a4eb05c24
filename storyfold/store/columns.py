"""Whole columns to and from PostgreSQL, for what has too many rows for an object or a parameter each.

`string_agg(int8send(...), '')` sends a column of ids as one value, `string_agg(float4send(...), '')` one of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, cast, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import NullType

from storyfold.matching.event import I64
from storyfold.matching.event_features import F64
from storyfold.store.bulk import array


def integers(sent: bytes | None) -> I64:
    """What `int8send` made of each row; null where there was none."""
    return np.frombuffer(sent or b"", ">i8").astype(np.int64)


def reals(sent: bytes | None) -> F64:
    """What `float4send` made of each row; null where there was none."""
    return np.frombuffer(sent or b"", ">f4").astype(np.float64)


def among(column: InstrumentedAttribute[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether an id is one of these: one parameter, and one statement, for however many."""
    return column == func.any(cast(literal(array(ids), NullType()), ARRAY(BigInteger)))
