"""Any number of invented reports, and what outlets make of them: copies, cuts, reprints under a lead of their own.

A report's sentences are put together at random from a few hundred words and from names nobody has, so that two reports
share words and hardly a phrase. The same number gives the same report, the same copy the same page: what a reader must
make of them is known beforehand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from random import Random

FIRST_DAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

_ONSETS = [
    "b",
    "br",
    "c",
    "cl",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
    "wh",
    "y",
]
_VOWELS = ["a", "e", "i", "o", "u", "ea", "ai", "oo", "ou", "ie"]
_CODAS = ["b", "ck", "d", "ff", "g", "ll", "m", "n", "nd", "nt", "p", "r", "rd", "rn", "sk", "ss", "st", "t", "th", "x"]
_ENDS = ["ham", "ley", "wick", "ford", "combe", "stead", "worth", "mere", "by", "holm", "thorpe", "bourne"]
_ROLES = [
    "warden",
    "surveyor",
    "harbour pilot",
    "head teacher",
    "bell founder",
    "ferry captain",
    "union steward",
    "magistrate",
    "beekeeper",
    "archivist",
    "stationmaster",
    "vet",
    "lock keeper",
    "choirmaster",
    "quarry owner",
    "midwife",
    "dairy farmer",
    "bus driver",
    "coroner",
    "greengrocer",
    "tax collector",
    "cartographer",
    "glazier",
    "lifeguard",
    "parish clerk",
    "librarian",
    "locksmith",
    "organist",
    "postmistress",
]
_THINGS = [
    "bridge",
    "reservoir",
    "tannery",
    "orchard",
    "lighthouse",
    "brewery",
    "signal box",
    "almshouse",
    "allotment",
    "windmill",
    "chapel",
    "tramway",
    "fish market",
    "observatory",
    "slate quarry",
    "ropewalk",
    "swimming bath",
    "grain store",
    "printing works",
    "boatyard",
    "sawmill",
    "racecourse",
    "watermeadow",
    "cannery",
    "town clock",
    "post office",
    "bandstand",
    "weighbridge",
    "dry dock",
    "hospital wing",
    "skating rink",
    "bus shelter",
    "parish register",
    "flood wall",
    "dairy",
    "youth hostel",
    "telephone exchange",
    "kiln",
    "footpath",
    "toll house",
]
_QUALITIES = [
    "derelict",
    "newly painted",
    "half finished",
    "disputed",
    "much loved",
    "overgrown",
    "leaking",
    "borrowed",
    "listed",
    "unlit",
    "narrow",
    "forgotten",
    "rented",
    "uninsured",
    "crowded",
    "flooded",
    "privately owned",
    "century old",
    "temporary",
    "draughty",
    "celebrated",
    "rusting",
    "unmapped",
    "repaired",
    "shuttered",
    "mortgaged",
    "quarrelled over",
    "badly signposted",
    "frozen",
    "prizewinning",
]
_DEEDS = [
    "gave way beneath",
    "was exchanged for",
    "has been measured against",
    "was voted above",
    "was carried past",
    "will be joined to",
    "was mistaken for",
    "has outlived",
    "was closed because of",
    "pays for",
    "was insured together with",
    "stands empty beside",
    "was built to replace",
    "drains into",
    "has been promised to",
    "was auctioned before",
    "was photographed behind",
    "will be moved nearer to",
    "was blamed for",
    "has been compared with",
    "was inherited with",
    "borders on",
    "was fenced off from",
]
_WHEN = [
    "after a night of sleet",
    "before the ballot closed",
    "while the tide was out",
    "in the week of the regatta",
    "once the scaffolding came down",
    "despite three warnings",
    "with the brass band playing",
    "under a by-law of the canal years",
    "against the advice of engineers",
    "to the relief of shopkeepers",
    "until somebody found the keys",
    "for the price of a pony",
    "as the last train left",
    "without a word to the tenants",
    "at the second attempt",
    "on a show of hands",
    "by candlelight",
    "because the pump had seized",
    "though nobody had asked",
    "in front of two hundred schoolchildren",
    "before the thaw set in",
    "after a letter went astray",
    "while its owner was abroad",
    "for the first time since the strike",
]
_OPINIONS = [
    "the sums do not add up",
    "everybody knew and nobody wrote it down",
    "it should have been done in my mother's day",
    "there is no money left for varnish",
    "you can hear it from the far bank",
    "we counted them twice",
    "the lawyers will have their dinner out of it",
    "it was never meant to bear such weight",
    "somebody has to begin",
    "the damp has got into the ledgers",
    "a coat of tar would have saved it",
    "we shall need more sandbags than that",
    "my predecessor left a drawer full of promises",
    "the geese were there before any of us",
    "it is cheaper than a funeral",
]
_UNITS = [
    "crates",
    "signatures",
    "visitors",
    "tonnes of gravel",
    "season tickets",
    "eels",
    "roof tiles",
    "pages of minutes",
    "lanterns",
]


@dataclass(frozen=True, slots=True)
class Report:
    """A report as its author handed it in."""

    number: int
    headline: str
    author: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Printing:
    """What one outlet printed of a report. `copy` 0 is the report as it was written."""

    report: int
    copy: int
    host: str
    path: str
    published: datetime


class _Writer:
    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.place = self.name() + self.random.choice(_ENDS)
        self.people = [f"{self.name()} {self.name()}{self.name().lower()}" for _ in range(4)]

    def name(self) -> str:
        parts = (_ONSETS, _VOWELS, _CODAS)
        return "".join(self.random.choice(part) for part in parts).capitalize()

    def role(self) -> str:
        return _with_article(self.random.choice(_ROLES))

    def thing(self) -> str:
        return f"{self.random.choice(_QUALITIES)} {self.random.choice(_THINGS)}"

    def sentence(self) -> str:
        pick, number = self.random.choice, self.random.randrange
        kinds = (
            lambda: f"The {self.thing()} in {self.place} {pick(_DEEDS)} the {self.thing()} {pick(_WHEN)}.",
            lambda: f"{pick(self.people)}, {self.role()}, said the {self.thing()} {pick(_DEEDS)} the {self.thing()}.",
            lambda: f'"I say {pick(_OPINIONS)}, and {pick(_OPINIONS)}," said {pick(self.people)} {pick(_WHEN)}.',
            lambda: (
                f"Some {number(12, 9000)} {pick(_UNITS)} were counted at the {self.thing()} {pick(_WHEN)}, "
                f"{number(3, 900)} more than in {number(1890, 2024)}."
            ),
            lambda: (
                f"{pick(_WHEN).capitalize()}, {self.role()} from {self.name()}{pick(_ENDS)} offered "
                f"£{number(11, 990)},{number(100, 999)} for the {self.thing()}."
            ),
        )
        return pick(kinds)()


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def report(number: int, sentences: int = 22) -> Report:
    """The report `number`, in paragraphs of two or three sentences."""
    writer = _Writer(f"report {number}")
    headline = f"{writer.place}: {writer.thing()} {writer.random.choice(_DEEDS)} {writer.thing()}"
    said = [writer.sentence() for _ in range(sentences)]
    paragraphs: list[str] = []
    while said:
        take = writer.random.choice((2, 3))
        paragraphs.append(" ".join(said[:take]))
        said = said[take:]
    return Report(number, headline, writer.people[0], tuple(paragraphs))


def printed(printing: Printing, sentences: int = 22) -> Report:
    """What the outlet made of it: the report, the same again, cut behind the middle, or under a lead of its own."""
    made = report(printing.report, sentences)
    if printing.copy % 3 == 1:
        kept = made.paragraphs[: -(len(made.paragraphs) // 4)]
        return Report(made.number, made.headline, made.author, kept)
    if printing.copy % 3 == 2:
        own = _Writer(f"lead {printing.report} {printing.copy}")
        return Report(made.number, made.headline, made.author, (own.sentence(), *made.paragraphs))
    return made


def printings(links: int, *, hosts: int, copied: float = 0.4, seed: int = 1) -> Iterator[Printing]:
    """So many links, spread over so many hosts of 127/8; of all of them a share of `copied` print another's report.

    Copies follow in the next hours, each on a host of its own.
    """
    random = Random(seed)
    copies: dict[int, int] = {}
    for place in range(links):
        if copies and random.random() < copied:
            number = random.choice(list(copies)[-40:])
            copies[number] += 1
        else:
            number = len(copies)
            copies[number] = 0
        host = (number * 7 + copies[number]) % hosts
        published = FIRST_DAY + timedelta(minutes=place)
        path = f"/{published:%Y/%m/%d}/{number}-{copies[number]}.html"
        yield Printing(number, copies[number], f"127.{1 + host // 250}.0.{1 + host % 250}", path, published)


def page(printing: Printing, url: str, *, sentences: int = 22, furniture: int = 0) -> str:
    """The page of it, in the look of its host, with about `furniture` bytes of what stands around an article."""
    made = printed(printing, sentences)
    look = Random(f"look {printing.host}")
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": made.headline,
        "datePublished": printing.published.isoformat(),
        "author": {"@type": "Person", "name": made.author},
        "mainEntityOfPage": url,
    }
    body = "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in made.paragraphs)
    wrap = look.choice(("article-body", "story__text", "entry-content", "post-content"))
    around = _furniture(look, furniture)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(made.headline)}</title>
<link rel="canonical" href="{url}"><meta property="og:type" content="article">
<script type="application/ld+json">{json.dumps(linked)}</script></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav></header>{around[0]}
<main><article><h1>{escape(made.headline)}</h1>
<p class="byline">By {made.author}, {printing.published:%-d %B %Y}</p>
<div class="{wrap}">{body}</div></article></main>{around[1]}
<footer><p>Printed at {printing.host}. All rights reserved.</p></footer></body></html>"""


def _furniture(look: Random, size: int) -> tuple[str, str]:
    """What stands above and below: menus, scripts, styles, teasers, comments, as real pages have."""
    if size == 0:
        return "", ""
    writer = _Writer(f"furniture {look.random()}")
    parts: list[str] = []
    while sum(map(len, parts)) < size * 0.6:
        teaser = f"<h3><a href='/t/{len(parts)}'>{writer.place} {writer.thing()} {look.choice(_DEEDS)} {writer.thing()}</a></h3>"
        parts.append(
            f"<li class='teaser'><div class='card'>{teaser}<span class='meta'>{len(parts)} min</span></div></li>"
        )
    script = ";".join(f"window.q{n}=function(a){{return a*{look.random():.12f}}}" for n in range(size // 120))
    menu = "".join(f"<li><a href='/s/{n}'>{writer.name()}</a></li>" for n in range(30))
    above = f"<script>{script}</script><nav class='menu'><ul>{menu}</ul></nav>"
    return above, f"<section class='more'><h2>More news</h2><ul>{''.join(parts)}</ul></section>"
