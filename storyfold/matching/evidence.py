"""Why two articles are tied, for a person to check: a few kilobytes of JSON-able values.

What a text brings along is read from it once (`reading`), however many ties it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.dates import names_of_days
from storyfold.matching.idf import Idf
from storyfold.matching.normalise import normal_figure, normal_form
from storyfold.matching.passages import Sentences, aligned_sentences, sentences
from storyfold.matching.relation import Judgement

VERSION = 1
MAX_ITEMS = 12
MOST_QUOTES = 100  # of a text are compared, each with each of the other's

Name = tuple[str, ...]


def _small_letters() -> str:
    """Those of the alphabets with capitals, for a class of a regular expression."""
    ranges = (range(0x61, 0x7B), range(0xDF, 0x590), range(0x1E00, 0x2000))
    return "".join(chr(c) for some in ranges for c in some if chr(c).islower())


_SMALL = _small_letters()
# No small letter and none of the usual signs, which is quickly seen; then surely a letter.
_CAPITAL = rf"[^\x00-@\[-\xbf\xd7\xf7\u2000-\u206f{_SMALL}](?<=[^\W\d_])[\w’'-]+"
_NAME = re.compile(rf"{_CAPITAL}(?: {_CAPITAL}){{0,3}}")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:。\n“\"„«»”])\s*$")
_POSSESSIVE = re.compile(r"[’']s?$")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_QUOTE = re.compile(r"[“„«「\"]([^”“„»」\"\n]{12,400})[”“»」\"]")
_WORD = re.compile(r"\w+")
_SHARED_QUOTE = 0.6  # share of a quote's words that the other text's quote repeats
_LEAST_SHARED = 2  # words, at that share
_OBJECTS = 1_200  # bytes that a reading takes before there is anything in it


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The names of a text: `runs` of words with capitals, one a line, and their ends ("Petra Haldane", "Haldane").

    `keys` are hashes of the normal forms of each end, sorted and distinct, good in this process; end `i` is `runs` line
    `run[i]` without its first `start[i]` words, as the text first spells it.
    """

    runs: str
    keys: NDArray[np.int64]
    run: NDArray[np.uint32]
    start: NDArray[np.uint8]

    @property
    def size(self) -> int:
        """Bytes, about."""
        return _bytes(self.runs) + self.keys.nbytes + self.run.nbytes + self.start.nbytes


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What there is in a text that another may share. Small, so that many can be kept: `figures` and `quotes` as the
    text has them, one a line, as the normal forms of the words of each take ten times as much."""

    sentences: Sentences
    names: Names
    figures: str
    quotes: str

    @property
    def size(self) -> int:
        """Bytes, about."""
        return self.sentences.size + self.names.size + _bytes(self.figures) + _bytes(self.quotes) + _OBJECTS


def _bytes(part: str) -> int:
    return len(part) if part.isascii() else 2 * len(part)


def reading(text: str) -> Reading:
    """What evidence is made from, of one text."""
    figures = "\n".join(dict.fromkeys(_FIGURE.findall(text)))
    quotes = "\n".join(match.group(1).strip() for match in islice(_QUOTE.finditer(text), MOST_QUOTES))
    return Reading(sentences(text), _names(text), figures, quotes)


def evidence(text: str, other: str, judgement: Judgement, idf: Idf, language: str) -> dict[str, Any]:
    """What `text` shares with `other` (the matched article): passages by offsets, quotes, names, dates, figures and
    features. `dates` are the weekdays and months that both name."""
    return evidence_of(reading(text), reading(other), judgement, idf, language)


def evidence_of(one: Reading, other: Reading, judgement: Judgement, idf: Idf, language: str) -> dict[str, Any]:
    """`evidence`, for texts that were read before. `language` is that of the one."""
    shared = _shared_names(one.names, other.names)
    days = names_of_days(language)
    dates = [name["name"] for name in shared if name["name"].casefold() in days]
    return {
        "version": VERSION,
        "idf": idf.version,
        "passages": [
            {"at": [p.start, p.end], "other": [p.other_start, p.other_end], "alike": p.alike}
            for p in aligned_sentences(one.sentences, other.sentences, language, idf)
        ],
        "quotes": _shared_quotes(one, other),
        "names": [name for name in shared if name["name"] not in dates][:MAX_ITEMS],
        "dates": dates[:MAX_ITEMS],
        "figures": _shared_figures(_lines(one.figures), _lines(other.figures)),
        "features": {name: round(value, 3) for name, value in judgement.features.items()},
        "score": round(judgement.score, 4),
    }


def _shared_figures(mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    normal = set(map(normal_figure, theirs))
    return sorted((f for f in mine if normal_figure(f) in normal), key=lambda f: (-len(f), f))[:MAX_ITEMS]


def _shared_names(mine: Names, theirs: Names) -> list[dict[str, str]]:
    """Names of both texts, longest first; with the other text's spelling where it differs."""
    _, here, there = np.intersect1d(mine.keys, theirs.keys, assume_unique=True, return_indices=True)
    spelled, other = dict(_spelled(mine, here)), dict(_spelled(theirs, there))
    found: list[dict[str, str]] = []
    longer: list[frozenset[str]] = []
    for key in sorted(spelled.keys() & other.keys(), key=lambda k: (-len(k), k)):
        words = frozenset(key)
        if any(words <= others for others in longer):
            continue  # a part of a longer shared name, or its words in another order
        longer.append(words)
        found.append({"name": spelled[key]} | ({"other": other[key]} if other[key] != spelled[key] else {}))
        if len(found) == 2 * MAX_ITEMS:  # some may name days
            break
    return found


def _spelled(names: Names, ends: NDArray[np.intp]) -> Iterator[tuple[Name, str]]:
    runs = names.runs.split("\n")
    for run, start in zip(names.run[ends].tolist(), names.start[ends].tolist(), strict=True):
        yield _ends(runs[run])[start]


def _names(text: str) -> Names:
    runs = list(_runs(text))
    ends = [(hash(key), run, start) for run, name in enumerate(runs) for start, (key, _) in enumerate(_ends(name))]
    keys, run, start = np.array(ends, dtype=np.int64).reshape(-1, 3).T
    keys, first = np.unique(keys, return_index=True)
    return Names("\n".join(runs), keys, run[first].astype(np.uint32), start[first].astype(np.uint8))


def _runs(text: str) -> Iterator[str]:
    """Runs of words with capitals, each once. A single word that begins a sentence has its capital from there, and is
    left out. In scripts without capitals any run will do: what two texts share of them are phrases."""
    seen: set[str] = set()
    for match in _NAME.finditer(text):
        run = match.group()
        if run in seen or (" " not in run and _begins_sentence(text, match.start())):
            continue
        seen.add(run)
        yield run


def _begins_sentence(text: str, place: int) -> bool:
    return _SENTENCE_BEGINS.search(text, max(0, place - 3), place) is not None


@lru_cache(maxsize=1 << 13)
def _ends(run: str) -> tuple[tuple[Name, str], ...]:
    """The run and its ends, each by the normal forms of its words: the same names are met again and again."""
    words = [_bare(word) for word in run.split()]
    forms = [_form(word) for word in words]
    return tuple((tuple(forms[n:]), " ".join(words[n:])) for n in range(len(words)))


@lru_cache(maxsize=1 << 15)
def _form(word: str) -> str:
    """The normal form: the same few thousand words are asked for again and again."""
    return normal_form(word)


def _bare(word: str) -> str:
    """Without a possessive."""
    return _POSSESSIVE.sub("", word) if word[-1] in "'’s" else word


def _shared_quotes(one: Reading, other: Reading) -> list[dict[str, str]]:
    if not one.quotes or not other.quotes:
        return []
    theirs = _telling(other.quotes)
    found = []
    for quote, words in _telling(one.quotes):
        for their_quote, their_words in theirs:
            if len(words & their_words) >= _SHARED_QUOTE * min(len(words), len(their_words)):
                found.append({"quote": quote} | ({"other": their_quote} if their_quote != quote else {}))
                break
        if len(found) == MAX_ITEMS:
            break
    return found


def _telling(quotes: str) -> list[tuple[str, frozenset[str]]]:
    """Quotes, with the normal forms of their words, of which so many can be shared that it is no accident."""
    told = ((quote, frozenset(map(_form, _WORD.findall(quote)))) for quote in quotes.split("\n"))
    return [(quote, words) for quote, words in told if _SHARED_QUOTE * len(words) >= _LEAST_SHARED]


def _lines(part: str) -> list[str]:
    return part.split("\n") if part else []
