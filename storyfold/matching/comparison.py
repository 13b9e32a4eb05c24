"""Two texts side by side: which sentences stand in both, what was added, what was cut, and what was changed in which.

Sentences are paired where they are the same word for word, wherever they stand; then by the alignment of `passages`,
the most alike first. What is left over of the one text was cut, what is left over of the other was added. In a pair
that is not the same, the words that differ are made out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from storyfold.matching.idf import Idf
from storyfold.matching.passages import MAX_SENTENCES, aligned, sentence_spans

Span = tuple[int, int]

# The time that finding the differing words takes grows with the square of these.
MOST_WORDS = 400

_WORD = re.compile(r"\w+|[^\w\s]")


class Kind(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    CUT = "cut"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Edit:
    """`at` in the one text stands as `other` in the other: an empty span where nothing stood, or nothing stands."""

    at: Span
    other: Span


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence: `at` is None for what was added, `other` for what was cut; `alike` is from 0 to 1.

    `edits` are the words that differ; of a sentence with more than `MOST_WORDS` words they are not made out.
    """

    kind: Kind
    at: Span | None
    other: Span | None
    alike: float | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Passages in the order of the first text, what was added after what it follows in the second.

    `kept` is the share of the first text's words that stand in their place in the second, `taken` the share of the
    second's that come from the first. Not `complete`: of a long text, sentences beyond the first `MAX_SENTENCES` were
    only looked for word for word.
    """

    passages: tuple[Passage, ...]
    kept: float
    taken: float
    complete: bool


def compare(text: str, other: str, language: str, idf: Idf) -> Comparison:
    """What became of `text` in `other`."""
    mine, theirs = list(sentence_spans(text)), list(sentence_spans(other))
    pairs = _same(text, mine, other, theirs)
    taken = set(pairs.values())
    places, other_places = ({span[0]: n for n, span in enumerate(spans)} for spans in (mine, theirs))
    alike = {}
    for passage in sorted(aligned(text, other, language, idf, bound=MAX_SENTENCES), key=lambda p: -p.alike):
        here, there = places[passage.start], other_places[passage.other_start]
        if here not in pairs and there not in taken:
            pairs[here], alike[here] = there, passage.alike
            taken.add(there)
    passages = _in_order(text, mine, other, theirs, pairs, alike)
    return Comparison(
        tuple(passages),
        _share(text, mine, [(p.at, [e.at for e in p.edits]) for p in passages if p.at and p.other]),
        _share(other, theirs, [(p.other, [e.other for e in p.edits]) for p in passages if p.at and p.other]),
        complete=max(len(mine), len(theirs)) <= MAX_SENTENCES,
    )


def _same(text: str, mine: Sequence[Span], other: str, theirs: Sequence[Span]) -> dict[int, int]:
    """Sentences that are the same word for word, by their numbers; each is used once, in order."""
    waiting: dict[tuple[str, ...], list[int]] = {}
    for number in range(len(theirs) - 1, -1, -1):
        waiting.setdefault(_key(other, theirs[number]), []).append(number)
    pairs = {}
    for number, span in enumerate(mine):
        same = waiting.get(_key(text, span))
        if same:
            pairs[number] = same.pop()
    return pairs


def _in_order(
    text: str,
    mine: Sequence[Span],
    other: str,
    theirs: Sequence[Span],
    pairs: dict[int, int],
    alike: dict[int, float],
) -> list[Passage]:
    added_after: dict[int, list[Passage]] = {}
    home, taken = -1, {there: here for here, there in pairs.items()}
    for there, span in enumerate(theirs):
        if there in taken:
            home = taken[there]
        else:
            added_after.setdefault(home, []).append(Passage(Kind.ADDED, None, span))
    passages = list(added_after.get(-1, []))
    for here, span in enumerate(mine):
        if here in pairs:
            passages.append(_pair(text, span, other, theirs[pairs[here]], alike.get(here, 1.0)))
        else:
            passages.append(Passage(Kind.CUT, span, None))
        passages += added_after.get(here, [])
    return passages


def _pair(text: str, at: Span, other: str, there: Span, alike: float) -> Passage:
    if text[slice(*at)] == other[slice(*there)]:
        return Passage(Kind.SAME, at, there, 1.0)
    edits = _edits(text, at, other, there)
    return Passage(Kind.CHANGED if edits or edits is None else Kind.SAME, at, there, alike, tuple(edits or ()))


def _edits(text: str, at: Span, other: str, there: Span) -> list[Edit] | None:
    """The words that differ; None where there are too many to tell."""
    mine, theirs = _words(text, at), _words(other, there)
    if max(len(mine), len(theirs)) > MOST_WORDS:
        return None
    said, said_there = [text[slice(*word)] for word in mine], [other[slice(*word)] for word in theirs]
    matcher = SequenceMatcher(None, said, said_there, autojunk=False)
    return [
        Edit(_covering(mine, i1, i2, at[1]), _covering(theirs, j1, j2, there[1]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _covering(words: Sequence[Span], first: int, end: int, last: int) -> Span:
    """From the first word to the last of `words[first:end]`; empty before the word that comes next where none is."""
    if first < end:
        return words[first][0], words[end - 1][1]
    place = words[first][0] if first < len(words) else last
    return place, place


def _share(text: str, sentences: Sequence[Span], kept: Sequence[tuple[Span | None, Sequence[Span]]]) -> float:
    """Words of `kept` spans outside of their edits, of all words."""
    all_words = sum(_count(text, span) for span in sentences)
    words = sum(_count(text, span) - sum(_count(text, edit) for edit in edits) for span, edits in kept if span)
    return round(words / all_words, 4) if all_words else 0.0


def _count(text: str, span: Span) -> int:
    return sum(1 for word in _words(text, span) if text[word[0]].isalnum())


def _words(text: str, span: Span) -> list[Span]:
    return [match.span() for match in _WORD.finditer(text, *span)]


def _key(text: str, span: Span) -> tuple[str, ...]:
    """The words, whatever blanks stand between them."""
    return tuple(text[slice(*word)] for word in _words(text, span))
