"""What is put in the place of parts of libraries does what those parts do."""

from __future__ import annotations

import re

import pytest
from justext import core as justext
from justext.paragraph import Paragraph
from lxml import html
from trafilatura import external

from storyfold.articles import libraries
from storyfold.articles.page import parse

WRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""As trafilatura writes it."""
RE = {"re": "http://exslt.org/regular-expressions"}
PARAGRAPH = "The council met on Tuesday, and it talked about the bridge that nobody in this town wants to pay for. "
PAGE = (
    f"<html><body><h1>Bridge</h1><div>{PARAGRAPH * 3}<br><br>{PARAGRAPH}</div><p>© Bridge &amp; Co</p>"
    f"<ul><li><a href='/a'>{PARAGRAPH}</a></li><li> A <b>short</b>\none </li></ul><p>{PARAGRAPH * 2}</p></body></html>"
)


@pytest.mark.parametrize("text", ["", "plain\ttext\r\n", "a\0b", "\x1f", "\ufffe", "x\uffffy", "\x7f\x85é😀", "\ud800"])
def test_what_no_tree_can_hold_is_taken_out(text: str) -> None:
    assert libraries.InvalidCharacters(WRITTEN).sub("", text) == WRITTEN.sub("", text)


def test_paragraphs_are_told_apart_as_by_justext_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries.prepared()
    quick = [(one.text, one.class_type, one.dom_path) for one in classified()]
    monkeypatch.setattr(justext, "Paragraph", Paragraph)

    assert quick == [(one.text, one.class_type, one.dom_path) for one in classified()]
    assert {"good", "bad"} <= {kind for _, kind, _ in quick}


def classified() -> list[Paragraph]:
    paragraphs: list[Paragraph] = justext.ParagraphMaker.make_paragraphs(html.fromstring(PAGE))
    justext.classify_paragraphs(paragraphs, external.JT_STOPLIST, 50, 150, 0.1, 0.2, 0.25, True)
    justext.revise_paragraph_classification(paragraphs, 150)
    return paragraphs


def test_a_path_that_was_understood_before_gives_what_it_gives() -> None:
    tree = parse(PAGE)
    assert tree is not None

    for path in ("count(//*)", ".//p//text()", "string(.//h1)"):
        assert tree.xpath(path) == tree.xpath(path) == html.fromstring(PAGE).xpath(path)
    assert [item.tag for item in tree.xpath(".//li")] == ["li", "li"]
    assert tree.xpath("//*[re:test(@href, $what)]", namespaces=RE, what="^/a$")[0].tag == "a"
