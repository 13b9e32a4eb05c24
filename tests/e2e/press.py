"""The press of an invented county: what its outlets write, and the pages and feeds they put it in.

The texts are in `press/`, the headline in the first line. Each outlet has a look of its own, with the furniture such
pages have: navigation, consent, newsletters, related links, share buttons, comments, footers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path

TEXTS = Path(__file__).parent / "press"
BLOGGER_JUNK = ("Header Ads", "No comments", "Powered by Blogger.")


@dataclass(frozen=True)
class Written:
    """A text as its author handed it in."""

    headline: str
    paragraphs: tuple[str, ...]

    @property
    def html(self) -> str:
        return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in self.paragraphs)


@dataclass(frozen=True)
class Entry:
    """A feed's word of an article."""

    url: str
    title: str
    published: datetime


def written(name: str) -> Written:
    """The text `press/{name}.txt`."""
    headline, *paragraphs = (TEXTS / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    return Written(headline, tuple(paragraphs))


def courier_page(text: Written, published: datetime, url: str) -> str:
    """The Brackwell Courier: a town paper on a modern system, with JSON-LD."""
    linked_data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": text.headline,
        "datePublished": published.isoformat(),
        "author": {"@type": "Person", "name": "Nerys Holloway"},
        "publisher": {"@type": "NewsMediaOrganization", "name": "The Brackwell Courier"},
        "mainEntityOfPage": url,
    }
    return f"""<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(text.headline)} | The Brackwell Courier</title>
<link rel="canonical" href="{url}"><meta property="og:type" content="article">
<meta property="og:title" content="{escape(text.headline)}">
<meta property="og:site_name" content="The Brackwell Courier">
<script type="application/ld+json">{json.dumps(linked_data)}</script>
<style>.c{{color:#222}}</style></head>
<body class="article-page">
<div id="consent" role="dialog"><p>We value your privacy. We and our 214 partners store and read information on your
device.</p><button>Accept all</button><button>Manage options</button></div>
<header><a href="/">The Brackwell Courier</a><nav><ul>
<li><a href="/news">News</a></li><li><a href="/sport">Sport</a></li>
<li><a href="/whats-on">What's on</a></li><li><a href="/notices">Public notices</a></li></ul></nav></header>
<main><article><h1>{escape(text.headline)}</h1>
<div class="byline">By <a rel="author" href="/staff/nerys-holloway">Nerys Holloway</a>
<time datetime="{published.isoformat()}">{published:%-d %B %Y, %H:%M}</time></div>
<ul class="share"><li><a href="#">Share on Facebook</a></li><li><a href="#">Copy link</a></li></ul>
<div class="article-body">
{text.html}
</div>
<aside class="newsletter"><h2>Get the Courier in your inbox</h2><p>Sign up to our free morning briefing.</p></aside>
<section class="related"><h2>Read next</h2><ul><li><a href="/news/bus-lane">Bus lane fines to be refunded</a></li>
<li><a href="/news/weir">Weir repairs held up by nesting grebes</a></li></ul></section></article></main>
<footer><p>&copy; 2025 Arle Newspapers Ltd. All rights reserved.</p>
<a href="/terms">Terms</a> <a href="/contact">Contact us</a></footer></body></html>"""


def herald_page(text: Written, published: datetime, url: str) -> str:
    """The Arle Valley Herald: a weekly on WordPress."""
    return f"""<!DOCTYPE html>
<html lang="en-US"><head><meta charset="UTF-8"><title>{escape(text.headline)} - Arle Valley Herald</title>
<meta name="generator" content="WordPress 6.7"><link rel="canonical" href="{url}">
<meta property="article:published_time" content="{published.isoformat()}"></head>
<body class="post-template-default single single-post">
<a class="skip-link" href="#content">Skip to content</a>
<div id="masthead"><p class="site-title"><a href="/">Arle Valley Herald</a></p>
<div class="menu"><ul><li><a href="/">Home</a></li><li><a href="/category/villages/">Villages</a></li>
<li><a href="/category/farming/">Farming</a></li></ul></div></div>
<div id="content"><article class="post type-post status-publish hentry category-news">
<header class="entry-header"><h1 class="entry-title">{escape(text.headline)}</h1>
<div class="entry-meta">Posted on <time class="entry-date published" datetime="{published.isoformat()}">\
{published:%B %-d, %Y}</time> by <span class="author vcard">Gareth Pym</span></div></header>
<div class="entry-content">
{text.html}
<div class="sharedaddy"><h3>Share this:</h3><ul><li><a href="?share=x">Click to share on X</a></li></ul></div>
</div><footer class="entry-footer">Posted in <a href="/category/news/">News</a></footer></article>
<nav class="post-navigation"><a rel="prev" href="/show-dates">Show dates announced</a></nav>
<div id="respond"><h3>Leave a Reply</h3><p>Your email address will not be published.</p>
<form><textarea name="comment"></textarea><input type="submit" value="Post Comment"></form></div></div>
<aside id="secondary"><section class="widget"><h2>Recent Posts</h2><ul><li><a href="/lambing">Late snow hits lambing</a>
</li></ul></section></aside><footer>Proudly powered by WordPress</footer></body></html>"""


def blogger_page(text: Written, published: datetime) -> str:
    """A blog that takes other people's texts, on Blogger, with the gadgets of an old theme."""
    return f"""<!DOCTYPE html>
<html dir='ltr' xmlns='http://www.w3.org/1999/xhtml' xmlns:b='http://www.google.com/2005/gml/b'><head>
<meta content='text/html; charset=UTF-8' http-equiv='Content-Type'/><meta content='blogger' name='generator'/>
<title>{escape(text.headline)} ~ Northshire Now</title></head>
<body><div id='outer-wrapper'>
<div class='section' id='header-ads'><div class='widget HTML'><h2 class='title'>Header Ads</h2>
<div class='widget-content'>Header Ads</div></div></div>
<div class='header section'><h1 class='title'><a href='/'>Northshire Now</a></h1></div>
<div id='main'><div class='blog-posts hfeed'><h2 class='date-header'><span>{published:%A, %B %-d, %Y}</span></h2>
<div class='post hentry uncustomized-post-template'><h3 class='post-title entry-title'>{escape(text.headline)}</h3>
<div class='post-body entry-content'>
{text.html}
<div style='clear: both;'></div></div>
<div class='post-footer'>Posted by <span class='fn'>Admin</span> at <abbr class='published' \
title='{published.isoformat()}'>{published:%H:%M}</abbr>
<div class='post-share-buttons'><a href='#'>Email This</a> <a href='#'>BlogThis!</a></div></div></div>
<div class='comments' id='comments'><h4>No comments:</h4><p class='comment-footer'>Post a Comment</p></div></div>
<div class='blog-pager'><a href='/older'>Older Post</a> <a href='/'>Home</a></div></div>
<div class='sidebar section'><h2>Popular Posts</h2><ul><li><a href='/a'>Ten walks near the coast</a></li></ul></div>
<div class='footer section'><div class='widget Attribution'>Powered by <a href='https://blogger.example'>Blogger</a>.</div>
<p>Powered by Blogger.</p></div></div></body></html>"""


def digest_page(text: Written, published: datetime) -> str:
    """Northshire Digest: a regional round-up with a hand-made page, dated to the day."""
    return f"""<html><head><title>{escape(text.headline)} - Northshire Digest</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="date" content="{published:%Y-%m-%d}"></head>
<body bgcolor="#ffffff"><div id="top"><b>Northshire Digest</b> | <a href="/">Front page</a> |
<a href="/weather">Weather</a> | <a href="/tides">Tides</a></div>
<div id="left"><h1>{escape(text.headline)}</h1><small>{published:%d/%m/%Y}</small>
{text.html}
<p><a href="/">Back to the front page</a></p></div>
<div id="right"><b>Most read</b><br><a href="/1">Lorry sheds its load of turnips</a><br>
<a href="/2">Pier opens again</a></div></body></html>"""


def front_page(entries: Sequence[Entry]) -> str:
    """A front page: headlines, and no article."""
    teasers = "\n".join(
        f'<li><a href="{entry.url}">{escape(entry.title)}</a></li>' for entry in entries for _ in range(4)
    )
    return f"""<!doctype html><html lang="en"><head><title>News | The Brackwell Courier</title></head><body>
<header><nav><a href="/">Home</a> <a href="/news">News</a></nav></header><main><h1>News</h1><ul>{teasers}</ul>
<a href="/news?page=2">Older stories</a></main><footer>&copy; 2025 Arle Newspapers Ltd</footer></body></html>"""


def rss(title: str, home: str, entries: Sequence[Entry]) -> str:
    items = "\n".join(
        f"<item><title>{escape(entry.title)}</title><link>{escape(entry.url)}</link>"
        f'<guid isPermaLink="true">{escape(entry.url)}</guid>'
        f"<pubDate>{format_datetime(entry.published)}</pubDate></item>"
        for entry in entries
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>{escape(title)}</title><link>{home}</link><description>Local news</description>
{items}</channel></rss>"""


def atom(title: str, home: str, entries: Sequence[Entry]) -> str:
    newest = max(entry.published for entry in entries)
    items = "\n".join(
        f"<entry><title>{escape(entry.title)}</title><link href='{escape(entry.url)}'/><id>{escape(entry.url)}</id>"
        f"<published>{entry.published.isoformat()}</published><updated>{entry.published.isoformat()}</updated></entry>"
        for entry in entries
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(title)}</title><link href="{home}"/><id>{home}</id>
<updated>{newest.isoformat()}</updated>
{items}</feed>"""
