"""What an HTTP answer means for the work that asked: statuses, ``Retry-After``, and failures of the connection."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import h11
import httpcore

from storyfold.errors import FateError, Rejected, Transient

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT_REDIRECTS = frozenset({301, 308})

_REJECTED = {
    401: "unauthorized",
    402: "unauthorized",
    403: "forbidden",
    404: "not-found",
    410: "gone",
    451: "forbidden",
}
_TRANSIENT = {408: "time-out", 425: "server-error", 429: "rate-limited"}
_LONGEST_WAIT = timedelta(days=365)
_HEADERS_TOO_LARGE = 431


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """The time a ``Retry-After`` header asks to wait for, in either of its forms (RFC 9110, 10.2.3).

    None where there is no header, it cannot be read, or it lies in the past; at most a year ahead.
    """
    if not value:
        return None
    text = value.strip()
    try:
        if text.isascii() and text.isdecimal():
            at = now + timedelta(seconds=min(int(text[:12]), _LONGEST_WAIT.total_seconds()))
        else:
            at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return min(at, now + _LONGEST_WAIT) if at > now else None


def fault_of_status(status: int, headers: dict[str, str], now: datetime) -> FateError | None:
    """The error an answer of `status` stands for; None for 2xx and 304."""
    if status == 304 or (200 <= status < 300 and status != 206):
        return None
    said = f"the server answered {status}"
    wait = retry_after(headers.get("retry-after"), now)
    if status in _TRANSIENT or status >= 500:
        return Transient(_TRANSIENT.get(status, "server-error"), said, retry_at=wait)
    if status in _REJECTED or 400 <= status < 500:
        return Rejected(_REJECTED.get(status, "client-error"), said)
    if status == 206:
        return Transient("truncated", "the server sent a part that was not asked for")
    return Rejected("bad-redirect", f"{said}, which leads nowhere")


def fault_of_connection(error: Exception, *, in_body: bool) -> FateError:
    """The error that a failure of the connection stands for (`httpcore`'s exceptions)."""
    cause = error.__cause__
    if isinstance(error, httpcore.TimeoutException):
        return Transient("time-out", "the server did not answer in time")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Transient("tls", f"the certificate cannot be trusted: {cause.verify_message}")
    if isinstance(cause, ssl.SSLError) and isinstance(error, httpcore.ConnectError):
        return Transient("tls", f"no secure connection: {cause.reason or cause}")
    if isinstance(cause, h11.RemoteProtocolError):
        return _protocol_fault(cause, in_body=in_body)
    if isinstance(error, httpcore.ProtocolError) and cause is not None:
        return Transient("bad-response", f"the answer is not HTTP: {error}")
    return Transient("connection", f"the connection failed: {error}")


def _protocol_fault(cause: h11.RemoteProtocolError, *, in_body: bool) -> FateError:
    if cause.error_status_hint == _HEADERS_TOO_LARGE:
        return Rejected("too-big", "the headers of the answer do not end")
    if in_body:
        return Transient("truncated", f"the body ends too early: {cause}")
    return Transient("bad-response", f"the answer is not HTTP: {cause}")
