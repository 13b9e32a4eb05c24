"""What is kept of an article for matching: a few kilobytes, computed once, compared many times.

Terms stand sorted by hash, with their count, the place where they first stand and their flags. Runs of two, three and
five terms, quoted runs of four, and the beginnings of words stand as sorted sets of hashes, one set after the other, as
all are looked up together: the first three bits of a hash say which set it is of. Of a long text only the lowest hashes
of a set of runs are kept, up to a bound, so that it stays a fair sample: below the lower `ceiling` of two sets, both
are complete.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from storyfold.errors import BadInput
from storyfold.matching.language import language_of
from storyfold.matching.tokens import FIGURE, NAME, QUOTED, Terms, distinct, distinct_terms, split

VERSION: int = 3
BANDS = 24
MAX_TERMS = 2048
MAX_RUNS = {2: 1024, 3: 1024, 5: 512}
MAX_QUOTES = 256
FULL = 0xFFFFFFFF
RUNS2, RUNS3, RUNS5, QUOTES, BEGINNINGS = range(5)
"""The sets of `Fingerprint.wording`, in their order."""
_ROWS = 3  # 24 bands of 3: a Jaccard of .5 is found in 96 % of cases, of .3 in 48 %; weighted terms find the rest
_QUOTE_RUN = 4
_MINHASHED = 4096  # runs, the lowest, that bands are made from: more say no more, and take longer

_HEADER = struct.Struct("<BB8sIqi5I5H7H")
_SET_AT, _SET_BITS = 29, np.uint32(3)
U32 = NDArray[np.uint32]


@dataclass(slots=True, eq=False)  # not frozen, and never changed: it is read from the store by the dozen
class Fingerprint:
    """See the module. `words` counts all terms; `day` is the ordinal of the day of publication (UTC), if known.

    `terms`, `wording` and `title` are sorted and free of repeats. `counts`, `places` and `flags` go with `terms`; a
    place is a 65,535th of the text. `wording` are the sets `RUNS2` to `BEGINNINGS`, `sizes` how many hashes each of
    them has, `ceilings` up to which hash each is complete. `named` says of each of the beginnings whether one of the
    words is a name: 1, or 0. `exact` and `bands` fit PostgreSQL's bigint. `derived` is no part of the value: what
    others worked out from it, kept as long as it is.
    """

    language: str
    words: int
    exact: int
    day: int | None
    bands: tuple[int, ...]
    terms: U32
    counts: NDArray[np.uint16]
    places: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    wording: U32
    sizes: tuple[int, ...]
    ceilings: tuple[int, ...]
    named: NDArray[np.uint8]
    title: U32
    derived: dict[object, object] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> U32:
        """Terms with a capital inside a sentence."""
        return self._flagged(NAME)

    @property
    def figures(self) -> U32:
        """Terms that are numbers."""
        return self._flagged(FIGURE)

    def _flagged(self, bit: int) -> U32:
        flagged: U32 = self.terms[(self.flags & bit) != 0]
        return flagged

    def to_bytes(self) -> bytes:
        """The stored form; `from_bytes` gives an equal fingerprint back."""
        arrays = (self.terms, self.counts, self.places, self.flags, self.named, self.wording, self.title)
        header = _HEADER.pack(
            VERSION,
            len(self.bands),
            self.language.encode()[:8],
            min(self.words, FULL),
            self.exact,
            -1 if self.day is None else self.day,
            *self.ceilings,
            *self.sizes,
            *(len(a) for a in arrays),
        )
        bands = np.array(self.bands, dtype="<i8").tobytes()
        return b"".join((header, bands, *(a.tobytes() for a in arrays)))

    @staticmethod
    def from_bytes(stored: bytes) -> Fingerprint:
        """Raises `BadInput` for a fingerprint of another version: it is to be computed again."""
        if not stored or stored[0] != VERSION:
            raise BadInput(f"A fingerprint of version {stored[0] if stored else None}; this is version {VERSION}.")
        _, n_bands, language, words, exact, day, *numbers = _HEADER.unpack_from(stored)
        ceilings, sizes, lengths = numbers[:5], numbers[5:10], numbers[10:]
        bands = struct.unpack_from(f"<{n_bands}q", stored, _HEADER.size)
        at = _HEADER.size + 8 * n_bands
        arrays = []
        for dtype, length in zip(_DTYPES, lengths, strict=True):
            arrays.append(np.ndarray((length,), dtype, stored, at))  # as np.frombuffer, in half the time
            at += length * dtype.itemsize
        terms, counts, places, flags, named, wording, title = arrays
        return Fingerprint(
            language=language.rstrip(b"\0").decode(),
            words=words,
            exact=exact,
            day=None if day < 0 else day,
            bands=bands,
            terms=terms,
            counts=counts,
            places=places,
            flags=flags,
            wording=wording,
            sizes=tuple(sizes),
            ceilings=tuple(ceilings),
            named=named,
            title=title,
        )


_DTYPES = tuple(map(np.dtype, ("<u4", "<u2", "<u2", "u1", "u1", "<u4", "<u4")))


def fingerprint(text: str, *, title: str | None, language: str | None, published: datetime | None) -> Fingerprint:
    """The fingerprint of a clean text. Any text will do, the empty one too; time and size are bounded.

    `language` is an ISO 639-1 code; without one it is guessed from the text.
    """
    terms = split(text)
    numbered, counts, places, flags = _distinct(terms)
    fives = runs(terms.hashes, 5)
    beginnings, named = _beginnings(terms)
    parts: list[tuple[U32, int]] = [
        _sample(runs(terms.hashes, 2), RUNS2, MAX_RUNS[2]),
        _sample(runs(terms.hashes, 3), RUNS3, MAX_RUNS[3]),
        _sample(fives, RUNS5, MAX_RUNS[5]),
        (_quotes(terms), FULL),
        (beginnings, FULL),
    ]
    return Fingerprint(
        language=(language or language_of(text))[:8].lower(),
        words=len(terms.hashes),
        exact=_exact(terms.hashes),
        day=published.toordinal() if published else None,
        bands=_bands(fives, terms.hashes),
        terms=numbered,
        counts=counts,
        places=places,
        flags=flags,
        wording=np.concatenate([hashes for hashes, _ in parts]),
        sizes=tuple(len(hashes) for hashes, _ in parts),
        ceilings=tuple(ceiling for _, ceiling in parts),
        named=named,
        title=distinct_terms(title)[:64] if title else np.empty(0, dtype=np.uint32),
    )


def runs(hashes: U32, length: int) -> U32:
    """The hashes of all runs of `length` neighbouring terms, in order, repeats included."""
    if len(hashes) < length:
        return np.empty(0, dtype=np.uint32)
    n = len(hashes) - length + 1
    mixed = np.full(n, length, dtype=np.uint64)
    for offset in range(length):
        mixed = _stirred(mixed, hashes[offset : offset + n])
    return (mixed >> np.uint64(16)).astype(np.uint32)


def _stirred(mixed: NDArray[np.uint64], more: U32) -> NDArray[np.uint64]:
    """64-bit hashes with one more number in each; changes `mixed`."""
    mixed ^= more
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    return mixed


def sets_of(hashes: U32) -> NDArray[np.intp]:
    """Which set of `Fingerprint.wording` each of these hashes is of."""
    return (hashes >> np.uint32(_SET_AT)).astype(np.intp)


def _of_set(hashes: U32, which: int) -> U32:
    """Distinct hashes of a set of `Fingerprint.wording`, sorted."""
    return distinct(hashes >> _SET_BITS | np.uint32(which << _SET_AT))


def _sample(hashes: U32, which: int, bound: int) -> tuple[U32, int]:
    """The set of the lowest `bound` of these hashes, and the highest hash up to which it is complete."""
    made = _of_set(hashes, which)
    if len(made) <= bound:
        return made, FULL
    return made[:bound], int(made[bound - 1])


def _distinct(terms: Terms) -> tuple[U32, NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint8]]:
    """Distinct terms with count, first place and united flags. Of more than `MAX_TERMS` the lowest hashes stay."""
    n = len(terms.hashes)
    if not n:
        return terms.hashes, np.empty(0, np.uint16), np.empty(0, np.uint16), terms.flags
    ordered = np.sort(terms.hashes.astype(np.uint64) << np.uint64(32) | np.arange(n, dtype=np.uint64))
    hashes, places = (ordered >> np.uint64(32)).astype(np.uint32), ordered.astype(np.uint32)
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    counts = np.minimum(np.diff(starts, append=n), 0xFFFF).astype(np.uint16)
    flags = np.bitwise_or.reduceat(terms.flags[places], starts)
    first = (places[starts].astype(np.int64) * 0xFFFF // n).astype(np.uint16)
    cut = slice(0, MAX_TERMS)
    return hashes[starts][cut], counts[cut], first[cut], flags[cut]


def _beginnings(terms: Terms) -> tuple[U32, NDArray[np.uint8]]:
    """The set of beginnings, and `Fingerprint.named`. Of more than `MAX_TERMS` the lowest stay."""
    known = terms.beginnings != 0
    bits = (terms.flags[known] & NAME != 0).astype(np.uint32)
    marked = distinct(terms.beginnings[known] >> _SET_BITS << np.uint32(1) | bits)
    plain = marked >> np.uint32(1)
    last = np.ones(len(marked), dtype=np.bool_)  # a name, where it stands as both
    np.not_equal(plain[1:], plain[:-1], out=last[:-1])
    named = (marked[last] & np.uint32(1)).astype(np.uint8)
    return (plain[last] | np.uint32(BEGINNINGS << _SET_AT))[:MAX_TERMS], named[:MAX_TERMS]


def _exact(hashes: U32) -> int:
    return int.from_bytes(blake2b(hashes.tobytes(), digest_size=8).digest(), "little", signed=True)


def _quotes(terms: Terms) -> U32:
    """The set of runs of four terms that stand wholly between quotation marks."""
    quoted = (terms.flags & QUOTED) != 0
    n = len(quoted) - _QUOTE_RUN + 1
    if n < 1 or not quoted.any():
        return np.empty(0, dtype=np.uint32)
    whole = quoted[:n].copy()
    for offset in range(1, _QUOTE_RUN):
        whole &= quoted[offset : offset + n]
    return _of_set(runs(terms.hashes, _QUOTE_RUN)[whole], QUOTES)[:MAX_QUOTES]


def _bands(fives: U32, hashes: U32) -> tuple[int, ...]:
    """MinHash over runs of five terms, in bands for a locality-sensitive index; none without terms.

    The functions are `multiply·run + add` in 32 bits: of runs, which are mixed well already, their lowest values agree
    as often as the sets do (simulated: a Jaccard of .3 gives .30, with the spread of independent functions).
    """
    rows = fives if len(fives) else hashes
    if len(rows) > _MINHASHED:
        rows = distinct(rows)[:_MINHASHED]
    if not len(rows):
        return ()
    lowest = []
    for multiply, add in _permutations():
        mixed = rows * multiply
        mixed += add
        lowest.append(mixed.min(axis=1))
    signature = np.concatenate(lowest).reshape(BANDS, _ROWS)
    band = np.arange(BANDS, dtype=np.uint64)
    for row in range(_ROWS):
        band = _stirred(band, signature[:, row])
    return tuple(band.view(np.int64).tolist())


@lru_cache(maxsize=1)
def _permutations() -> tuple[tuple[U32, U32], ...]:
    """Multipliers (odd) and offsets of the MinHash functions: fixed, as stored bands must stay comparable.

    In columns, a third of them at a time: what is worked out at once stays within a processor's nearer cache.
    """
    n = BANDS * _ROWS
    stream = b"".join(blake2b(f"storyfold band {i}".encode(), digest_size=8).digest() for i in range(n))
    words = np.frombuffer(stream, dtype="<u4").reshape(n, 2, 1)
    multiply, add = words[:, 0] | np.uint32(1), words[:, 1]
    return tuple(zip(np.split(multiply, 3), np.split(add, 3), strict=True))
