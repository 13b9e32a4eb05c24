"""Lists of feeds go out and come back the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.errors import BadInput
from storyfold.feeds.opml import OpmlFeed, read_opml, write_opml

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

LIST = b"""<?xml version="1.0"?><opml version="1.1"><head><title>Mine</title></head><body>
<outline text="Ports"><outline text="North"><outline type="rss" text="Harbour" title="Harbour News &amp; Tides"
 xmlUrl="https://harbour.example/feed" htmlUrl="https://harbour.example/" language="en"/></outline>
<outline type="atom" text="Pier" xmlUrl="https://pier.example/atom"/></outline>
<outline text="Loose" xmlUrl="https://loose.example/feed"/></body></opml>"""


def test_feeds_are_read_with_their_folders_titles_and_other_attributes() -> None:
    assert read_opml(LIST) == [
        OpmlFeed(
            "https://harbour.example/feed",
            "Harbour News & Tides",
            "https://harbour.example/",
            ("Ports", "North"),
            {"text": "Harbour", "language": "en"},
        ),
        OpmlFeed("https://pier.example/atom", "Pier", None, ("Ports",), {"type": "atom"}),
        OpmlFeed("https://loose.example/feed", "Loose"),
    ]


def test_a_list_goes_out_and_comes_back_without_loss() -> None:
    feeds = read_opml(LIST)

    assert read_opml(write_opml(feeds, title="Mine", now=NOW)) == feeds


def test_a_list_cut_off_gives_the_feeds_before_the_cut() -> None:
    assert [feed.url for feed in read_opml(LIST[: LIST.index(b'<outline text="Loose')])] == [
        "https://harbour.example/feed",
        "https://pier.example/atom",
    ]


@pytest.mark.parametrize("data", [b"", b"no xml", b"<html/>", b"<rss version='2.0'/>"])
def test_what_is_no_opml_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="OPML"):
        read_opml(data)


def test_no_file_of_the_machine_gets_into_a_list() -> None:
    evil = LIST.replace(b"<opml", b'<!DOCTYPE opml [<!ENTITY f SYSTEM "file:///etc/passwd">]><opml', 1)
    feeds = read_opml(
        evil.replace(b'text="Loose"', b'text="&f;"').replace(b'<outline text="Ports"', b'<outline text="&f;"')
    )

    assert all("root:" not in f"{feed.title}{feed.folders}" for feed in feeds)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=20)
feeds_of_lists = st.builds(
    OpmlFeed,
    url=st.sampled_from(["https://a.example/feed", "https://b.example/?a=1&b=2"]),
    title=st.none() | words,
    home_url=st.none() | st.just("https://a.example/"),
    folders=st.lists(words, max_size=3).map(tuple),
    attributes=st.dictionaries(st.sampled_from(["language", "category", "xCustom"]), words, max_size=2),
)


@given(st.lists(feeds_of_lists, max_size=8))
def test_any_list_goes_out_and_comes_back_without_loss(feeds: list[OpmlFeed]) -> None:
    assert read_opml(write_opml(feeds, title="Mine", now=NOW)) == feeds
