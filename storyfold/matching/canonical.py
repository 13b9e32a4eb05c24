"""Which article speaks for a story, and why.

In this order, each only among those that the one before left:

1. **Attribution.** What other articles of the story name as their origin: a page whose rel=canonical lies on another
   site, "this article first appeared on X", a wire credit or dateline ("WASHINGTON (AP) -"), "X reported". What names
   an origin itself is a repetition, and speaks only where nothing else does: even with its origin out of reach.
2. **Earliest publication.** Where one of the times is known to the day alone, the day decides.
3. **Completeness**: the longest text.
4. Order of arrival.

Rejected: trust in a list of good sources (it would decide what is news), and the median article (it speaks for nobody).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

EDGE = 700  # characters at the start and at the end of a text where credits stand
MOST_CREDITS = 8


class Credit(IntEnum):
    """How an origin is named, weakest first."""

    REPORTED = 1
    WIRE = 2
    FIRST_APPEARED = 3
    CANONICAL = 4


@dataclass(frozen=True, slots=True)
class Attribution:
    """`name` is the origin as the text writes it, or a host for `Credit.CANONICAL`."""

    kind: Credit
    name: str


@dataclass(frozen=True, slots=True)
class Voice:
    """An article that may speak. `source` is its registrable domain or the source given; `to_the_day`: no time known.

    `canonical_url` is what its page names as its address. `id` grows in order of arrival.
    """

    id: int
    words: int
    published: datetime | None = None
    to_the_day: bool = False
    source: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    attributions: tuple[Attribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The article that speaks, and the reasons in words, the deciding one first."""

    article_id: int
    reasons: tuple[str, ...]


# A name in running text: up to five words with capitals, or a domain.
_DOMAIN = r"(?:[\w-]+\.)+(?:com|org|net|info|news|co\.[a-z]{2}|[a-z]{2})\b"
_CAPITAL = r"[^\W\d_a-zа-яёß-öø-ÿ][\w&'’.-]*"
_NAME = rf"(?P<name>{_DOMAIN}|(?:[Tt]he )?{_CAPITAL}(?: (?:of |and )?{_CAPITAL}){{0,4}})"


@dataclass(frozen=True, slots=True)
class _Wording:
    """A way to name an origin. A text, in small letters, without any of `needs` does not hold it.

    Looking for these words is quick, and most texts have none; looking for names is not.
    """

    needs: tuple[str, ...]
    pattern: re.Pattern[str]

    def names(self, text: str, small: str) -> Iterator[str]:
        """The origins that are named so; `small` is the text in small letters."""
        if any(words in small for words in self.needs):
            yield from (match["name"].strip(" .") for match in self.pattern.finditer(text))


def _wording(needs: str, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> _Wording:
    return _Wording(tuple(needs.split("|")), re.compile(pattern, flags))


_FIRST = (
    _wording(
        "first |originally ",
        rf"(?i:first|originally) (?:appeared|published|ran|posted|reported)(?: \w+){{0,3}}? (?:on|in|at|by) {_NAME}",
    ),
    _wording(
        "republished|reprinted|reposted|syndicated",
        rf"(?i:republished|reprinted|reposted|syndicated)(?: with permission)? (?:from|by) {_NAME}",
    ),
    _wording(
        "erschienen |veröffentlicht ",
        rf"(?i:zuerst|ursprünglich) (?:erschienen|veröffentlicht) (?:bei|in|auf|im) (?:der |dem )?{_NAME}",
    ),
    _wording(
        "publié |paru ",
        rf"(?i:publié|paru) (?:initialement|à l['’]origine|d['’]abord) (?:sur|dans|par) (?:le |la )?{_NAME}",
    ),
    _wording(
        "publicado |publicada ",
        rf"(?i:publicad[oa]) (?:originalmente|por primera vez) (?:en|por) {_NAME}",
    ),
    _wording("опубликован", rf"(?i:впервые|первоначально) опубликован\w* (?:в|на) [«\"]?{_NAME}"),
)
_REPORTED = (
    _wording(
        " reported| reports| was first to report", rf"{_NAME} (?:first )?(?:reported|reports|was first to report)\b"
    ),
    _wording("reported by ", rf"(?:was |were )?(?:first )?reported by {_NAME}"),
    _wording(
        "according to |as first reported by |told ",
        rf"(?:according to|as first reported by|told) (?:a report (?:in|by|from) )?{_NAME}",
    ),
    _wording(" berichtet| meldet", rf"(?:wie|berichtet) (?:die |der |das )?{_NAME} (?:berichtet|meldet)"),
    _wording("selon |d'après |d’après ", rf"(?:selon|d['’]après) (?:le |la |l['’])?{_NAME}"),
    _wording("según ", rf"según (?:el |la )?{_NAME}"),
)

# Agencies by the letters they sign with, and other names and domains of each. Only these make a dateline a credit.
_AGENCIES = {
    "afp": ("agencefrancepresse", "afp"),
    "ansa": ("ansa",),
    "ap": ("associatedpress", "theassociatedpress", "apnews", "ap"),
    "apa": ("austriapresseagentur", "apa"),
    "bloomberg": ("bloomberg", "bloombergnews"),
    "dpa": ("deutschepresseagentur", "dpa"),
    "efe": ("agenciaefe", "efe"),
    "interfax": ("interfax", "интерфакс"),
    "kyodo": ("kyodo", "kyodonews", "共同"),
    "pa": ("pressassociation", "pamedia"),
    "reuters": ("reuters", "thomsonreuters"),
    "ria": ("rianovosti", "ria", "риановости"),
    "tass": ("tass", "тасс"),
    "upi": ("unitedpressinternational", "upi"),
    "xinhua": ("xinhua", "xinhuanet", "新华社"),
}
_SIGNED = "|".join(("AFP", "ANSA", "AP", "APA", "Bloomberg", "dpa", "DPA", "EFE", "Interfax", "Kyodo", "PA", "Reuters"))
_SIGNED += "|REUTERS|RIA|TASS|ТАСС|UPI|Xinhua"
_WIRE = (
    _wording("(", rf"\((?P<name>{_SIGNED})\)\s*(?:[-–—:]|$)", re.MULTILINE),
    _wording(
        "associated press|reuters|agence france-presse",
        r"(?:^|[-–—] )(?:(?:the|The) )?(?P<name>Associated Press|Reuters|Agence France-Presse)\s*$",
        re.MULTILINE,
    ),
    _wording("新华社|共同", r"[（(](?P<name>新华社|共同)"),
)
_WORDINGS = ((Credit.FIRST_APPEARED, _FIRST), (Credit.WIRE, _WIRE), (Credit.REPORTED, _REPORTED))


def attributions(text: str, agency: str | None = None) -> tuple[Attribution, ...]:
    """The origins that a text names near its start and its end, at most `MOST_CREDITS`, strongest first.

    `agency` is a wire credit that was found elsewhere on the page (its byline, a line taken out).
    """
    edges = text if len(text) <= 2 * EDGE else f"{text[:EDGE]}\n{text[-EDGE:]}"
    found = [Attribution(Credit.WIRE, agency)] if agency else []
    small = edges.lower()
    for kind, wordings in _WORDINGS:
        found += [Attribution(kind, name) for wording in wordings for name in wording.names(edges, small)]
    distinct = dict.fromkeys(sorted(found, key=lambda a: -a.kind))
    return tuple(distinct)[:MOST_CREDITS]


ALONE = ("the only article",)
"""Why the only article of a story speaks for it."""


def speaker(voices: Sequence[Voice]) -> Choice:
    """The article that speaks for a story. Does not depend on the order of `voices`; raises `ValueError` for none."""
    if not voices:
        raise ValueError("a story without articles has nobody to speak for it")
    left = sorted(voices, key=lambda v: v.id)
    reasons: list[str] = []
    for narrow in (_most_named, _not_repeating, _earliest, _longest):
        fewer, reason = narrow(left)
        if len(fewer) < len(left):
            left = fewer
            reasons.append(reason)
    if len(left) > 1:
        reasons.append("arrived first")
    return Choice(left[0].id, tuple(reasons) or ALONE)


Narrowed = tuple[list[Voice], str]


def _most_named(voices: list[Voice]) -> Narrowed:
    """Those that the strongest kind of attribution names, and of them those that most articles name."""
    named: dict[int, dict[int, Credit]] = {}
    for voice in (v for v in voices if v.attributions or v.canonical_url not in (None, v.url)):
        for origin in voices:
            kind = _names(voice, origin)
            if kind is not None:
                named.setdefault(origin.id, {})[voice.id] = kind
    if not named:
        return voices, ""
    weight = {o: (max(by.values()), len(by)) for o, by in named.items()}
    best = max(weight.values())
    chosen = [v for v in voices if weight.get(v.id) == best]
    return chosen, f"{_WORDS[best[0]]} by {best[1]} other article{'s' if best[1] > 1 else ''}"


_WORDS = {
    Credit.REPORTED: "named as the source",
    Credit.WIRE: "credited as the agency",
    Credit.FIRST_APPEARED: "named as where it first appeared",
    Credit.CANONICAL: "named as the original page",
}


def _names(voice: Voice, origin: Voice) -> Credit | None:
    """The strongest way in which `voice` names `origin` as its origin, if any. Nobody names itself or its own house."""
    if voice.id == origin.id or (voice.source and voice.source == origin.source):
        return None
    if voice.canonical_url and voice.canonical_url == origin.url and voice.canonical_url != voice.url:
        return Credit.CANONICAL
    kinds = [a.kind for a in voice.attributions if origin.source and same_house(a.name, origin.source)]
    return max(kinds, default=None)


def _not_repeating(voices: list[Voice]) -> Narrowed:
    """Those that name no other origin in a way that makes them a repetition."""
    return [v for v in voices if not _repeats(v)] or voices, "names no other origin"


def _repeats(voice: Voice) -> bool:
    elsewhere = voice.canonical_url is not None and _host(voice.canonical_url) != _host(voice.url or "")
    strong = [a for a in voice.attributions if a.kind >= Credit.WIRE]
    return (voice.url is not None and elsewhere) or any(
        not (voice.source and same_house(a.name, voice.source)) for a in strong
    )


def _earliest(voices: list[Voice]) -> Narrowed:
    dated = [(v, v.published) for v in voices if v.published is not None]
    if not dated:
        return voices, ""
    first_day = min(p.date() for _, p in dated)
    on_it = [(v, p) for v, p in dated if p.date() == first_day]
    if any(v.to_the_day for v, _ in on_it):
        return [v for v, _ in on_it], "published on the earliest day"
    first = min(p for _, p in on_it)
    return [v for v, p in on_it if p == first], "published first"


def _longest(voices: list[Voice]) -> Narrowed:
    most = max(v.words for v in voices)
    return [v for v in voices if v.words == most], "the most complete text"


def same_house(name: str, source: str) -> bool:
    """Whether an origin as a text names it is this source (a registrable domain, or a name)."""
    return not _forms(name).isdisjoint(_forms(source))


@lru_cache(maxsize=4096)
def _forms(name: str) -> frozenset[str]:
    """The ways to write a house: without "the", spaces and its top-level domain; an agency by all its names."""
    bare = re.sub(r"\.(?:co\.)?[a-z]{2,4}$", "", name.strip().casefold())
    if bare != name.strip().casefold():
        bare = bare.rpartition(".")[2]  # of a domain the part that was registered
    letters = re.sub(r"[\W_]", "", bare)
    forms = {letters, re.sub(r"^the(?=\w{3})", "", letters)} - {""}
    for other_names in _AGENCIES.values():
        if not forms.isdisjoint(other_names):
            forms.update(other_names)
    return frozenset(forms)


def _host(url: str) -> str:
    match = re.match(r"(?i)https?://(?:www\.)?([^/:?#]+)", url)
    return match.group(1).casefold() if match else ""


def origins(voices: Iterable[Voice]) -> dict[int, tuple[str, ...]]:
    """What each article names as its origin, for showing: names as the texts write them, strongest first."""
    return {v.id: tuple(dict.fromkeys(a.name for a in v.attributions)) for v in voices if v.attributions}
