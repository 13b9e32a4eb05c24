"""The audit trail: put on record what was done, in the transaction that does it, and read it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storyfold.store.tables import Act, AuditEntry


def record(
    session: Session, actor: str, action: Act, subject: str, detail: Mapping[str, Any] | None, now: datetime
) -> None:
    """Note an act. It stands in the trail exactly if the session's transaction commits.

    `subject` is a kind and an id (``story/12``); `detail` is what else a reader of the trail should know, in values
    that JSON has. No secret belongs in it.
    """
    values = {"at": now, "actor": actor, "action": action, "subject": subject, "detail": dict(detail or {})}
    session.execute(insert(AuditEntry).values(values))


def list_entries(
    session: Session,
    *,
    actions: Sequence[str] = (),
    subject: str | None = None,
    since: datetime | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """The trail, newest first: of these actions, on this subject, at or after `since`, below `before_id`."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if actions:
        query = query.where(AuditEntry.action.in_(actions))
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(session.scalars(query))
