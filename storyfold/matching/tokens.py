"""A text as a row of hashed terms.

A term is a word in scripts that part words by spaces, and a pair of neighbouring characters in those that do not (Han,
kana, Thai, Lao, Khmer, Burmese). Beside each term stands what its place in the text says about it: a capital inside a
sentence (a name, in scripts that have capitals), a figure, words between quotation marks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.normalise import normal_figure, normal_form

U32 = NDArray[np.uint32]

NAME, FIGURE, QUOTED = 1, 2, 4
"""Bits of a term's flags."""

MAX_CHARACTERS = 400_000
"""What lies beyond (about 65,000 words) is not read: it bounds the time that one text can take."""

_WORD, _CAPITAL, _FIGURE, _CHARACTER, _KATAKANA, _STOP, _OPEN, _CLOSE, _QUOTE = range(9)
_SKIP = -1

_UNSPACED = "\u0e00-\u0edf\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_COMBINING = "\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670\u0900-\u0dff"
_TOKEN = re.compile(
    rf"[{_UNSPACED}]"
    r"|\d+(?:[.,:]\d+)*"
    r"|(?:[^\W\d_]\.){2,}"
    rf"|(?:[^\W\d_{_UNSPACED}]|[{_COMBINING}])+\d*"
    r"|[.!?\u2026。！？؟।:\n\"“”„«»「」『』]"
)
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_MASK32 = 0xFFFFFFFF
_CAPITALS_SHARE = 0.5  # above it a text is set in capitals, and they tell nothing


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a text in their order. All arrays have one length."""

    hashes: NDArray[np.uint32]
    flags: NDArray[np.uint8]


@lru_cache(maxsize=1 << 16)
def term_hash(form: str) -> int:
    """The 32-bit hash of a term in its normal form, the same in every process."""
    return int.from_bytes(blake2b(form.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")


def split(text: str) -> Terms:
    """The terms of a text. Bounded by `MAX_CHARACTERS`; a text without a word has none."""
    text = text[:MAX_CHARACTERS]
    if not text.isascii():
        text = _visible(text)
    packed = np.fromiter((_classify(token) for token in _TOKEN.findall(text)), dtype=np.int64)
    packed = packed[packed != _SKIP]
    return _in_order((packed & _MASK32).astype(np.uint32), (packed >> 32).astype(np.uint8))


def distinct_terms(sentence: str) -> U32:
    """The distinct terms of a short text, sorted: those of `split`, a few times faster for scripts that part words."""
    if not sentence.isascii():
        sentence = _visible(sentence)
        if _unspaced_pattern().search(sentence):
            return np.unique(split(sentence).hashes)
    kinds = {_classify(token) for token in _TOKEN.findall(sentence)} - {_SKIP}
    return np.array(sorted({kind & _MASK32 for kind in kinds if kind >> 32 < _STOP}), dtype=np.uint32)


def _visible(text: str) -> str:
    """Compatible characters made one, and none that nobody sees (soft hyphens, zero-width spaces): they part words."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=1 << 16)
def _classify(token: str) -> int:
    """A token's hash in the low 32 bits and its kind above them; `_SKIP` for what carries nothing."""
    first = token[0]
    if first.isdigit():
        return _FIGURE << 32 | term_hash(normal_figure(token))
    if not (first.isalpha() or len(token) > 1):
        return _MARK_KINDS.get(first, _STOP) << 32
    if len(token) == 1 and is_unspaced(first):
        kind = _KATAKANA if "\u30a0" <= first <= "\u30ff" else _CHARACTER
        return kind << 32 | term_hash(first)
    form = normal_form(token.replace(".", ""))
    if len(form) < 2:
        return _SKIP
    return (_CAPITAL if first.isupper() else _WORD) << 32 | term_hash(form)


_MARK_KINDS = {"“": _OPEN, "„": _OPEN, "«": _OPEN, "「": _OPEN, "『": _OPEN, '"': _QUOTE}
_MARK_KINDS |= {"”": _CLOSE, "»": _CLOSE, "」": _CLOSE, "』": _CLOSE}


@lru_cache(maxsize=1)
def _unspaced_pattern() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}]")


def is_unspaced(character: str) -> bool:
    """Whether a character is of a script that does not part words by spaces."""
    return _unspaced_pattern().match(character) is not None


def _in_order(hashes: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> Terms:
    flags = np.zeros(len(kinds), dtype=np.uint8)
    flags[_names(kinds)] |= NAME
    flags[kinds == _FIGURE] |= FIGURE
    flags[_quoted(kinds)] |= QUOTED
    hashes, alone = _pair_characters(hashes, kinds)
    keep = (kinds < _STOP) & ~alone
    return Terms(hashes[keep], flags[keep])


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
    begun = -1
    for place in np.flatnonzero(kinds > _STOP).tolist():
        kind = kinds[place]
        if kind == _OPEN or (kind == _QUOTE and begun < 0):
            begun = place
        elif begun >= 0:
            quoted[begun:place] = True
            begun = -1
    return quoted


def _pair_characters(
    hashes: NDArray[np.uint32], kinds: NDArray[np.uint8]
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Characters of unspaced scripts joined to pairs; the last of each run is marked, as its pair has it already."""
    unspaced = (kinds == _CHARACTER) | (kinds == _KATAKANA)
    alone = np.zeros(len(kinds), dtype=np.bool_)
    if not unspaced.any():
        return hashes, alone
    follows = np.zeros(len(kinds), dtype=np.bool_)
    follows[:-1] = unspaced[:-1] & unspaced[1:]
    preceded = np.zeros(len(kinds), dtype=np.bool_)
    preceded[1:] = follows[:-1]
    paired = hashes.copy()
    at = np.flatnonzero(follows)
    paired[at] = character_pair(hashes[at], hashes[at + 1])
    return paired, unspaced & preceded & ~follows


def character_pair(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The term hash of two neighbouring characters, from the hashes of both."""
    return first * np.uint32(0x9E3779B1) ^ (second + np.uint32(0x7F4A7C15)) * np.uint32(0x85EBCA6B)
