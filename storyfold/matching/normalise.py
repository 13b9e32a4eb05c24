"""The normal form of a word: what two spellings of one word or name have in common.

Every word goes through the same form, whether or not it is a name, so that a text in lower case or in capitals still
meets the same text in mixed case. The form folds case, compatibility characters, accents, Arabic spelling variants and
article, letters of another script put among Latin ones for their looks, and, in Latin script, the letters in which
transliterations of one name differ: Zelensky, Zelenskyy, Zelenskij.
It merges a few ordinary words too ("bored", "bord"); their weight is then that of the commoner one.
"""

from __future__ import annotations

import re
import unicodedata

_LATIN_FOLDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("kh", "k"),
    ("ou", "u"),
    ("oo", "u"),
    ("y", "i"),
    ("j", "i"),
    ("w", "v"),
    ("q", "k"),
)
_DOUBLED = re.compile(r"([a-z])\1+")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,\u00a0\u202f'’])\d{3})(?:\1\d{3})*")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]")
_LATIN = re.compile("[a-z]")
_LOOKALIKES = str.maketrans("асԁеһіјӏорԛѕԝхуαικνορτυχ", "acdehijlopqswxyaikvoptux")
_ARABIC = str.maketrans("أإآٱىة", "اااايه")
_ARABIC_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=..)")


def normal_form(word: str) -> str:
    """The normal form of one word. Twice is once; the empty string stays empty."""
    if word.isascii():
        return _fold_latin(word.lower())
    folded = _MARKS.sub("", unicodedata.normalize("NFKD", word.casefold())).casefold()
    if not folded.isascii() and _LATIN.search(folded):
        folded = folded.translate(_LOOKALIKES)
    if folded.isascii():
        return _fold_latin(folded)
    if any("\u0600" <= c <= "\u06ff" for c in folded):
        return _ARABIC_ARTICLE.sub("", folded.translate(_ARABIC))
    return unicodedata.normalize("NFC", folded)


def _fold_latin(word: str) -> str:
    if not word.isalpha() and any(c.isdigit() for c in word):
        return word
    for spelling, fold in _LATIN_FOLDS:
        if spelling in word:
            word = word.replace(spelling, fold)
    return _DOUBLED.sub(r"\1", word)


def normal_figure(figure: str) -> str:
    """A number without its separators between thousands: ``1,000`` and ``1.000`` and ``1000`` meet; ``4.2`` stays."""
    if figure.isdigit():
        return figure
    whole = _THOUSANDS.fullmatch(figure)
    return re.sub(r"\D", "", figure) if whole else figure.replace(",", ".").strip(".:")
