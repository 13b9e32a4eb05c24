"""Pages that are only a step to another, and pages that say by which address they want to be known."""

from __future__ import annotations

from newsstand import Newsstand
from servers.site import Site
from sqlalchemy import func, select

from storyfold.store import leases, pages
from storyfold.store.tables import Fate, Page, Stage

BODY = "<body><p>The ferry sails again.</p></body></html>"
PAGE = f"<html><head></head>{BODY}"


def refresh(target: str) -> str:
    return f'<html><head><meta http-equiv="refresh" content="0; url={target}"></head><body></body></html>'


def amp(target: str) -> str:
    return f'<html amp><head><link rel="canonical" href="{target}"></head>{BODY}'


def canonical(target: str) -> str:
    return f'<html><head><link rel="canonical" href="{target}"></head>{BODY}'


def test_a_meta_refresh_is_followed_to_the_page(stand: Newsstand, site: Site) -> None:
    site.serve("/ferry", PAGE)
    link = stand.fetched(site.serve("/s/1", refresh("/ferry")))
    assert link.stage == Stage.DIGEST
    with stand.sessions() as session:
        assert pages.get_page(session, link.page_id).final_url == site.url("/ferry")


def test_a_shortener_to_an_amp_form_ends_at_the_full_page(stand: Newsstand, site: Site) -> None:
    site.serve("/ferry", PAGE)
    site.serve("/ferry.amp", amp("/ferry"))
    link = stand.fetched(site.serve("/s/1", refresh("/ferry.amp")))
    with stand.sessions() as session:
        assert pages.get_page(session, link.page_id).final_url == site.url("/ferry")


def test_pages_that_only_lead_on_are_a_loop(stand: Newsstand, site: Site) -> None:
    site.serve("/b", refresh("/a"))
    link = stand.fetched(site.serve("/a", refresh("/b")))
    assert (link.fate, link.reason) == (Fate.REJECTED, "redirect-loop")
    assert len(site.requests) <= 4


def test_an_amp_form_without_its_full_page_is_a_page(stand: Newsstand, site: Site) -> None:
    assert stand.fetched(site.serve("/ferry.amp", amp("/ferry"))).stage == Stage.DIGEST


def test_a_refresh_to_nowhere_is_rejected_as_what_it_leads_to(stand: Newsstand, site: Site) -> None:
    link = stand.fetched(site.serve("/s/1", refresh("/nowhere")))
    assert (link.fate, link.reason) == (Fate.REJECTED, "not-found")


def test_a_refresh_into_what_is_disallowed_is_not_followed(stand: Newsstand, site: Site) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /private/", content_type="text/plain")
    site.serve("/private/a", PAGE)
    assert stand.fetched(site.serve("/s/1", refresh("/private/a"))).reason == "robots"
    assert not site.asked("/private/a")


def test_two_forms_of_a_page_are_one_link(stand: Newsstand, site: Site) -> None:
    page = stand.fetched(site.serve("/ferry", canonical("/ferry")))
    printed = stand.fetched(site.serve("/print/ferry", canonical("/ferry")))
    assert (printed.fate, printed.reason, printed.duplicate_of) == (Fate.DUPLICATE, "canonical-url", page.id)


def test_a_page_is_known_by_what_it_calls_itself(stand: Newsstand, site: Site) -> None:
    printed = stand.fetched(site.serve("/print/ferry", canonical("/ferry")))
    assert stand.submit(site.url("/ferry")) == [printed.id]


def test_a_page_that_names_another_outlets_address_stays_its_own(stand: Newsstand, site: Site) -> None:
    first = stand.fetched(site.serve("/a", canonical("https://harbour-post.example/ferry")))
    second = stand.fetched(site.serve("/b", canonical("https://harbour-post.example/ferry")))
    assert first.stage == second.stage == Stage.DIGEST


def test_links_of_google_news_are_rejected_with_their_reason_and_without_a_request(stand: Newsstand) -> None:
    link = stand.fetched("https://news.google.com/rss/articles/CBMiabc?oc=5")
    assert (link.fate, link.reason) == (Fate.REJECTED, "needs-browser")
    assert "browser" in str(link.detail)


def test_the_pause_of_each_step_is_kept_afterwards(polite: Newsstand, site: Site) -> None:
    site.serve("/ferry", PAGE)
    polite.fetched(site.serve("/s/1", refresh("/ferry")))
    polite.clock.pass_(seconds=2)
    [other] = polite.submit(site.serve("/s/2", refresh("/ferry2")))
    site.serve("/ferry2", PAGE)
    polite.run(polite.fetch, other)
    [waiting] = polite.submit(site.serve("/c", PAGE))
    polite.clock.pass_(seconds=0.9)
    assert not polite.run(polite.fetch, waiting)


def test_a_host_in_trouble_is_asked_more_slowly_and_eased_again(polite: Newsstand, site: Site) -> None:
    polite.fetched(site.serve("/a", PAGE))
    polite.clock.pass_(seconds=2)
    polite.fetched(site.serve("/b", "", status=429))
    later = polite.submit(site.serve("/c", PAGE), site.serve("/d", PAGE))
    polite.clock.pass_(seconds=1.9)
    assert not polite.run(polite.fetch, later[0])
    polite.clock.pass_(seconds=0.2)
    assert polite.run(polite.fetch, later[0])
    polite.clock.pass_(seconds=1.9)
    assert not polite.run(polite.fetch, later[1])


def test_an_installation_without_a_pause_is_not_slowed_down_by_errors(stand: Newsstand, site: Site) -> None:
    stand.fetched(site.serve("/a", "", status=500))
    assert stand.fetched(site.serve("/b", PAGE)).stage == Stage.DIGEST


def test_a_host_that_names_a_time_is_left_alone_until_then(stand: Newsstand, site: Site) -> None:
    stand.fetched(site.serve("/a", PAGE))
    stand.fetched(site.serve("/b", "", status=429, headers={"retry-after": "90"}))
    [later] = stand.submit(site.serve("/c", PAGE))
    stand.clock.pass_(seconds=89)
    assert not stand.run(stand.fetch, later)
    stand.clock.pass_(seconds=2)
    assert stand.run(stand.fetch, later)


def test_a_page_whose_lease_was_lost_meanwhile_is_not_kept(stand: Newsstand, site: Site) -> None:
    [link_id] = stand.submit(site.serve("/late", "<html><body><p>Late.</p></body></html>"))

    def lose() -> None:
        with stand.sessions.begin() as session:
            leases.release_all(session)

    stand.run(stand.fetch, link_id, between=lose)
    with stand.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Page)) == 0
    assert stand.link(link_id).stage == Stage.FETCH
