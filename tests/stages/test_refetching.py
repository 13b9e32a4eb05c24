"""Articles whose page is fetched again: a revision more, folded again, and never an article less."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from newsstand import Newsstand
from servers.site import Reply, Site
from sqlalchemy import func, select

from storyfold.errors import Conflict, NotFound
from storyfold.settings import Settings
from storyfold.store import articles, leases, links, refetches
from storyfold.store.refetches import FIRST_WAIT
from storyfold.store.tables import Article, Change, Cluster, Fate, FingerprintRow, Link, Revision, Story
from workers.runtime import Runtime

PRESS = Path(__file__).parent.parent / "e2e" / "press"
FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Post</title><id>urn:post</id><updated>{updated}</updated>
<entry><id>urn:1</id><title>Ferry</title><link href="{link}"/>
<published>2026-07-01T08:00:00Z</published><updated>{updated}</updated></entry></feed>"""


@pytest.fixture
def desk(stand: Newsstand, database_url: str) -> Iterator[Desk]:
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield Desk(stand, runtime)
    runtime.close()


class Desk:
    """A worker for the whole way of an article."""

    def __init__(self, stand: Newsstand, runtime: Runtime) -> None:
        self.stand = stand
        self.stages = (stand.fetch, runtime.digest, runtime.fold)

    def publish(self, site: Site, name: str, path: str = "/ferry", **more: str) -> str:
        paragraphs = "".join(f"<p>{line}</p>" for line in (PRESS / f"{name}.txt").read_text().split("\n") if line)
        extra = "".join(f"<p>{line}</p>" for line in more.values())
        html = f"<html><head><title>{name}</title></head><body><article><h1>{name}</h1>{paragraphs}{extra}</article></body>"
        return site.serve(path, html)

    def run(self, link_id: int) -> Link:
        for stage in self.stages:
            self.stand.run(stage, link_id)
        return self.stand.link(link_id)

    def folded(self, url: str) -> int:
        [id] = self.stand.submit(url)
        assert self.run(id).fate == Fate.FOLDED
        return id

    def again(self, link_id: int) -> Link:
        self.stand.clock.pass_(hours=1)
        with self.stand.sessions.begin() as session:
            refetches.refetch_link(session, link_id, self.stand.clock.now)
        return self.run(link_id)

    def announce(self, site: Site, link: str, updated: str) -> str:
        return site.serve("/feed", FEED.format(link=link, updated=updated), content_type="application/atom+xml")

    def read_feed(self, id: int) -> None:
        self.stand.clock.pass_(days=1)
        self.stand.polled(id)

    def article(self, link_id: int) -> Article:
        with self.stand.sessions() as session:
            return session.scalars(select(Article).where(Article.link_id == link_id)).one()

    def story(self, link_id: int) -> int | None:
        with self.stand.sessions() as session:
            return links.get_link(session, link_id).story_id

    def count(self, table: type) -> int:
        with self.stand.sessions() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def kinds(self) -> list[str]:
        with self.stand.sessions() as session:
            return list(session.scalars(select(Change.kind).order_by(Change.cursor)))


def test_a_changed_entry_has_its_page_fetched_again_as_a_new_revision(desk: Desk, site: Site) -> None:
    url = desk.publish(site, "original")
    feed = desk.stand.watch(desk.announce(site, url, "2026-07-01T09:00:00Z"))
    desk.stand.polled(feed)
    [link_id] = desk.stand.submit(url)
    desk.run(link_id)
    desk.publish(
        site, "original", more="The harbour master added on Wednesday that the second pier stays closed for repairs."
    )
    desk.announce(site, url, "2026-07-01T10:30:00Z")
    desk.read_feed(feed)
    assert desk.stand.link(link_id).fate == Fate.PENDING
    assert desk.run(link_id).fate == Fate.FOLDED
    article = desk.article(link_id)
    assert article.revision == 2
    with desk.stand.sessions() as session:
        assert "second pier" in articles.get_article(session, article.id).revision.text
        assert "second pier" not in articles.get_article(session, article.id, 1).revision.text


def test_an_entry_that_says_what_it_said_leaves_the_page_alone(desk: Desk, site: Site) -> None:
    url = desk.publish(site, "original")
    feed = desk.stand.watch(desk.announce(site, url, "2026-07-01T09:00:00Z"))
    desk.stand.polled(feed)
    [link_id] = desk.stand.submit(url)
    desk.run(link_id)
    site.serve("/feed", FEED.format(link=url, updated="2026-07-01T09:00:00Z") + "<!-- built anew -->")
    desk.read_feed(feed)
    assert desk.stand.link(link_id).fate == Fate.FOLDED


def test_an_entry_that_changes_all_the_time_is_followed_ever_more_slowly(desk: Desk, site: Site) -> None:
    url = desk.publish(site, "original")
    [link_id] = desk.stand.submit(url)
    desk.run(link_id)
    feed = desk.stand.watch(desk.announce(site, url, "2026-07-01T09:00:00Z"))
    waits = []
    for change in range(5):
        with desk.stand.sessions.begin() as session:
            refetches.note_entries(session, feed, {link_id: f"1:{change}"}, desk.stand.clock.now)
        link = desk.stand.link(link_id)
        if link.next_attempt_at is not None:
            waits.append(link.next_attempt_at - desk.stand.clock.now)
            desk.stand.clock.now = link.next_attempt_at
            desk.run(link_id)
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]


def test_a_link_listens_to_the_feed_that_brought_it_alone(desk: Desk, site: Site) -> None:
    url = desk.publish(site, "original")
    first = desk.stand.watch(desk.announce(site, url, "2026-07-01T09:00:00Z"))
    desk.stand.polled(first)
    [link_id] = desk.stand.submit(url)
    desk.run(link_id)
    other = desk.stand.watch(site.url("/other-feed"))
    site.serve("/other-feed", FEED.format(link=url, updated="2026-07-01T11:00:00Z"))
    desk.stand.polled(other)
    assert desk.stand.link(link_id).fate == Fate.FOLDED


def test_a_page_with_the_same_text_adds_no_revision(desk: Desk, site: Site) -> None:
    link_id = desk.folded(desk.publish(site, "original"))
    changes = desk.kinds()
    assert desk.again(link_id).fate == Fate.FOLDED
    assert (desk.article(link_id).revision, desk.count(Revision), desk.kinds()) == (1, 1, changes)


@pytest.mark.parametrize("status", [404, 410])
def test_an_article_outlives_its_page(desk: Desk, site: Site, status: int) -> None:
    link_id = desk.folded(desk.publish(site, "original"))
    site.routes["/ferry"] = Reply(status=status)
    link = desk.again(link_id)
    assert link.fate == Fate.FOLDED
    assert link.reason in {"not-found", "gone"}
    assert desk.article(link_id).cluster_id is not None


def test_an_article_outlives_a_page_that_is_none_any_more(desk: Desk, site: Site) -> None:
    link_id = desk.folded(desk.publish(site, "original"))
    site.serve("/ferry", "<html><body><p>Please log in.</p></body></html>")
    link = desk.again(link_id)
    assert link.fate == Fate.FOLDED
    assert link.reason is not None
    assert desk.article(link_id).revision == 1


def test_a_refetch_whose_worker_dies_twice_keeps_the_article(desk: Desk, site: Site) -> None:
    link_id = desk.folded(desk.publish(site, "original"))
    stand = desk.stand
    with stand.sessions.begin() as session:
        refetches.refetch_link(session, link_id, stand.clock.now)
    for _ in range(leases.LOST_LEASES_ALLOWED):
        with stand.sessions.begin() as session:
            assert stand.fetch.claim(session, link_id, stand.clock.now)
        stand.clock.pass_(hours=1)
        with stand.sessions.begin() as session:
            leases.sweep(session, stand.clock.now)
    link = stand.link(link_id)
    assert (link.fate, link.reason) == (Fate.FOLDED, "killed-worker")


def test_an_article_that_stays_by_itself_keeps_its_story(desk: Desk, site: Site) -> None:
    link_id = desk.folded(desk.publish(site, "original"))
    story = desk.story(link_id)
    desk.publish(
        site, "original", more="The harbour master added on Wednesday that the second pier stays closed for repairs."
    )
    desk.again(link_id)
    assert desk.story(link_id) == story
    assert desk.kinds() == ["created", "changed"]
    assert (desk.count(Story), desk.count(Cluster), desk.count(FingerprintRow)) == (1, 1, 1)


def test_an_article_that_becomes_a_copy_joins_the_older_story(desk: Desk, site: Site) -> None:
    original = desk.folded(desk.publish(site, "original"))
    other = desk.folded(desk.publish(site, "unrelated", "/other"))
    was = desk.story(other)
    assert was != desk.story(original)
    desk.publish(site, "original", "/other")
    desk.again(other)
    assert desk.story(other) == desk.story(original)
    assert desk.article(other).relation == "copy"
    with desk.stand.sessions() as session:
        assert session.get_one(Story, was).merged_into == desk.story(original)
    assert desk.kinds()[-1] == "merged"


def test_an_article_that_is_no_copy_any_more_leaves_the_story_to_the_others(desk: Desk, site: Site) -> None:
    copied = desk.folded(desk.publish(site, "original"))
    left = desk.folded(desk.publish(site, "original", "/copy"))
    assert desk.story(left) == desk.story(copied)
    desk.publish(site, "unrelated")
    desk.again(copied)
    assert desk.story(left) != desk.story(copied)
    with desk.stand.sessions() as session:
        story = session.get_one(Story, desk.story(left))
        head = session.get_one(Cluster, desk.article(left).cluster_id).head_article_id
    assert (story.article_count, story.canonical_article_id, head) == (1, desk.article(left).id, desk.article(left).id)
    assert desk.kinds()[-2:] == ["created", "changed"]


def test_only_the_page_of_a_folded_link_can_be_fetched_again(desk: Desk, site: Site) -> None:
    [pending] = desk.stand.submit(site.url("/nothing"))
    with desk.stand.sessions.begin() as session, pytest.raises(Conflict):
        refetches.refetch_link(session, pending, desk.stand.clock.now)
    with desk.stand.sessions.begin() as session, pytest.raises(NotFound):
        refetches.refetch_link(session, 4711, desk.stand.clock.now + timedelta(days=1))
