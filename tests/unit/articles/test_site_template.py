from datetime import date, timedelta

from storyfold.articles.article import Article
from storyfold.articles.cleaning import without_template
from storyfold.articles.template import (
    EXPIRY,
    LONGEST_LINE,
    SeenArticle,
    SiteTemplate,
    learn_template,
    line_hash,
    sightings,
    version_groups,
)

TODAY = date(2024, 3, 1)
IMPRINT = "The Lindow Post, the island's own paper since 1911"


def own_lines(n: int, count: int = 6) -> list[str]:
    return [
        f"Report {n}: sentence {line} tells something that no other report tells, and takes its time."
        for line in range(count)
    ]


def article(n: int, *extra: str) -> Article:
    return Article("\n".join([*own_lines(n), *extra]))


def seen(n: int, *extra: str, day: date | None = None) -> SeenArticle:
    return SeenArticle(day or TODAY - timedelta(days=n), sightings(article(n, *extra)))


def clean(history: list[SeenArticle], *extra: str) -> list[str]:
    template = learn_template(history, today=TODAY)
    return without_template(article(99, *extra), template).text.split("\n")[6:]


def test_a_line_of_three_articles_on_two_days_goes_and_is_recorded() -> None:
    cleaned = without_template(article(9, IMPRINT), learn_template([seen(n, IMPRINT) for n in range(3)], today=TODAY))
    assert cleaned.text == article(9).text
    assert [(line.line, line.reason, line.position) for line in cleaned.removed] == [(IMPRINT, "template", 6)]


def test_a_line_of_two_articles_stays() -> None:
    assert clean([seen(1, IMPRINT), seen(2, IMPRINT), seen(3)], IMPRINT) == [IMPRINT]


def test_a_line_of_one_day_stays_where_days_are_known() -> None:
    one_day = [seen(n, IMPRINT, day=TODAY) for n in range(3)]
    assert clean([*one_day, seen(5)], IMPRINT) == [IMPRINT]
    unknown = [SeenArticle(None, seen(n, IMPRINT).sightings) for n in range(3)]
    assert clean(unknown, IMPRINT) == [""] or clean(unknown, IMPRINT) == []


def test_versions_of_one_article_count_as_one() -> None:
    history = [seen(1, IMPRINT), seen(1, IMPRINT, "An update."), seen(1, IMPRINT, "Two updates."), seen(4)]
    assert version_groups(history) == [0, 0, 0, 3]
    assert clean(history, IMPRINT) == [IMPRINT]


def test_a_line_seen_in_under_five_percent_of_the_articles_stays() -> None:
    history = [seen(n, IMPRINT) if n % 30 == 0 else seen(n, day=TODAY) for n in range(90)]
    assert clean(history, IMPRINT) == [IMPRINT]


def test_a_line_expires_when_it_was_not_seen_for_long() -> None:
    old = TODAY - EXPIRY - timedelta(days=1)
    history = [seen(n, IMPRINT, day=old - timedelta(days=n)) for n in range(3)]
    assert clean([seen(7, day=TODAY), *history], IMPRINT) == [IMPRINT]


def test_a_quoted_or_long_line_stays() -> None:
    quote, long = f"“{IMPRINT}”", "word " * (LONGEST_LINE // 4)
    history = [seen(n, quote, long.strip()) for n in range(3)]
    assert clean(history, quote, long.strip()) == [quote, long.strip()]


def test_a_line_in_the_middle_goes_only_when_it_was_seen_very_often() -> None:
    def cleaned(articles: int) -> str:
        lines = own_lines(99, 10)
        text = "\n".join([*lines[:5], IMPRINT, *lines[5:]])
        template = learn_template([seen(n, IMPRINT) for n in range(articles)], today=TODAY)
        return without_template(Article(text), template).text

    assert IMPRINT in cleaned(9)
    assert IMPRINT not in cleaned(10)


def test_a_line_that_the_template_took_out_still_counts_as_seen() -> None:
    template = SiteTemplate(anywhere=frozenset([line_hash(IMPRINT)]))
    cleaned = without_template(article(1, IMPRINT), template)
    assert IMPRINT not in cleaned.text
    assert line_hash(IMPRINT) in {sighting.line_hash for sighting in sightings(cleaned)}


def test_hashes_fit_a_signed_64_bit_column_and_ignore_case_and_spacing() -> None:
    assert line_hash("Lindow  Post") == line_hash("lindow post ")
    assert all(-(2**63) <= line_hash(str(n)) < 2**63 for n in range(200))
