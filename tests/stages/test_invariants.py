"""What `storyfold audit` looks at: a sound store breaks no rule, and each rule is seen when it is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InternalError

from storyfold.settings import Settings
from storyfold.stages.repair import Repair
from storyfold.stages.submit import PushedArticle, parse_published, push_article
from storyfold.store.engine import make_engine
from storyfold.store.invariants import RULES, SHOWN, Finding, check, size, snapshot
from workers.runtime import Runtime
from workers.task import run_stage

PRESS = Path(__file__).parent.parent / "e2e" / "press"
TEXTS = ("original", "original", "reprint", "rewrite", "independent", "unrelated")


@dataclass
class Store:
    """A store in which every kind of tie stands, all folded and repaired; what is broken in it is whole again after."""

    connection: Connection

    def broken(self, now: datetime | None = None) -> dict[str, Finding]:
        findings = check(self.connection, RULES, now or datetime.now(UTC))
        return {finding.rule.name: finding for finding in findings if finding is not None}

    def break_by(self, *statements: str) -> None:
        """What no stage does: constraints out of the way, and written straight into the tables."""
        self.connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            assert self.connection.execute(text(statement)).rowcount != 0, f"it changed nothing: {statement}"


@pytest.fixture(scope="module")
def engine(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[Engine]:
    with new_database() as url:
        runtime = Runtime(Settings.model_validate({"database_url": url}))
        for place, name in enumerate(TEXTS):
            publish(runtime, name, f"https://paper{place}.example/{name}")
        with runtime.transaction() as session:
            Repair().step(session, datetime.now(UTC))
        runtime.show_ties()
        runtime.close()
        engine = make_engine(url)
        yield engine
        engine.dispose()


def publish(runtime: Runtime, name: str, url: str) -> None:
    published = parse_published("2026-03-02T08:00:00Z")
    pushed = PushedArticle(text=(PRESS / f"{name}.txt").read_text(), url=url, published=published)
    with runtime.transaction() as session:
        item = push_article(session, pushed, datetime.now(UTC))
    for stage in (runtime.digest, runtime.fold):
        run_stage(runtime, stage, item.id or 0)


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    with engine.connect() as connection:
        yield Store(connection)
        connection.rollback()


FOLDED = "(SELECT min(id) FROM links WHERE fate = 'folded')"
TIED = "(SELECT min(id) FROM articles WHERE relation IN ('copy', 'reprint', 'rewrite'))"
SAME_EVENT = "(SELECT min(id) FROM articles WHERE relation = 'same_event')"
ALONE = "(SELECT min(story_id) FROM clusters GROUP BY story_id ORDER BY count(*), min(id) DESC LIMIT 1)"
ANOTHER = f"(SELECT min(id) FROM stories WHERE id <> {ALONE})"

BROKEN: dict[str, Sequence[str]] = {
    "one-fate": (
        "ALTER TABLE links DROP CONSTRAINT ck_links_pending_has_stage",
        f"UPDATE links SET stage = 'fetch' WHERE id = {FOLDED}",
    ),
    "folded-has-article": (
        "UPDATE articles SET cluster_id = NULL, relation = NULL WHERE id = (SELECT max(id) FROM articles)",
    ),
    "article-is-folded": (f"UPDATE links SET fate = 'failed' WHERE id = {FOLDED}",),
    "duplicate-of-original": (f"UPDATE links SET duplicate_of = id WHERE id = {FOLDED}",),
    "url-is-known": ("DELETE FROM link_urls WHERE link_id = (SELECT min(link_id) FROM link_urls)",),
    "url-has-link": ("INSERT INTO link_urls (canonical_url, link_id) VALUES ('https://nobody.example/', 4711)",),
    "text-is-there": ("DELETE FROM revisions WHERE article_id = (SELECT min(article_id) FROM revisions)",),
    "article-in-cluster": ("UPDATE articles SET cluster_id = 4711 WHERE id = (SELECT min(id) FROM articles)",),
    "cluster-in-story": (f"UPDATE stories SET merged_into = {ANOTHER} WHERE id = {ALONE}",),
    "cluster-has-head": ("UPDATE clusters SET head_article_id = NULL WHERE id = (SELECT min(id) FROM clusters)",),
    "story-counts": (f"UPDATE stories SET source_count = source_count + 1 WHERE id = {ALONE}",),
    "canonical-in-story": (
        f"UPDATE stories SET canonical_article_id = (SELECT canonical_article_id FROM stories WHERE id = {ANOTHER})"
        f" WHERE id = {ALONE}",
    ),
    "merged-ends-somewhere": (f"UPDATE stories SET merged_into = id WHERE id = {ALONE}",),
    "log-without-gaps": ("UPDATE changes SET cursor = cursor + 1 WHERE cursor = (SELECT max(cursor) FROM changes)",),
    "log-tells-of-each": (f"UPDATE changes SET kind = 'grown' WHERE story_id = {ALONE} AND kind = 'created'",),
    "tie-has-evidence": (f"DELETE FROM evidence WHERE article_id = {TIED}",),
    "tie-within-cluster": (
        f"UPDATE articles SET cluster_id = (SELECT max(id) FROM clusters) WHERE id = {TIED}",
    ),
    "tie-leads-to-opener": (f"UPDATE articles SET matched_id = id WHERE id = {TIED}",),
    "tie-within-story": (
        f"UPDATE clusters SET story_id = {ALONE} WHERE id = (SELECT cluster_id FROM articles WHERE id = {SAME_EVENT})",
    ),
    "folded-has-fingerprint": ("DELETE FROM fingerprints WHERE article_id = (SELECT max(article_id) FROM fingerprints)",),
    "fingerprint-is-indexed": (f"UPDATE fingerprints SET index_terms = '{{1}}' WHERE article_id = {TIED}",),
    "fingerprint-has-article": (
        "INSERT INTO posting_blocks VALUES (1, 0, 4711, 4711, int8send(4711::bigint << 32))",
    ),
    "fingerprint-is-current": (
        "UPDATE revisions SET created_at = created_at + interval '1 day'"
        " WHERE article_id = (SELECT min(article_id) FROM revisions)",
    ),
    "bonds-are-pairs": (
        "INSERT INTO bonds (article_id, other_id, cosine, alone, settled) SELECT 4711, min(id), 0, 0, 0 FROM articles",
    ),
    "lease-ends:links": (
        "UPDATE links SET fate = 'pending', stage = 'fold', next_attempt_at = now(), lease_token = gen_random_uuid(),"
        f" leased_until = now() - interval '1 hour' WHERE id = {FOLDED}",
    ),
    "lease-ends:feeds": (
        "INSERT INTO feeds (url, host, next_poll_at, created_at, lease_token, leased_until) VALUES"
        " ('https://a.example/', 'a.example', now(), now(), gen_random_uuid(), now() - interval '1 hour')",
    ),
    "lease-ends:subscriptions": (
        "INSERT INTO subscriptions (url, kinds, secret, seen, created_at, updated_at, leased_until) VALUES"
        " ('https://a.example/', '{}', '', 0, now(), now(), now() - interval '1 hour')",
    ),
    "lease-is-whole": (f"UPDATE links SET lease_token = gen_random_uuid() WHERE id = {FOLDED}",),
    "due-some-day": (
        "UPDATE links SET fate = 'pending', stage = 'fold', next_attempt_at = now() + interval '1 year'"
        f" WHERE id = {FOLDED}",
    ),
    "delivery-is-due": (
        "ALTER TABLE deliveries DROP CONSTRAINT ck_deliveries_pending_is_due",
        "INSERT INTO deliveries (subscription_id, kind, message_id, body, changed_at, created_at)"
        " VALUES (1, 'created', '', '', now(), now())",
    ),
}  # fmt: skip


def test_a_sound_store_breaks_no_rule(store: Store) -> None:
    assert store.broken() == {}


def test_evidence_may_be_missing_for_some_minutes(store: Store) -> None:
    store.break_by(f"UPDATE evidence SET data = NULL WHERE article_id = {TIED}")
    made = store.connection.scalar(text(f"SELECT created_at FROM evidence WHERE article_id = {TIED}"))
    assert store.broken(made + timedelta(minutes=9)) == {}
    assert store.broken(made + timedelta(minutes=11)).keys() == {"tie-has-evidence"}


def test_all_is_looked_at_in_one_state_of_the_store(engine: Engine) -> None:
    with snapshot(engine) as connection:
        before = size(connection)
        with engine.connect() as other:
            other.execute(text("INSERT INTO changes (cursor, kind, story_id, at) VALUES (4711, 'grown', 1, now())"))
            other.commit()
        assert size(connection) == before
        assert [finding for finding in check(connection, RULES, datetime.now(UTC)) if finding] == []
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM changes WHERE cursor = 4711"))


def test_looking_changes_nothing(engine: Engine) -> None:
    with snapshot(engine) as connection, pytest.raises(InternalError, match="read-only"):
        connection.execute(text("DELETE FROM changes"))


def test_every_rule_is_broken_by_a_test() -> None:
    assert BROKEN.keys() == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_a_rule_is_found(store: Store, name: str) -> None:
    store.break_by(*BROKEN[name])
    found = store.broken()
    assert name in found
    assert found[name].count == len(found[name].ids) == 1


def test_all_that_break_a_rule_are_counted_and_the_first_are_named(store: Store) -> None:
    lost = SHOWN + 3
    values = ", ".join(f"('https://nobody.example/{place}', {4711 + place})" for place in range(lost))
    store.break_by(f"INSERT INTO link_urls (canonical_url, link_id) VALUES {values}")
    finding = store.broken()["url-has-link"]
    assert (finding.count, finding.ids) == (lost, tuple(range(4711, 4711 + SHOWN)))


def test_a_lease_that_has_just_run_out_is_no_finding(store: Store) -> None:
    store.break_by(
        "UPDATE links SET fate = 'pending', stage = 'fold', next_attempt_at = now(), lease_token = gen_random_uuid(),"
        f" leased_until = now() - interval '1 minute' WHERE id = {FOLDED}"
    )
    assert store.broken() == {}
    assert "lease-ends:links" in store.broken(datetime.now(UTC) + timedelta(hours=1))


def test_what_was_before_the_log_begins_is_not_asked_for(store: Store) -> None:
    store.break_by("DELETE FROM changes WHERE cursor < (SELECT max(cursor) FROM changes)")
    assert store.broken() == {}


def test_what_was_before_fingerprints_are_kept_is_not_asked_for(store: Store) -> None:
    store.break_by(
        "DELETE FROM fingerprints WHERE article_id < (SELECT max(article_id) FROM fingerprints)",
    )
    assert store.broken() == {}
