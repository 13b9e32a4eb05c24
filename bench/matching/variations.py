"""Variations of labelled pairs, so that the relation model does not learn what only this data has.

Lengths: rewrites in it are short and the articles they must be told from are long. A model that is shown only those
learns that short means rewritten. So each kind is also shown at the other's length: unrelated and same-event pairs cut
down, rewrites cut down further or joined to longer texts (several one after the other, against their sources in the
same order). And all kinds are shown as short items of a few sentences, of which the data has hardly any.

Words: most of its rewrites are by one model that keeps close to its source. Weaker models, and those told to, change
more. So pairs of every kind are also shown with ordinary words of one text changed for others at random, sentences
dropped and sentences moved.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence

from pairs import Corpus, Pairs, positives, same_events, strangers

from storyfold.matching.features import features
from storyfold.matching.fingerprint import Fingerprint, fingerprint

Pair = tuple[int, int]
SHORT = (25, 100)  # words
DROPPED, MOVED = 0.12, 0.1  # shares of sentences
CHANGED = (0.05, 0.4)  # least and greatest share of ordinary words changed


def varied(corpus: Corpus, seed: int = 1) -> Pairs:
    """Variations of length."""
    rng = random.Random(seed)
    found = Pairs()
    lengths = _lengths(corpus)
    _cut_negatives(found, corpus, rng, lengths)
    _cut_positives(found, corpus, rng)
    _joined(found, corpus, rng)
    return found


def perturbed(corpus: Corpus, seed: int = 3) -> Pairs:
    """Variations of wording."""
    rng = random.Random(seed)
    words = [w for row in corpus.rows[::40] for w in row.text.split() if _ordinary(w)]
    lengths = _lengths(corpus)
    found = Pairs()
    for i, j in rng.sample(positives(corpus), 2700):
        _add_perturbed(found, corpus, rng, words, (i, j), 1)
    for i, j in [*same_events(corpus) * 3, *strangers(corpus, rng, 1200)]:
        _add_perturbed(found, corpus, rng, words, (i, j), 0, lengths)
    return found


def shortened(corpus: Corpus, seed: int = 4) -> Pairs:
    """The beginnings of both texts of a pair, a few sentences long."""
    rng = random.Random(seed)
    alike = [(pair, 1, "rewrite-short") for pair in rng.sample(positives(corpus), 1200)]
    events = [(pair, 0, "event-short") for pair in same_events(corpus) * 3]
    others = [(pair, 0, "other-short") for pair in strangers(corpus, rng, 1200)]
    found = Pairs()
    for (i, j), label, kind in [*alike, *events, *others]:
        size = rng.randint(*SHORT)
        a, b = (_print(_cut(corpus.rows[x].text, round(size * rng.uniform(0.8, 1.2)))) for x in (i, j))
        found.add(features(a, [b], corpus.idf)[0], label, 1.0, corpus.touched(i, j), kind)
    return found


def _add_perturbed(
    found: Pairs,
    corpus: Corpus,
    rng: random.Random,
    words: Sequence[str],
    pair: Pair,
    label: int,
    lengths: Sequence[int] = (),
) -> None:
    """One pair, the wording of either changed; where `lengths` are given, cut to one of them first."""
    i, j = pair if rng.random() < 0.5 else (pair[1], pair[0])
    text, other = corpus.rows[i].text, corpus.rows[j].text
    if lengths:
        text = _cut(text, rng.choice(lengths))
        other = _cut(other, rng.choice(lengths)) if rng.random() < 0.5 else other
    row = features(_print(reworded(text, rng, words)), [_print(other)], corpus.idf)[0]
    found.add(row, label, 1.0, corpus.touched(i, j), "rewrite-perturbed" if label else "other-perturbed")


def reworded(text: str, rng: random.Random, words: Sequence[str]) -> str:
    """The text with sentences dropped and moved, and ordinary words changed for some of `words`."""
    share = rng.uniform(*CHANGED)
    sentences = re.split(r"(?<=[.!?])\s+", text)
    sentences = [s for s in sentences if rng.random() > DROPPED] or sentences
    for n in range(len(sentences) - 1):
        if rng.random() < MOVED:
            sentences[n], sentences[n + 1] = sentences[n + 1], sentences[n]
    changed = (rng.choice(words) if _ordinary(w) and rng.random() < share else w for s in sentences for w in s.split())
    return " ".join(changed)


def _ordinary(word: str) -> bool:
    return len(word) > 3 and word.isalpha() and word.islower()


def _lengths(corpus: Corpus) -> list[int]:
    rewrites = (r for r in corpus.rows if r.style.startswith(("reframed", "paraphrase", "rewrite")))
    return [len(r.text.split(" ")) for r in rewrites]


def _cut(text: str, words: int, start: int = 0) -> str:
    return " ".join(text.split(" ")[start : start + words])


def _print(text: str) -> Fingerprint:
    return fingerprint(text, title=None, language="en", published=None)


def _cut_negatives(found: Pairs, corpus: Corpus, rng: random.Random, lengths: Sequence[int]) -> None:
    events = [(i, j, "event-cut") for i, j in same_events(corpus) * 3]
    others = [(i, j, "other-cut") for i, j in strangers(corpus, rng, 4000)]
    for i, j, kind in [*events, *others]:
        a, b = (_print(_cut(corpus.rows[x].text, rng.choice(lengths))) for x in (i, j))
        found.add(features(a, [b], corpus.idf)[0], 0, 2.0, corpus.touched(i, j), kind)


def _cut_positives(found: Pairs, corpus: Corpus, rng: random.Random) -> None:
    """One of the two loses its end, as summaries and broken-off rewrites do."""
    pairs = positives(corpus)
    for i, j in rng.sample(pairs, min(2500, len(pairs))):
        whole, cut = (i, j) if rng.random() < 0.5 else (j, i)
        size = len(corpus.rows[cut].text.split(" "))
        short = _print(_cut(corpus.rows[cut].text, max(60, int(size * rng.uniform(0.4, 0.9)))))
        row = features(short, [corpus.prints[whole]], corpus.idf)[0]
        found.add(row, 1, 0.5, corpus.touched(i, j), "rewrite-cut")


def _joined(found: Pairs, corpus: Corpus, rng: random.Random) -> None:
    """Long rewrites: two to four of one collection one after the other, against their counterparts."""
    by_source: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for i, j in positives(corpus):
        by_source["+".join(sorted(corpus.touched(i, j)))].append((i, j))
    for pairs in by_source.values():
        for _ in range(min(900, len(pairs))):
            chosen = rng.sample(pairs, min(len(pairs), rng.choice((2, 3, 3, 4))))
            if rng.random() < 0.5:
                chosen = [(j, i) for i, j in chosen]
            a = _print("\n".join(corpus.rows[i].text for i, _ in chosen))
            b = _print("\n".join(corpus.rows[j].text for _, j in chosen))
            touched = corpus.touched(*(x for pair in chosen for x in pair))
            found.add(features(a, [b], corpus.idf)[0], 1, 1.0, touched, "rewrite-joined")


def _cut(text: str, words: int) -> str:
    return " ".join(text.split(" ")[:words])


def _print(text: str) -> Fingerprint:
    return fingerprint(text, title=None, language="en", published=None)
