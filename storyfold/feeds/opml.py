"""OPML: lists of feeds as people carry them from one reader to another (http://opml.org/spec2.opml).

What is read is written again the same: address, title, home page, folders and whatever other attributes an outline
has, in the order of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from storyfold.errors import BadInput

MAX_DEPTH = 50
_OWN = {"title", "xmlUrl", "xmlurl", "htmlUrl"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """One feed of a list. `folders` leads from the outermost to the one it stands in."""

    url: str
    title: str | None = None
    home_url: str | None = None
    folders: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    """Other attributes of its outline (``description``, ``language``, ``category``, …)."""


def read_opml(data: bytes) -> list[OpmlFeed]:
    """The feeds of an OPML file, in its order. Raises `BadInput` for what is none.

    Entities and external documents are not resolved, broken XML is read as far as it goes.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput(f"this is no OPML file: {error}") from error
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise BadInput("this is no OPML file: it has to begin with <opml>")
    body = root.find("body")
    return list(_feeds(body if body is not None else root, ()))


def write_opml(feeds: Iterable[OpmlFeed], *, title: str, now: datetime) -> bytes:
    """An OPML 2.0 file of `feeds`, in UTF-8. What XML cannot carry (control characters) is left out."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _clean(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    open_folders: list[tuple[str, etree._Element]] = []
    for feed in feeds:
        parent = _folder(body, open_folders, feed.folders)
        etree.SubElement(parent, "outline", _outline(feed))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _feeds(parent: etree._Element, folders: tuple[str, ...]) -> Iterable[OpmlFeed]:
    for outline in parent.iterchildren("outline"):
        attributes = {str(name): str(value) for name, value in outline.attrib.items()}
        url = attributes.get("xmlUrl", attributes.get("xmlurl", "")).strip()
        name = attributes.get("title") or attributes.get("text") or ""
        if url:
            others = {key: value for key, value in attributes.items() if _says_more(key, value, name)}
            yield OpmlFeed(url, name or None, attributes.get("htmlUrl") or None, folders, others)
        if len(folders) < MAX_DEPTH:
            yield from _feeds(outline, folders if url else (*folders, name))


def _folder(
    body: etree._Element, open_folders: list[tuple[str, etree._Element]], folders: tuple[str, ...]
) -> etree._Element:
    """The element of the innermost folder; neighbours share theirs, so that the order of the feeds is kept."""
    shared = 0
    while shared < min(len(open_folders), len(folders)) and open_folders[shared][0] == folders[shared]:
        shared += 1
    del open_folders[shared:]
    for name in folders[shared:]:
        parent = open_folders[-1][1] if open_folders else body
        open_folders.append((name, etree.SubElement(parent, "outline", text=_clean(name))))
    return open_folders[-1][1] if open_folders else body


def _outline(feed: OpmlFeed) -> dict[str, str]:
    title = feed.title or ""
    own = {"type": "rss", "text": title, "title": title, "xmlUrl": feed.url, "htmlUrl": feed.home_url or ""}
    others = {key: value for key, value in feed.attributes.items() if _says_more(key, value, title)}
    return {key: _clean(value) for key, value in (own | others).items() if value or key == "text"}


def _says_more(key: str, value: str, title: str) -> bool:
    """Whether an attribute carries something that no field of `OpmlFeed` does (a `text` beside another `title`)."""
    if key in {"type", "text"}:
        return bool(value) and value != ("rss" if key == "type" else title)
    return bool(_NAME.fullmatch(key)) and key not in _OWN


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
