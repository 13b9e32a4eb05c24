"""Subscriptions: who is told of which changes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas.articles import Language
from api.schemas.base import (
    LIMIT,
    Answer,
    Count,
    Cursor,
    Given,
    Id,
    Instant,
    Limit,
    Storable,
    WebAddress,
)
from storyfold.store.subscriptions import Wanted
from storyfold.store.tables import ChangeKind, Subscription

Endpoint = Annotated[
    WebAddress,
    Field(description="Where messages are sent.", examples=["https://desk.example/hooks/storyfold"]),
]
Note = Annotated[Storable, Field(max_length=500, description="For people.")]
Kinds = Annotated[
    list[ChangeKind], Field(min_length=1, max_length=50, description="Of these kinds; all of them by default.")
]
Words = Annotated[
    Annotated[Storable, StringConstraints(min_length=1, max_length=500)],
    Field(description="Full text, as in `GET /v1/stories`.", examples=["ferry -strike"]),
]
Source = Annotated[Storable, Field(max_length=253, description="Told by this source, among others.")]
Articles = Annotated[Count, Field(strict=True, description="Of stories with so many articles.")]
ClusterArticles = Annotated[
    Count, Field(strict=True, description="Of stories with a syndication cluster of so many articles.")
]


class GivenSubscription(Given):
    """The endpoint, and what it is to be told of. Filters go by what the story is when the change is passed on; that a
    story was merged or removed is told whatever it was."""

    url: Endpoint
    description: Note | None = None
    kinds: Kinds = Field(default_factory=lambda: list(ChangeKind))
    q: Words | None = None
    source: Source | None = None
    language: Language | None = None
    min_articles: Articles | None = None
    min_cluster_articles: ClusterArticles | None = None
    cursor: Annotated[
        str | None,
        Field(max_length=1_000, description="A cursor of `/v1/changes`: begin behind it. From now on without one."),
    ] = None

    def wanted(self) -> Wanted:
        return Wanted(**self.model_dump(exclude={"cursor"}))


class ChangedSubscription(Given):
    """What is to be changed; what is left out stays. `null` takes a filter away."""

    url: Endpoint | None = None
    description: Note | None = None
    kinds: Kinds | None = None
    q: Words | None = None
    source: Source | None = None
    language: Language | None = None
    min_articles: Articles | None = None
    min_cluster_articles: ClusterArticles | None = None

    def wanted(self, before: Subscription) -> Wanted:
        """What is wanted from now on. An address, and kinds, cannot be taken away: null leaves them."""
        given = self.model_dump(exclude_unset=True)
        kept = {name: getattr(before, name) for name in Wanted.__dataclass_fields__}
        kept["kinds"] = [ChangeKind(kind) for kind in before.kinds]
        stays = {name for name in ("url", "kinds") if given.get(name) is None}
        return Wanted(**kept | {name: value for name, value in given.items() if name not in stays})


class SubscriptionState(StrEnum):
    """`failing`: the last message was not taken, and is tried again."""

    ACTIVE = "active"
    FAILING = "failing"
    PAUSED = "paused"


class SubscriptionItem(Answer):
    """A subscription and how it goes. `pending` counts the messages noted and not yet taken; `error` is what the last
    try failed with; `paused_reason` says why nothing is sent."""

    id: Id
    url: str
    description: str | None
    kinds: list[ChangeKind]
    q: str | None
    source: str | None
    language: str | None
    min_articles: int | None
    min_cluster_articles: int | None
    state: SubscriptionState
    paused_at: Instant | None
    paused_reason: str | None
    failing_since: Instant | None
    error: str | None
    next_attempt_at: Instant | None
    last_success: Instant | None
    pending: int
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of_subscription(cls, kept: Subscription, pending: int, **more: object) -> Self:
        same = {name: getattr(kept, name) for name in cls.model_fields if hasattr(kept, name)}
        state = _state(kept)
        waits = kept.not_before if state is SubscriptionState.FAILING else None
        shown = {"id": str(kept.id), "state": state, "error": kept.last_error, "next_attempt_at": waits}
        return cls.model_validate(same | shown | {"pending": pending, **more})


class NewSubscription(SubscriptionItem):
    """With the secret that its messages are signed with, shown this once."""

    secret: Annotated[str, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])]


class NewSecret(Answer):
    """The new secret, shown this once. Messages are signed by the old one too until `old_until`."""

    secret: str
    old_until: Instant


class GivenPause(Given):
    reason: Annotated[Storable, Field(min_length=1, max_length=500)] = "paused by hand"


class SubscriptionQuery(Given):
    limit: Limit = LIMIT
    cursor: Cursor | None = None


def _state(kept: Subscription) -> SubscriptionState:
    if kept.paused_at is not None:
        return SubscriptionState.PAUSED
    return SubscriptionState.FAILING if kept.error_streak else SubscriptionState.ACTIVE
