"""Hostile pages and texts, made from a number: the same number always makes the same one."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHARSETS = (
    *("utf-8", "utf-16", "utf-16le", "utf-32", "utf-7", "iso-8859-1", "iso-8859-15", "windows-1251", "windows-1252"),
    *("koi8-r", "gb2312", "gb18030", "big5", "euc-jp", "shift_jis", "iso-2022-jp", "euc-kr", "hz", "macintosh"),
    *("x-user-defined", "base64", "idna", "unicode_escape", "rot13", "zip", "none-such", ""),
)
INVENTED = (
    b"<!doctype html><html lang=en><head><meta charset=utf-8><title>Bridge reopens | Lindow Post</title>"
    b'<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bridge reopens", '
    b'"datePublished": "2024-02-03T10:00:00+01:00", "author": [{"name": "Ada Moor"}]}</script></head>'
    b"<body><nav><a href=/>Home</a></nav>"
    b"<article><h1>Bridge reopens</h1><p>The bridge over the Lind was opened again on Saturday after two years of "
    b"work, to the sound of both town bands.</p><ul><li>Cost: nine million</li><li>Length: 212 metres</li></ul>"
    b"<p>Traffic will be limited to one lane until the summer, the council said in a statement.</p></article>"
    b"<footer>Powered by nobody</footer></body></html>"
)
WORDS = (
    "<",
    ">",
    "&",
    "\0",
    "\ud800",
    "\udfff",
    "\u202e",
    "\ufeff",
    "e\u0301",
    "\u2028",
    "&#0;",
    "&#xD800;",
    "]]>",
    "<!--",
    "😀",
)
VALUES = (
    *("null", "[]", "{}", "1e999", '"\\ud800"', '"9999-12-31T23:59:60Z"', '"0000-00-00"', "[" * 3000, '"x"' * 99),
    *('{"@graph":[', '"Sat, 99 Feb 2024"', '"2024-02-30T25:61+99:99"', '["a", {"name": [1]}, null]', '{"name": {}}'),
)
ADDRESSES = ("http://[", "//", "javascript:1", "http://a:99999/", " ", "\ud800", "/b", "http://lindow.example/c")
LARGE_EVERY = 1000
"""One item in so many is a large one: those take seconds each."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A page's bytes with its content type, or a text."""

    kind: str
    body: bytes = b""
    content_type: str | None = None
    text: str | None = None


@cache
def _pages(folder: Path | None) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*/*.html.gz"))) if folder else ()


def hostile(number: int, folder: Path | None) -> Hostile:
    """Item `number`; `folder` has real pages to mutate, an invented one is mutated where it is None."""
    dice = random.Random(number)
    if number % LARGE_EVERY == LARGE_EVERY - 1:
        return _large(dice, number // LARGE_EVERY)
    make = dice.choices((_mutated, _random_bytes, _hostile_text, _hostile_data, _odd_markup), (60, 12, 12, 8, 8))[0]
    return make(dice, _page(dice, folder))


def _page(dice: random.Random, folder: Path | None) -> bytes:
    pages = _pages(folder)
    return gzip.decompress(dice.choice(pages).read_bytes()) if pages else INVENTED


def _mutated(dice: random.Random, page: bytes) -> Hostile:
    body = bytearray(page)
    for _ in range(dice.randint(1, 30)):
        at, length = dice.randrange(len(body) + 1), dice.choice((1, 4, 50, 1000))
        change = dice.randrange(5)
        if change == 0:
            del body[at : at + length]
        elif change == 1:
            body[at:at] = dice.randbytes(length)
        elif change == 2:
            body[at:at] = body[dice.randrange(len(body) + 1) :][:length]
        elif change == 3:
            body[at:at] = dice.choice(WORDS).encode("utf-8", "surrogatepass") * dice.randint(1, 20)
        else:
            body[at : at + length] = bytes(length)
    declared = dice.choice((None, "text/html", f"text/html; charset={dice.choice(CHARSETS)}"))
    return Hostile("mutated", bytes(body[: dice.choice((len(body), len(body) // 2))]), declared)


def _random_bytes(dice: random.Random, _: bytes) -> Hostile:
    charset = dice.choice(CHARSETS)
    noise = dice.randbytes(dice.choice((0, 1, 100, 20_000)))
    body = b"<html><head><meta charset=" + charset.encode() + b"><title>" + noise[:50] + b"</title><body><p>" + noise
    return Hostile(
        "random", dice.choice((body, noise)), dice.choice((None, f"text/html;charset={charset}", "text/plain"))
    )


def _hostile_text(dice: random.Random, page: bytes) -> Hostile:
    parts = [*WORDS, "Read more", "No comments", "A sentence about the weather in Lindow.\n", "\n\n", "\r", "a" * 5000]
    text = "".join(dice.choice(parts) for _ in range(dice.randint(0, 400)))
    return Hostile("text", text=dice.choice((text, page.decode("utf-8", "surrogateescape")[:50_000])))


def _hostile_data(dice: random.Random, _: bytes) -> Hostile:
    fields = ("headline", "author", "datePublished", "dateModified", "publisher", "image", "articleBody", "@graph")
    data = ",".join(f'"{field}": {dice.choice(VALUES)}' for field in fields)
    script = f'<script type="application/ld+json">{{"@type":"NewsArticle",{data}}}</script>'
    link = f'<link rel=canonical href="{dice.choice(ADDRESSES)}">'
    head = f'<meta property="article:published_time" content={dice.choice(VALUES)}>'
    page = INVENTED.decode().replace("</head>", script + link + head + "</head>")
    return Hostile("data", page.encode("utf-8", "surrogatepass"), "text/html; charset=utf-8")


def _odd_markup(dice: random.Random, _: bytes) -> Hostile:
    tag = dice.choice(("div", "p", "a", "table", "ul", "b", "form", "svg", "template", "select", "font"))
    shapes = (
        f"<{tag}>" * dice.randint(1, 3000),
        f"<{tag} " + "a=1 " * 20_000 + ">x",
        f"<{tag} class='{'newsletter ' * 5000}'>x</{tag}>" * 5,
        f"<p>x<{tag}>y</p>" * 2000,
        "<!--" * 5000 + "-->" * 10,
        "<p>" + "&amp;" * 100_000 + "&#x110000;&#-1;",
        "<![CDATA[" * 1000 + "<html><body><p>x",
        "<frameset><frame src=x></frameset>",
        "<script>" + "<p>" * 1000,
    )
    return Hostile("odd", f"<html><body>{dice.choice(shapes)}".encode(), "text/html")


def _large(dice: random.Random, which: int) -> Hostile:
    tag = dice.choice(("div", "b", "table", "ul", "blockquote"))
    shapes = (
        lambda: b"<html><body>" + f"<{tag}>".encode() * (10_000_000 // (len(tag) + 2)),
        lambda: b"<html><body><table>" + b"<tr><td>1</td></tr>" * 1_000_000,
        lambda: b"<html><body>" + b"<p>A sentence that says little, over and over again.</p>\n" * 100_000,
        lambda: b"<html><body><p>" + b"word " * 2_000_000,
        lambda: b"<html><body>" + dice.randbytes(10_000_000),
        lambda: b"<html><body>" + b"<a href=/x>link to a page</a>" * 300_000,
        lambda: b"\0" * 50_000_000,
        lambda: INVENTED * 20_000,
    )
    if which % (len(shapes) + 1) == len(shapes):
        return Hostile("large text", text="Read more about it.\n" * 2_500_000)
    return Hostile("large", shapes[which % (len(shapes) + 1)](), "text/html")
