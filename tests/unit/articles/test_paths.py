"""Paths asked in Python give what the paths themselves give."""

from __future__ import annotations

import importlib.util
import random
from types import ModuleType

import pytest
from lxml import html
from lxml.etree import XPath
from trafilatura import settings
from trafilatura import xpaths as loaded

from storyfold.articles.paths import MOST_REMEMBERED, QuickPath, any_of, quicken, quickened

NAMES = (
    "RAW_TREE_PRUNE_XPATH",
    "REMOVE_COMMENTS_AND_LISTS_XPATH",
    "OVERALL_DISCARD_XPATH",
    "TEASER_DISCARD_XPATH",
    "DISCARD_IMAGE_ELEMENTS",
    "BODY_XPATH",
)
TAGS = (
    "div",
    "section",
    "aside",
    "footer",
    "svg",
    "article",
    "main",
    "p",
    "span",
    "ul",
    "ol",
    "details",
    "h1",
    "item",
    "list",
)
WORDS = (
    *("post", "entry", "articleBody", "entry-content", "story-body", "main-content", "Page-content", "content"),
    *("infinite-scroll", "mvp-post-add-box", "elementor-share-buttons", "comment", "Comments", "commentary"),
    *("nav", "Nav", "cookie", "share", "tags", "bar", " ad ", "x-ad-y", "footer", "teaser", "Teaser", "caption"),
    *(
        "cookie-banner",
        "OneTrust",
        "hidden",
        "x hidden",
        "hide-print",
        "reply-",
        "disqus_thread",
        "comol",
        "main",
        "article ",
        "FullText",
        "plain",
    ),
)
ATTRIBUTES = {
    "class": WORDS,
    "id": WORDS,
    "style": ("display:none", "color: red", "hidden", "display: none"),
    "role": ("Navigation", "article", "main"),
    "itemprop": ("articleBody", "name"),
    "aria-hidden": ("true", "false"),
    "data-component": ("MostPopularStories",),
    "data-lp-replacement-content": ("",),
}


@pytest.fixture(scope="module")
def paths() -> ModuleType:
    """The library's paths as it writes them, whatever was put in their place."""
    spec = importlib.util.find_spec(loaded.__name__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tree(seed: int) -> html.HtmlElement:
    """A page of elements whose attributes stand in any order."""
    dice = random.Random(seed)
    root = html.Element("html")
    body = html.Element("body")
    root.append(body)
    places = [body]
    for _ in range(60):
        element = html.Element(dice.choice(TAGS))
        for name in dice.sample(sorted(ATTRIBUTES), dice.choice((0, 0, 1, 1, 2, 3))):
            words = ATTRIBUTES[name]
            element.set(name, " ".join(dice.sample(words, min(len(words), dice.choice((1, 1, 2))))))
        dice.choice(places).append(element)
        places.append(element)
    return root


@pytest.mark.parametrize("name", NAMES)
def test_a_quick_path_gives_the_elements_of_the_path(paths: ModuleType, name: str) -> None:
    for path in getattr(paths, name):
        quick = quickened(path)
        for seed in range(80):
            page = tree(seed)
            first = isinstance(quick, QuickPath) and quick.first
            assert quick(page) == (path(page)[:1] if first else path(page)), path.path


def test_a_quick_path_gives_what_any_of_several_gives() -> None:
    path = settings.BASIC_CLEAN_XPATH  # as it is written there
    quick = quickened(path)

    assert isinstance(quick, QuickPath)
    for page in map(tree, range(80)):
        assert quick(page) == path(page)


def test_all_long_paths_are_quick_ones(paths: ModuleType) -> None:
    read = {name: [isinstance(quickened(path), QuickPath) for path in getattr(paths, name)] for name in NAMES}

    assert read.pop("BODY_XPATH") == [True, True, True, True, False]  # what is left asks for little
    assert all(all(quick) for quick in read.values())


def test_of_two_attributes_the_one_that_stands_first_is_asked_for() -> None:
    path = XPath(".//*[re:test(@id|@class, 'cookie')]", namespaces={"re": "http://exslt.org/regular-expressions"})
    page = html.fromstring(
        '<div><p id="a" class="cookie">1</p><p class="cookie" id="a">2</p><p class="cookie">3</p></div>'
    )

    assert [element.text for element in quickened(path)(page)] == ["2", "3"] == [element.text for element in path(page)]


@pytest.mark.parametrize(
    "path",
    [
        "//p",
        ".//*",
        ".//p|.//*",
        "(.//p)[1]|.//a",
        ".//p[self::a]",
        ".//*[last()]",
        ".//*[count(.//a) > 2]",
        ".//*[@a='x'",
        ".//*[]",
    ],
)
def test_a_path_in_other_words_is_left_as_it_is(path: str) -> None:
    class Written:
        def __init__(self) -> None:
            self.path = path

    written = Written()

    assert quickened(written) is written  # type: ignore[arg-type]


def test_answers_are_forgotten_before_they_are_too_many() -> None:
    quick = quickened(XPath(".//*[@class='yes']"))
    assert isinstance(quick, QuickPath)
    page = html.fromstring(
        "".join(f'<p class="n{n}">a</p>' for n in range(MOST_REMEMBERED + 10)) + '<p class="yes">b</p>'
    )

    assert [element.text for element in quick(page)] == ["b"]
    assert len(quick._known) < MOST_REMEMBERED
    assert quick._alone is not None
    assert all(len(known) < MOST_REMEMBERED for _, known in quick._alone)


def test_one_look_tells_whether_any_of_several_paths_gives_something(paths: ModuleType) -> None:
    several = [*paths.RAW_TREE_PRUNE_XPATH, *paths.REMOVE_COMMENTS_AND_LISTS_XPATH]
    quick = list(several)
    quicken(quick)
    look = any_of(quick)
    assert look is not None

    told = [bool(look(tree(seed))) for seed in range(80)]

    given = [any(path(tree(seed)) for path in several) for seed in range(80)]
    assert all(told[place] for place, gives in enumerate(given) if gives)
    assert not all(told)
