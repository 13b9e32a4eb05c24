from datetime import UTC, datetime

import pytest

from storyfold.articles.article import Declared
from storyfold.articles.digest import digest_page

NOW = datetime(2024, 3, 1, tzinfo=UTC)
SENTENCE = "The old pier of Lindow will be rebuilt, the harbour council decided on Tuesday after nine years of dispute."


def rejected(body: str, title: str = "Lindow Post") -> str | None:
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return digest_page(page.encode(), content_type="text/html", url=None, declared=Declared(), now=NOW).rejected


@pytest.mark.parametrize(
    ("body", "title", "reason"),
    [
        ("", "Lindow Post", "empty"),
        (
            "<h1>Page not found</h1><p>Sorry, the page you were looking for does not exist or was moved.</p>",
            "404",
            "not-found",
        ),
        ("<h1>Seite nicht gefunden</h1><p>Die Seite, die Sie suchen, existiert nicht mehr.</p>", "Fehler", "not-found"),
        (
            "<h1>Access denied</h1><p>You don't have permission to access this server.</p>",
            "Access Denied",
            "error-page",
        ),
        (
            "<p>Checking your browser before accessing the site. Please enable JavaScript.</p>",
            "Just a moment...",
            "error-page",
        ),
        (
            "<h1>Before you continue</h1><p>We and our 212 partners store cookies on your device to show advertising. "
            "You can accept or reject them, or manage your choices at any time.</p><button>Accept all</button>",
            "Lindow Post",
            "consent-wall",
        ),
        (
            "<h1>Weiter mit Werbung lesen</h1><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking. Wir und unsere "
            "186 Partner verarbeiten personenbezogene Daten.</p><button>Zustimmen</button>",
            "Lindower Bote",
            "consent-wall",
        ),
        (
            "<h1>Sign in</h1><form><input name=user><input type=password></form><p>Forgot your password?</p>",
            "Sign in",
            "login",
        ),
        (
            f"<article><h1>Pier</h1><p>{SENTENCE}</p><p>Subscribe to continue reading this story.</p></article>",
            "Pier",
            "paywall",
        ),
        (f"<article><p>{SENTENCE}</p><p>Weiterlesen mit Lindow Plus.</p></article>", "Pier", "paywall"),
        ("<h1>Our best pictures</h1>" + "<img src=a.jpg>" * 8 + "<p>Winter</p>", "Gallery", "gallery"),
        (
            "<h1>The storm</h1>"
            + "".join(
                f"<figure><img src={n}.jpg><figcaption>Picture {n} by Ada Moor</figcaption></figure>" for n in range(12)
            ),
            "Gallery",
            "gallery",
        ),
        ("<p>Hello.</p>", "Lindow Post", "no-article"),
    ],
)
def test_what_is_no_article_is_told_by_its_reason(body: str, title: str, reason: str) -> None:
    assert rejected(body, title) == reason


def test_a_list_of_links_is_an_index() -> None:
    links = "".join(f"<li><a href=/{n}>Report number {n} about the harbour of Lindow</a></li>" for n in range(30))
    assert rejected(f"<main><h1>All about the harbour</h1><ul>{links}</ul></main>") == "index"


TITLES = [f"Report number {n} about the harbour of Lindow" for n in range(50)]


@pytest.mark.parametrize("titles", [TITLES, [f"Pier {n}" for n in range(50)]], ids=["long", "short"])
@pytest.mark.parametrize(
    ("around", "between"),
    [
        ("{}", ""),
        ("{}", "\n"),
        ("<p>{}</p>", " - "),
        ("<ul>{}</ul>", "<li>"),
        ("<h1>All about the harbour</h1>{}", "<br>"),
        ("<h1>All about the harbour</h1><div>{}</div>", " | "),
    ],
)
def test_bare_links_are_an_index_however_they_are_parted(titles: list[str], around: str, between: str) -> None:
    links = between.join(f"<a href=/{n}>{title}</a>" for n, title in enumerate(titles))
    assert rejected(around.format(links)) == "index"


def test_links_in_a_row_are_no_index_where_the_page_calls_itself_an_article() -> None:
    links = " ".join(f"<a href=/{n}>{title}</a>" for n, title in enumerate(TITLES))
    assert rejected(f'<meta property="og:type" content="article"><p>{links}</p>') is None


@pytest.mark.parametrize("between", ["", ", "])
def test_a_short_report_with_a_row_of_tags_is_an_article(between: str) -> None:
    sentences = "".join(f"<p>{SENTENCE.replace('Tuesday', f'day {n}')}</p>" for n in range(3))
    tags = between.join(f"<a href=/tag/{n}>Harbour {n}</a>" for n in range(12))
    assert rejected(f"<article><h1>Pier to be rebuilt</h1>{sentences}<p>{tags}</p></article>") is None


def test_a_report_full_of_links_is_an_article() -> None:
    sentence = "The <a href=/{n}>pier number {n}</a> of <a href=/town>Lindow</a> will be <a href=/b>rebuilt</a> in May."
    body = "".join(f"<p>{sentence.format(n=n)}</p>" for n in range(8))
    assert rejected(f"<article><h1>Piers to be rebuilt</h1>{body}</article>") is None


def summary(number: int) -> str:
    about = SENTENCE.replace("Tuesday", f"day {number}")
    return (
        f"<div><h2><a href=/{number}>Report number {number}</a></h2><p>{about} It was the talk of the town.</p></div>"
    )


def test_a_list_of_summaries_is_an_index_however_much_prose_they_make() -> None:
    listed = "".join(map(summary, range(20)))
    assert rejected(f"<main><h1>All about the harbour</h1>{listed}</main>") == "index"
    lost = "<h1>Oops</h1><p>We can't find the page you're looking for.</p><h3>Read instead</h3>"
    assert rejected(f"<main>{lost}{listed}</main>") in ("not-found", "index")


def test_an_article_with_summaries_of_others_below_it_is_an_article() -> None:
    body = "".join(f"<p>{SENTENCE.replace('Tuesday', f'day {n} of the long dispute')}</p>" for n in range(40))
    more = "".join(map(summary, range(6)))
    assert rejected(f"<main><article><h1>Pier to be rebuilt</h1>{body}</article><div>{more}</div></main>") is None


def test_a_list_of_things_with_a_section_for_each_is_an_article() -> None:
    section = "".join(f"<p>{SENTENCE.replace('Tuesday', f'day {n}')}</p>" for n in range(6))
    sections = "".join(f"<div><h2><a href=/pier/{n}>Pier number {n}</a></h2>{section}</div>" for n in range(6))
    assert rejected(f"<main><h1>The six best piers</h1>{sections}</main>") is None


@pytest.mark.parametrize("heading", ["Search results for: pier", "Suchergebnisse für Mole", "Результаты поиска"])
def test_the_results_of_a_search_are_an_index(heading: str) -> None:
    found = "".join(f"<div><a href=/{n}>Pier report {n}</a><p>{SENTENCE}</p></div>" for n in range(12))
    assert rejected(f"<main><h1>{heading}</h1>{found}</main>") == "index"


@pytest.mark.parametrize("count", [2, 3, 8])
def test_a_short_report_is_an_article(count: int) -> None:
    sentences = "".join(f"<p>{SENTENCE.replace('Tuesday', f'day {n}')}</p>" for n in range(count))
    assert rejected(f"<article><h1>Pier to be rebuilt</h1>{sentences}</article>", "Pier to be rebuilt") is None


def test_an_article_about_error_pages_is_an_article() -> None:
    body = f"<p>Why does the page you are looking for so often not exist? {SENTENCE}</p>" * 12
    assert rejected(f"<article><h1>404: how the web forgets</h1>{body}</article>", "404: how the web forgets") is None


def test_an_article_with_a_consent_banner_is_an_article() -> None:
    banner = "<div id=consent><p>We and our partners use cookies. Accept all or reject.</p></div>"
    body = "".join(f"<p>{SENTENCE.replace('Tuesday', f'day {n}')}</p>" for n in range(15))
    assert rejected(f"{banner}<article><h1>Pier to be rebuilt</h1>{body}</article>") is None
