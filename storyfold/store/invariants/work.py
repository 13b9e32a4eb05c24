"""Rules of work: nothing is held for ever, and nothing waits without end."""

from storyfold.store.invariants.rule import Rule

_SWEEP = "leases are freed by beat and a network worker: see that both run (`/metrics` says since when nothing moved)"


def _held(table: str) -> Rule:
    return Rule(
        f"lease-ends:{table}",
        table,
        "Work is not held on to after its lease ran out: within minutes it is free for another worker.",
        _SWEEP,
        f"SELECT id FROM {table} WHERE leased_until < :now - interval '5 minutes'",  # noqa: S608 - a name of ours
    )


WORK = (
    _held("links"),
    _held("feeds"),
    _held("subscriptions"),
    Rule(
        "lease-is-whole",
        "links",
        "What is held has a time at which it is free again; what is settled is held by nobody.",
        _SWEEP,
        """
        SELECT id FROM links WHERE lease_token IS NOT NULL AND (leased_until IS NULL OR fate <> 'pending')
        """,
    ),
    Rule(
        "due-some-day",
        "links",
        "Whatever waits comes round again: no pending link is put off for more than a month.",
        "try it now: UPDATE links SET next_attempt_at = now() WHERE id IN (…)",
        "SELECT id FROM links WHERE fate = 'pending' AND next_attempt_at > :now + interval '31 days'",
    ),
    Rule(
        "delivery-is-due",
        "deliveries",
        "What a subscription is owed has a time at which it is tried next, exactly while it is pending.",
        "try it now: UPDATE deliveries SET next_attempt_at = now() WHERE id IN (…)",
        "SELECT id FROM deliveries WHERE (state = 'pending') <> (next_attempt_at IS NOT NULL)",
    ),
)
