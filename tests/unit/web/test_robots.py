"""What robots.txt allows, what its absence means, and how long each counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storyfold.errors import Rejected, Transient
from storyfold.web.robots import (
    LIFETIME,
    LONGEST_DELAY,
    MAX_BYTES,
    RETRY,
    Verdict,
    crawl_delay,
    robots_missing,
    robots_read,
    robots_url,
    sitemaps,
    verdict,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOST = "https://harbour.example"

RULES = b"""# harbour
User-agent: *
Disallow: /private
Allow: /private/press
Disallow: /*.pdf$
Crawl-delay: 4

User-agent: storyfold
Disallow: /not-for-storyfold
Crawl-delay: 9

Sitemap: https://harbour.example/news.xml
sitemap: https://harbour.example/news.xml
Sitemap: https://harbour.example/all.xml
"""


def judged(path: str, agent: str = "OtherBot", rules: bytes = RULES) -> Verdict:
    return verdict(robots_read(rules, NOW).text, HOST + path, agent)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/news/a", True),
        ("/private", False),
        ("/private/b", False),
        ("/private/press/c", True),
        ("/PRIVATE/b", True),
        ("/%70rivate/b", False),
        ("/a.pdf", False),
        ("/a.pdf?x=1", True),
    ],
)
def test_the_longest_rule_decides_and_allow_wins(path: str, allowed: bool) -> None:
    assert judged(path) == (Verdict.ALLOWED if allowed else Verdict.DISALLOWED)


def test_rules_for_us_replace_those_for_all() -> None:
    assert judged("/private", "Storyfold") == Verdict.ALLOWED
    assert judged("/not-for-storyfold", "Storyfold") == Verdict.DISALLOWED


def test_the_delay_asked_for_is_ours_or_everybodys() -> None:
    text = RULES.decode()

    assert (crawl_delay(text, "Storyfold"), crawl_delay(text, "OtherBot"), crawl_delay("", "OtherBot")) == (9, 4, 0)


@pytest.mark.parametrize(
    "asked", ["Crawl-delay: 86400", "Crawl-delay: -4", "Crawl-delay: slow", "Request-rate: 1/3600s"]
)
def test_no_delay_asked_for_stops_the_crawl(asked: str) -> None:
    assert 0 <= crawl_delay(f"User-agent: *\n{asked}\n", "Storyfold") <= LONGEST_DELAY


def test_sitemaps_are_named_once_each() -> None:
    assert sitemaps(RULES.decode()) == ("https://harbour.example/news.xml", "https://harbour.example/all.xml")


@pytest.mark.parametrize(
    "rules", [b"", b"\x00\xff\xfe", b"<html>not found</html>", b"Disallow: /", b"User-agent: *\nDisallow:"]
)
def test_a_file_without_rules_for_us_allows_everything(rules: bytes) -> None:
    assert judged("/a", rules=rules) == Verdict.ALLOWED


def test_only_the_first_500_kib_count() -> None:
    rules = b"User-agent: *\n" + b"#" * MAX_BYTES + b"\nDisallow: /\n"

    assert judged("/a", rules=rules) == Verdict.ALLOWED


@pytest.mark.parametrize("reason", ["not-found", "gone", "forbidden", "unauthorized", "client-error", "redirect-loop"])
def test_where_there_is_no_file_everything_is_allowed_for_a_day(reason: str) -> None:
    kept = robots_missing(Rejected(reason), RULES.decode(), NOW)

    assert verdict(kept.text, HOST + "/private", "Storyfold") == Verdict.ALLOWED
    assert kept.expires_at == NOW + LIFETIME


@pytest.mark.parametrize("reason", ["server-error", "time-out", "dns", "connection", "rate-limited"])
def test_while_the_file_cannot_be_had_nobody_knows(reason: str) -> None:
    kept = robots_missing(Transient(reason), None, NOW)

    assert verdict(kept.text, HOST + "/a", "Storyfold") == Verdict.UNKNOWN
    assert kept.expires_at == NOW + RETRY


def test_while_the_file_cannot_be_had_the_rules_known_before_go_on() -> None:
    kept = robots_missing(Transient("time-out"), RULES.decode(), NOW)

    assert verdict(kept.text, HOST + "/private", "OtherBot") == Verdict.DISALLOWED
    assert verdict(kept.text, HOST + "/a", "OtherBot") == Verdict.ALLOWED


def test_a_retry_after_puts_the_next_question_off_by_a_day_at_most() -> None:
    hour, year = NOW + timedelta(hours=1), NOW + timedelta(days=365)

    assert robots_missing(Transient("rate-limited", retry_at=hour), None, NOW).expires_at == hour
    assert robots_missing(Transient("rate-limited", retry_at=year), None, NOW).expires_at == NOW + LIFETIME


def test_a_cache_lifetime_shortens_the_day_but_not_to_nothing() -> None:
    assert robots_read(b"", NOW, fresh_seconds=3_600).expires_at == NOW + timedelta(hours=1)
    assert robots_read(b"", NOW, fresh_seconds=1).expires_at == NOW + RETRY
    assert robots_read(b"", NOW, fresh_seconds=1e9).expires_at == NOW + LIFETIME


def test_the_rules_are_at_the_root_of_scheme_host_and_port() -> None:
    assert robots_url("http://Harbour.example:8080/a/b?c#d") == "http://harbour.example:8080/robots.txt"
