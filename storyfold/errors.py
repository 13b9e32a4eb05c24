"""Every error Storyfold raises on purpose.

::

    StoryfoldError
    ├── SettingsError             the environment asks for something that cannot be
    ├── EngineError               PostgreSQL or Redis cannot be started, reached or used
    │   └── DataDirectoryInUse    another run holds this data directory
    ├── NotFound                  no such feed, link, article or story
    │   └── Gone                  it was there, and was taken down
    ├── Conflict                  the request contradicts what is stored
    ├── BadInput                  what was handed in cannot be used; the message says what to do
    └── FateError                 a link's work ended; `reason` goes to its record
        ├── Rejected              for good: trying again would end the same way
        └── Transient             this time: to be tried again later
            └── HostBusy          not even tried: the host's turn has not come

A class is permanent or transient by what it is, never by what its message says. A class's docstring is what a person
reads when nothing more is known.
"""

from __future__ import annotations

from datetime import datetime


class StoryfoldError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class SettingsError(StoryfoldError):
    """A setting cannot be used."""


class EngineError(StoryfoldError):
    """PostgreSQL or Redis cannot be reached."""


class DataDirectoryInUse(EngineError):
    """Another run of Storyfold uses this data directory."""


class NotFound(StoryfoldError):
    """There is no such thing."""


class Gone(NotFound):
    """It was taken down."""


class Conflict(StoryfoldError):
    """The request contradicts what is stored."""


class BadInput(StoryfoldError):
    """The input cannot be used."""


class FateError(StoryfoldError):
    """The work on a link ended without an article.

    `reason` is a short machine-readable word (``not-found``, ``too-big``, ``time-out``); the message is for people.
    """

    def __init__(self, reason: str, message: str | None = None) -> None:
        super().__init__(message or reason)
        self.reason = reason


class Rejected(FateError):
    """For good: trying again would end the same way."""


class Transient(FateError):
    """Failed this time. `retry_at` is the earliest time the server allows another try, where it said so."""

    def __init__(self, reason: str, message: str | None = None, *, retry_at: datetime | None = None) -> None:
        super().__init__(reason, message)
        self.retry_at = retry_at


class HostBusy(Transient):
    """The host's turn has not come; the try does not count."""
