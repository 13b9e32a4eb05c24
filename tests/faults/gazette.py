"""Any number of invented reports, and what outlets make of them: copies, cuts, reprints under a lead of their own.

A report's sentences are put together at random from a few words that it has drawn for itself and from names nobody has,
so that two reports share some words and hardly a phrase, as reports of different things do. The same number gives the same report, the same copy the same page: what a reader must
make of them is known beforehand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from random import Random

import vocabulary as words

FIRST_DAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

# How many words of each kind a report draws: two reports share few of them, and hardly ever two in a row.
OWN_NOUNS, OWN_QUALITIES, OWN_DEEDS = 16, 12, 12


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
    """Writes about a place, with four people of it and words of its own."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.place = self.town()
        self.people = [f"{self.name()} {self.name()}{self.name().lower()}" for _ in range(4)]
        self.roles = {person: self.random.choice(words.ROLES) for person in self.people}
        self.nouns = self.random.sample(words.NOUNS, OWN_NOUNS)
        self.qualities = self.random.sample(words.QUALITIES, OWN_QUALITIES)
        self.deeds = self.random.sample(words.DEEDS, OWN_DEEDS)

    def name(self) -> str:
        parts = (words.ONSETS, words.VOWELS, words.CODAS)
        return "".join(self.random.choice(part) for part in parts).capitalize()

    def town(self) -> str:
        return self.name() + self.random.choice(words.PLACES)

    def thing(self) -> str:
        return f"{self.random.choice(self.qualities)} {self.random.choice(self.nouns)}"

    def object(self) -> str:
        which, what = self.random.choice(words.DETERMINERS), self.thing()
        return _with_article(what) if which == "a" else f"{which} {what}"

    def deed(self) -> str:
        return self.random.choice((self.random.choice(words.ADVERBS) + " ", "")) + self.random.choice(self.deeds)

    def person(self) -> str:
        name = self.random.choice(self.people)
        return self.random.choice((name, f"{name}, {_with_article(self.roles[name])},"))

    def circumstance(self) -> str:
        if self.random.random() < 0.5:
            return f"{self.random.choice(words.PREPOSITIONS)} {self.object()}"
        return f"{self.random.choice(words.CONNECTIVES)} {self.object()} {self.deed()} {self.object()}"

    def claim(self) -> str:
        amount = f"{self.random.randrange(12, 90000)} {self.random.choice(words.UNITS)}"
        subject = self.random.choice((self.person, self.object, self.town, lambda: amount))
        return f"{subject()} {self.deed()} {self.object()}"

    def sentence(self) -> str:
        kinds = (
            lambda: f"{self.claim()} {self.circumstance()}.",
            lambda: f"{self.circumstance()}, {self.claim()}.",
            lambda: f'"{_capital(self.claim())}," {self.random.choice(words.SAYING)} {self.person().rstrip(",")}.',
            lambda: f"{self.claim()}, {self.random.choice(words.CONNECTIVES)} {self.claim()}.",
        )
        return _capital(self.random.choice(kinds)())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def report(number: int, sentences: int = 22) -> Report:
    """The report `number`, in paragraphs of two or three sentences."""
    writer = _Writer(f"report {number}")
    headline = f"{writer.place}: {writer.thing()} {writer.deed()} {writer.thing()}"
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
        teaser = (
            f"<h3><a href='/t/{len(parts)}'>{writer.place} {writer.thing()} {writer.deed()} {writer.thing()}</a></h3>"
        )
        parts.append(
            f"<li class='teaser'><div class='card'>{teaser}<span class='meta'>{len(parts)} min</span></div></li>"
        )
    script = ";".join(f"window.q{n}=function(a){{return a*{look.random():.12f}}}" for n in range(size // 120))
    menu = "".join(f"<li><a href='/s/{n}'>{writer.name()}</a></li>" for n in range(30))
    above = f"<script>{script}</script><nav class='menu'><ul>{menu}</ul></nav>"
    return above, f"<section class='more'><h2>More news</h2><ul>{''.join(parts)}</ul></section>"
