"""Why two articles are tied, for a person to check: a few kilobytes of JSON-able values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from storyfold.matching.idf import Idf
from storyfold.matching.normalise import normal_figure, normal_form
from storyfold.matching.passages import aligned
from storyfold.matching.relation import Judgement

VERSION = 1
MAX_ITEMS = 12
_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w’'-]+(?: [^\W\d_a-zß-öø-ÿ][\w’'-]+){0,3}")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:。\n“\"„«»”])\s*$")
_POSSESSIVE = re.compile(r"[’']s?$")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_QUOTE = re.compile(r"[“„«「\"]([^”“„»」\"\n]{12,400})[”“»」\"]")
_SHARED_QUOTE = 0.6  # share of a quote's words that the other text's quote repeats


def evidence(text: str, other: str, judgement: Judgement, idf: Idf, language: str) -> dict[str, Any]:
    """What `text` shares with `other` (the matched article): passages by offsets, quotes, names, figures, features."""
    return {
        "version": VERSION,
        "idf": idf.version,
        "passages": [
            {"at": [p.start, p.end], "other": [p.other_start, p.other_end], "alike": p.alike}
            for p in aligned(text, other, language, idf)
        ],
        "quotes": _shared_quotes(text, other),
        "names": _shared_names(text, other),
        "figures": _shared_figures(text, other),
        "features": {name: round(value, 3) for name, value in judgement.features.items()},
        "score": round(judgement.score, 4),
    }


def _shared_figures(text: str, other: str) -> list[str]:
    theirs = {normal_figure(f) for f in _FIGURE.findall(other)}
    mine = dict.fromkeys(f for f in _FIGURE.findall(text) if normal_figure(f) in theirs)
    return sorted(mine, key=lambda f: (-len(f), f))[:MAX_ITEMS]


def _shared_names(text: str, other: str) -> list[dict[str, str]]:
    """Names of both texts, longest first; with the other text's spelling where it differs."""
    mine, theirs = _names(text), _names(other)
    shared = sorted((k for k in mine if k in theirs), key=lambda k: (-len(k), k))
    found: list[dict[str, str]] = []
    for key in shared:
        if any(set(key) <= set(other_key) for other_key in shared if other_key != key):
            continue  # a part of a longer shared name
        found.append({"name": mine[key]} | ({"other": theirs[key]} if theirs[key] != mine[key] else {}))
    return found[:MAX_ITEMS]


def _names(text: str) -> dict[tuple[str, ...], str]:
    """Runs of words with capitals and their ends ("Petra Haldane", "Haldane"), by their normal forms.

    A single word that begins a sentence has its capital from there, and is left out.
    """
    names: dict[tuple[str, ...], str] = {}
    for match in _NAME.finditer(text):
        words = [_bare(word) for word in match.group().split()]
        begins = _SENTENCE_BEGINS.search(text, max(0, match.start() - 3), match.start()) is not None
        for start in range(1 if begins and len(words) == 1 else 0, len(words)):
            names.setdefault(tuple(_form(w) for w in words[start:]), " ".join(words[start:]))
    return names


@lru_cache(maxsize=1 << 15)
def _form(word: str) -> str:
    """The normal form: the same few thousand words are asked for again and again."""
    return normal_form(word)


def _bare(word: str) -> str:
    """Without a possessive."""
    return _POSSESSIVE.sub("", word) if word[-1] in "'’s" else word


def _shared_quotes(text: str, other: str) -> list[dict[str, str]]:
    theirs = [(q, _words(q)) for q in _quotes(other)]
    found = []
    for quote in _quotes(text):
        words = _words(quote)
        for their_quote, their_words in theirs:
            if len(words & their_words) >= _SHARED_QUOTE * min(len(words), len(their_words)) >= 2:
                found.append({"quote": quote} | ({"other": their_quote} if their_quote != quote else {}))
                break
    return found[:MAX_ITEMS]


def _quotes(text: str) -> Iterator[str]:
    for match in _QUOTE.finditer(text):
        yield match.group(1).strip()


def _words(quote: str) -> set[str]:
    return {_form(w) for w in re.findall(r"\w+", quote)}
