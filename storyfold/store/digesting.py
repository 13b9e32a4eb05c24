"""What a digest holds: a link with its page and what is known of its site, in the statement that claims it.

A page waits to be digested once it is kept. Whoever digests goes on with what waits (`claim_waiting`), so that where
many pages come in, few doorbells bring them all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from storyfold.store import pages, sites
from storyfold.store.direct import Statement
from storyfold.store.leases import RING_LASTS, Lease, Terms
from storyfold.store.links import Declared
from storyfold.store.pages import RawPage
from storyfold.store.sites import SiteKnowledge
from storyfold.store.tables import Fate, Stage


@dataclass(frozen=True, slots=True)
class PageInHand:
    """A link that is held to be digested. `packed` is its page as it is kept, `knowledge` is None where the link has no
    host."""

    lease: Lease
    canonical_url: str | None
    page_id: int | None
    declared: Declared
    packed: Any
    knowledge: SiteKnowledge | None

    @property
    def id(self) -> int:
        """The link's."""
        return self.lease.id

    @property
    def page(self) -> RawPage | None:
        """Unpacked anew each time; None where retention has taken the page already, or there was none."""
        return None if self.packed is None else pages.read_back(self.packed)


def hand_on(session: Session, lease: Lease, page: RawPage, now: datetime, *, few: int, rest: timedelta) -> bool | None:
    """Keep a page that was fetched and have it digested. -> whether a doorbell is to be sent for it.

    That is worth its while where fewer than `few` pages wait: whoever digests those goes on with this one. What is not
    rung for here is rung for by the dispatcher, after `rest`. None where the lease is lost: then nothing is kept.
    """
    values = pages.values_of(page, lease.id) | {"held": lease.token, "at": now, "few": few}
    given = {"until": now + RING_LASTS, "rested": now + rest}
    handed = _HAND_ON.any_row(session, values | given)
    return bool(handed[0]) if handed else None


def claim(session: Session, link_id: int, terms: Terms) -> PageInHand | None:
    """Hold one link whose page is to be digested, or None: another holds it, or there is nothing to do any more."""
    return _in_hand(session, _CLAIM_ONE.any_row(session, _asked(terms) | {"link": link_id}))


def claim_waiting(session: Session, terms: Terms) -> PageInHand | None:
    """Hold the link whose page has waited longest. Those that lost a worker before come by their own doorbells."""
    return _in_hand(session, _CLAIM_WAITING.any_row(session, _asked(terms)))


def is_held(session: Session, lease: Lease, urls: Collection[str]) -> bool:
    """Whether the lease still stands; locks the link's row, and `urls`, until the commit.

    So of two links to one page the second to come here sees the article of the first.
    """
    asked = {"link": lease.id, "token": lease.token, "urls": sorted(set(urls))}
    return bool(_HOLD.rows(session, asked))


def ring_waiting(session: Session, now: datetime) -> list[int]:
    """Note that a doorbell for the page that has waited longest is on its way. -> its link, if there is one."""
    return [id for (id,) in _RING_WAITING.rows(session, {"at": now, "until": now + RING_LASTS})]


def _asked(terms: Terms) -> dict[str, object]:
    return {"at": terms.now, "until": terms.until, "token": uuid4()}


def _in_hand(session: Session, row: Any) -> PageInHand | None:
    if row is None:
        return None
    declared = Declared(
        row.declared_title,
        row.declared_published,
        row.declared_precision,
        row.declared_source,
        row.declared_language,
    )
    return PageInHand(
        Lease(row.id, row.lease_token, row.attempts),
        row.canonical_url,
        row.page_id,
        declared,
        row if row.body is not None else None,
        sites.knowledge_of(session, row.host, row) if row.host is not None else None,
    )


# Asked for every page: names and numbers are bound, the rest is constant, as the partial indexes ask for.
_HAND_ON = Statement(
    f"""
    WITH held AS (SELECT id FROM links WHERE id = :link_id AND lease_token = :held FOR UPDATE),
    kept AS (
        INSERT INTO pages (fetched_at, link_id, kind, final_url, content_type, size, body)
        SELECT CAST(:fetched_at AS timestamptz), id, :kind, :final_url, :content_type, :size, :body FROM held
        RETURNING id
    ), waiting AS (
        SELECT count(*) < :few AS few FROM (
            SELECT FROM links
            WHERE fate = '{Fate.PENDING}' AND stage = '{Stage.DIGEST}' AND next_attempt_at <= :at
                AND lease_token IS NULL
            LIMIT :few
        ) AS others
    )
    UPDATE links SET stage = '{Stage.DIGEST}', page_id = kept.id, attempts = 0, lost_leases = 0, next_attempt_at = :at,
        updated_at = :at, lease_token = NULL, leased_until = NULL, reason = NULL, detail = NULL,
        rung_until = CASE WHEN waiting.few THEN CAST(:until AS timestamptz) ELSE CAST(:rested AS timestamptz) END
    FROM kept, waiting WHERE links.id = :link_id RETURNING waiting.few
    """  # noqa: S608 - names of ours
)
_HOLD = Statement(
    """
    WITH held AS MATERIALIZED (SELECT id FROM links WHERE id = :link AND lease_token = :token FOR UPDATE)
    SELECT held.id, CASE WHEN url IS NOT NULL THEN pg_advisory_xact_lock(hashtextextended(url, 0)) END
    FROM held LEFT JOIN (
        SELECT url FROM unnest(CAST(:urls AS text[])) WITH ORDINALITY AS named (url, place) ORDER BY place
    ) AS in_order ON true
    """
)
_DUE = f"""
    SELECT id FROM links
    WHERE fate = '{Fate.PENDING}' AND stage = '{Stage.DIGEST}' AND next_attempt_at <= :at AND lease_token IS NULL
"""  # noqa: S608
_LONGEST = f"{_DUE} AND lost_leases = 0 ORDER BY next_attempt_at, id LIMIT 1"


def _claim(which: str) -> str:
    return f"""
    WITH held AS (
        UPDATE links SET lease_token = :token, leased_until = :until, rung_until = NULL, attempts = attempts + 1
        WHERE id = ({which} FOR UPDATE SKIP LOCKED)
        RETURNING id, lease_token, attempts, canonical_url, host, page_id, declared_title, declared_published,
            declared_precision, declared_source, declared_language
    )
    SELECT held.*, kind, body, size, fetched_at, final_url, content_type, {sites.KNOWN}
    FROM held LEFT JOIN pages ON pages.id = held.page_id LEFT JOIN site_templates AS learned ON learned.site = held.host
    """  # noqa: S608


_CLAIM_ONE = Statement(_claim(f"{_DUE} AND id = :link"), named=True)
_CLAIM_WAITING = Statement(_claim(_LONGEST), named=True)
_RING_WAITING = Statement(
    f"UPDATE links SET rung_until = :until WHERE id = ({_LONGEST} FOR UPDATE SKIP LOCKED) RETURNING id"  # noqa: S608
)
