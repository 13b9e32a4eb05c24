"""Where the hashes of one article stand among those of others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.lookup import Lookup, end_to_end

# Few low bits in common and many: what is hashed to one slot must be told apart too.
HASHES = st.integers(0, 7).map(lambda n: n << 16 | 3) | st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 1 << 16])


def found(mine: list[int], others: list[int]) -> list[tuple[int, int]]:
    there, here = Lookup(np.array(mine, np.uint32)).found(np.array(others, np.uint32))
    return sorted(zip(there.tolist(), here.tolist(), strict=True))


@given(st.lists(HASHES, unique=True, max_size=40), st.lists(HASHES, max_size=80))
def test_all_that_is_shared_is_found_and_nothing_else(mine: list[int], others: list[int]) -> None:
    expected = [(there, mine.index(hash)) for there, hash in enumerate(others) if hash in mine]
    assert found(mine, others) == expected


@given(st.lists(HASHES, unique=True, max_size=40), st.lists(HASHES, unique=True, max_size=40), st.lists(HASHES))
def test_a_table_used_again_knows_nothing_of_what_it_held_before(
    before: list[int], mine: list[int], others: list[int]
) -> None:
    used = Lookup(np.array(before, np.uint32)).over(np.array(mine, np.uint32))
    there, here = used.found(np.array(others, np.uint32))
    assert sorted(zip(there.tolist(), here.tolist(), strict=True)) == found(mine, others)


def test_arrays_end_to_end_say_whose_each_element_is() -> None:
    flat, owner = end_to_end([np.array(a, np.uint32) for a in ([5, 6], [], [7])])
    assert (flat.tolist(), owner.tolist()) == ([5, 6, 7], [0, 0, 2])
