"""The main text is that of `trafilatura.bare_extraction`, by a shorter way."""

from __future__ import annotations

import pytest
from trafilatura import bare_extraction

from storyfold.articles import cascade
from storyfold.articles.page import main_text, parse

SENTENCE = "The council of Marlow met on Tuesday, and it talked about the bridge that nobody wants to pay for{}. "
PARAGRAPHS = "".join(f"<p>{(SENTENCE * 3).format(n, n + 1, n + 2)}</p>" for n in range(0, 36, 3))
SHORT = f"<p>{SENTENCE.format('')}</p>"
LINKS = "".join(f'<li><a href="/{n}">Another town builds another bridge, number {n}</a></li>' for n in range(120))
ROWS = "".join(f"<tr><td>{SENTENCE.format(n)}</td><td>{n}</td></tr>" for n in range(9))
COMMENTS = "".join(f'<div class="comment-body"><p>I never liked that bridge {n}</p></div>' for n in range(9))
FORUM = '<script type="application/ld+json">{"@type": "DiscussionForumPosting"}</script>'

PAGES = {
    "plain": f"<article>{PARAGRAPHS}</article>",
    "links around it": f"<nav><ul>{LINKS}</ul></nav><article>{PARAGRAPHS}</article><ul>{LINKS}</ul>",
    "repeated paragraph": f"<article>{PARAGRAPHS}<p>{SENTENCE.format(1)}</p><p>{SENTENCE.format(1)}</p></article>",
    "text outside the frame": f"<article>{SHORT}</article><div>{PARAGRAPHS}</div>",
    "no paragraphs": f"<div class='story'>{PARAGRAPHS.replace('<p>', '').replace('</p>', '<br><br>')}</div>",
    "only a table": f"<article><table>{ROWS}</table></article>",
    "short on a long page": f"<ul>{LINKS}</ul><article>{SHORT}{SHORT.replace('met', 'sat')}{SHORT * 2}</article>{LINKS}",
    "comments": f"<article>{PARAGRAPHS}</article><div id='comments'>{COMMENTS}</div>",
    "forum": f"{FORUM}<article>{PARAGRAPHS}</article><div id='comments'>{COMMENTS}</div>",
    "further articles": f"<h1>Bridge</h1><article>{PARAGRAPHS}</article><div class='infinite-scroll'>{PARAGRAPHS}</div>",
    "unclean": f"<article>{PARAGRAPHS}<blockquote><p>{SENTENCE.format(2)}<button>Buy</button></p></blockquote></article>",
    "raw text": f"<article>{PARAGRAPHS}</article><xmp><p>{SENTENCE.format('') * 40}</p></xmp>",
    "empty title": f"<svg><title></title></svg><article>{PARAGRAPHS}</article>",
    "code": f"<article>{PARAGRAPHS}<pre>  a<br>   <br>  b</pre><div><br>   </div></article>",
    "nothing but a line": "<div>Bridge</div>",
    "nothing": "",
    "long beside a stub": f"<article>{SHORT * 3}</article><div class='elsewhere'>{PARAGRAPHS * 3}</div>",
    "scripts": f"<script>{'x = 1; ' * 5000}</script><article>{PARAGRAPHS}</article><style>{'p {} ' * 900}</style>",
}


def page(body: str) -> str:
    return f"<html><head><title>Bridge</title></head><body>{body}</body></html>"


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_the_text_is_the_librarys(body: str) -> None:
    markup = page(body)
    found = bare_extraction(markup, include_comments=False, with_metadata=False)
    tree = parse(markup)
    assert tree is not None

    assert main_text(tree, None) == (found.text if found is not None else "")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What other extractors are asked for."""
    compared, names = cascade._compared, list[str]()

    def note(*given: object) -> object:
        names.append("compared")
        return compared(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(cascade, "_compared", note)
    return names


@pytest.mark.parametrize(
    ("body", "others_are_asked"),
    [
        (PAGES["plain"], False),
        (PAGES["scripts"], False),
        (PAGES["links around it"], True),
        (PAGES["short on a long page"], True),
        (PAGES["only a table"], True),
        (PAGES["raw text"], True),
        (PAGES["empty title"], True),
    ],
)
def test_others_are_asked_only_where_theirs_could_be_taken(asked: list[str], body: str, others_are_asked: bool) -> None:
    tree = parse(page(body))
    assert tree is not None

    main_text(tree, None)

    assert bool(asked) == others_are_asked
