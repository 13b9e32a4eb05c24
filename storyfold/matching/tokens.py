"""A text as a row of hashed terms.

A term is a word in scripts that part words by spaces, and a pair of neighbouring characters in those that do not (Han,
kana, Thai, Lao, Khmer, Burmese). Beside each term stands what its place in the text says about it: a capital inside a
sentence (a name, in scripts that have capitals), a figure, words between quotation marks.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.normalise import normal_figure, normal_form

U32 = NDArray[np.uint32]
N = TypeVar("N", np.uint32, np.uint64)

NAME, FIGURE, QUOTED = 1, 2, 4
"""Bits of a term's flags."""

BEGINNING = 4
"""Letters by which the forms of a name meet. Loss on left-out collections, trained on pairs as they are: by whole words
.0402, by 7, 5 and 4 letters .0399, .0392, .0388. 3 were better still on two of the three collections, and worse on the
third: more names meet by chance."""

MAX_CHARACTERS = 400_000
"""What lies beyond (about 65,000 words) is not read: it bounds the time that one text can take."""

_WORD, _CAPITAL, _FIGURE, _CHARACTER, _KATAKANA, _STOP, _OPEN, _CLOSE, _QUOTE = range(9)

_UNSPACED = "\u0e00-\u0edf\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_COMBINING = "\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670\u0900-\u0dff"
_TOKEN = re.compile(
    rf"[{_UNSPACED}]"
    r"|\d+(?:[.,:]\d+)*"
    r"|(?:[^\W\d_]\.){2,}"
    rf"|(?:[^\W\d_{_UNSPACED}]|[{_COMBINING}])+\d*"
    r"|[.!?\u2026。！？؟।:\n\"“”„«»「」『』]"
)
_ASCII_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|(?:[A-Za-z]\.){2,}|[A-Za-z]+\d*|[.!?:\n\"]")
"""What `_TOKEN` finds where all is ASCII, in a third of the time: three pieces in four that were not met before."""

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_CAPITALS_SHARE = 0.5  # above it a text is set in capitals, and they tell nothing


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a text in their order. All arrays have one length.

    `beginnings`: the hash of a word's first letters, as many as its forms share: Russia, Russian, Russians. Of Japanese
    names the term itself; 0 of all else.
    """

    hashes: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    beginnings: NDArray[np.uint32]


def term_hash(form: str) -> int:
    """The 32-bit hash of a term in its normal form, the same in every process."""
    return int.from_bytes(blake2b(form.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")


def split(text: str) -> Terms:
    """The terms of a text. Bounded by `MAX_CHARACTERS`; a text without a word has none."""
    hashes, kinds, beginnings = _tokens(text[:MAX_CHARACTERS])
    flags = np.zeros(len(kinds), dtype=np.uint8)
    flags[_names(kinds)] |= NAME
    flags[kinds == _FIGURE] |= FIGURE
    flags[_quoted(kinds)] |= QUOTED
    hashes, kept = _paired(hashes, kinds)
    beginnings = np.where(kinds == _KATAKANA, hashes, beginnings)
    return Terms(hashes[kept], flags[kept], beginnings[kept])


def distinct_terms(text: str) -> U32:
    """The distinct terms of a text, sorted: those of `split`."""
    hashes, kept = _paired(*_tokens(text[:MAX_CHARACTERS])[:2])
    return distinct(hashes[kept])


def distinct_by_line(text: str) -> tuple[NDArray[np.int64], U32]:
    """The distinct terms of each line: the line's number from 0 and the term, sorted by term and line. As long as the
    text."""
    hashes, kinds, _ = _tokens(text)
    line = ((kinds == _STOP) & (hashes == _LINE_END)).cumsum()
    hashes, kept = _paired(hashes, kinds)
    keyed = distinct(hashes[kept].astype(np.uint64) << np.uint64(32) | line[kept].astype(np.uint64))
    return keyed.astype(np.uint32).astype(np.int64), (keyed >> np.uint64(32)).astype(np.uint32)


def distinct(numbers: NDArray[N]) -> NDArray[N]:
    """The distinct numbers, sorted: `np.unique`, a few times faster for the thousand numbers of an article."""
    ordered = np.sort(numbers)
    kept = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=kept[1:])
    return ordered[kept]


def _tokens(text: str) -> tuple[U32, NDArray[np.uint8], U32]:
    """The tokens in their order: hashes, kinds, and the hashes of their beginnings.

    What stands between two spaces is a piece, and cut up only once.
    """
    pieces = text.replace("\n", " \n ").split(" ")
    packed = np.frombuffer(b"".join(map(_PIECES.__getitem__, pieces)), dtype="<u4").reshape(-1, 3)
    return packed[:, 0].astype(np.uint32), packed[:, 1].astype(np.uint8), packed[:, 2].astype(np.uint32)


class _Pieces(dict[str, bytes]):
    """The tokens of the pieces met so far, packed: hash, kind and the hash of the beginning, four bytes each.

    A token never stands across a space, and neither does anything that makes two characters one. Long pieces, as
    scripts without spaces have them, do not come again and are not kept. Once it is full, those that are not met again
    before it is full once more are forgotten: half of all pieces come but once. Both together take 13 MB at most.
    """

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, bytes] = {}

    def __missing__(self, piece: str) -> bytes:
        packed = self._before.get(piece)
        if packed is None:
            packed = _packed(piece) if piece.isascii() and piece.isalpha() else b"".join(map(_packed, _cut(piece)))
        if len(piece) <= _KEPT_LENGTH:
            if len(self) >= _KEPT_PIECES:
                self._before = dict(self)
                self.clear()
            self[piece] = packed
        return packed


_KEPT_PIECES, _KEPT_LENGTH = 1 << 15, 32
_PIECES = _Pieces()


def _cut(piece: str) -> list[str]:
    return _ASCII_TOKEN.findall(piece) if piece.isascii() else _TOKEN.findall(_visible(piece))


def _visible(text: str) -> str:
    """Compatible characters made one, and none that nobody sees (soft hyphens, zero-width spaces): they part words."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=1 << 14)  # common words with a mark beside them: what stands alone is kept as a piece
def _packed(token: str) -> bytes:
    """A token's hash, kind and the hash of its beginning in four bytes each; nothing for what carries nothing."""
    first = token[0]
    if first.isdigit():
        return _PACKED.pack(term_hash(normal_figure(token)), _FIGURE, 0)
    if not (first.isalpha() or len(token) > 1):
        return _PACKED.pack(_LINE_END if first == "\n" else 0, _MARK_KINDS.get(first, _STOP), 0)
    if len(token) == 1 and is_unspaced(first):
        return _PACKED.pack(term_hash(first), _KATAKANA if "\u30a0" <= first <= "\u30ff" else _CHARACTER, 0)
    form = normal_form(token.replace(".", ""))
    if len(form) < 2:
        return b""
    return _PACKED.pack(term_hash(form), _CAPITAL if first.isupper() else _WORD, _beginning_hash(form[:BEGINNING]))


@lru_cache(maxsize=1 << 13)  # thousands of words begin alike
def _beginning_hash(beginning: str) -> int:
    return term_hash(beginning)


_PACKED = struct.Struct("<III")
_LINE_END = 1  # stands in place of the hash where a stop ends a line
_MARK_KINDS = {"“": _OPEN, "„": _OPEN, "«": _OPEN, "「": _OPEN, "『": _OPEN, '"': _QUOTE}
_MARK_KINDS |= {"”": _CLOSE, "»": _CLOSE, "」": _CLOSE, "』": _CLOSE}


@lru_cache(maxsize=1)
def _unspaced_pattern() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}]")


def is_unspaced(character: str) -> bool:
    """Whether a character is of a script that does not part words by spaces."""
    return _unspaced_pattern().match(character) is not None


def _names(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Capitals that do not merely begin a sentence or a line, and katakana."""
    capital: NDArray[np.bool_] = kinds == _CAPITAL
    words = capital | (kinds == _WORD)
    starts = np.ones(len(kinds), dtype=np.bool_)
    starts[1:] = kinds[:-1] >= _STOP
    inside = words & ~starts
    if int(np.count_nonzero(capital & inside)) > _CAPITALS_SHARE * int(np.count_nonzero(inside)):
        capital = np.zeros(len(kinds), dtype=np.bool_)
    names: NDArray[np.bool_] = (capital & ~starts) | (kinds == _KATAKANA)
    return names


def _quoted(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What stands between a pair of quotation marks; a mark that finds no partner quotes nothing."""
    quoted = np.zeros(len(kinds), dtype=np.bool_)
    marks = np.flatnonzero(kinds > _STOP)
    begun = -1
    for place, kind in zip(marks.tolist(), kinds[marks].tolist(), strict=True):
        if kind == _OPEN or (kind == _QUOTE and begun < 0):
            begun = place
        elif begun >= 0:
            quoted[begun:place] = True
            begun = -1
    return quoted


def _paired(hashes: U32, kinds: NDArray[np.uint8]) -> tuple[U32, NDArray[np.bool_]]:
    """Characters of unspaced scripts joined to pairs, and which of all these are terms.

    The last character of each run is none, as its pair has it already.
    """
    kept: NDArray[np.bool_] = kinds < _STOP
    unspaced = (kinds == _CHARACTER) | (kinds == _KATAKANA)
    if not unspaced.any():
        return hashes, kept
    follows = np.zeros(len(kinds), dtype=np.bool_)
    follows[:-1] = unspaced[:-1] & unspaced[1:]
    preceded = np.zeros(len(kinds), dtype=np.bool_)
    preceded[1:] = follows[:-1]
    paired = hashes.copy()
    at = np.flatnonzero(follows)
    paired[at] = character_pair(hashes[at], hashes[at + 1])
    return paired, kept & ~(preceded & unspaced & ~follows)


def character_pair(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The term hash of two neighbouring characters, from the hashes of both."""
    return first * np.uint32(0x9E3779B1) ^ (second + np.uint32(0x7F4A7C15)) * np.uint32(0x85EBCA6B)
