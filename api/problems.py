"""Errors as problem documents (RFC 9457): every answer of 400 and above is one. None tells of what is inside."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response
from starlette.routing import Match

from api.matcher import NoAnswer
from storyfold.errors import BadInput, Conflict, EngineError, Gone, NotFound

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "5"}

# A body can be wrong in ten thousand places; these many are named.
ERRORS_NAMED = 20

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
"""What says that PostgreSQL is away."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_UNDEFINED_TABLE = "42P01"

# What is said in better words than the library's.
_MEANING = {"extra_forbidden": "this name is not known here"}


def problem(
    status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """A problem document; `more` are members beyond those of the standard."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    body = json.dumps({name: value for name, value in document.items() if value is not None})
    return Response(body, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""
    for error, status in ((BadInput, 422), (NotFound, 404), (Gone, 410), (Conflict, 409)):
        app.add_exception_handler(error, _handler(status))
    for away in DATABASE_AWAY:
        app.add_exception_handler(away, database_away)
    app.add_exception_handler(ProgrammingError, not_migrated)
    app.add_exception_handler(EngineError, _no_service)
    app.add_exception_handler(NoAnswer, _no_service)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(Exception, _internal)


def _handler(status: int) -> Any:
    async def answer(_request: Request, error: Exception) -> Response:
        return problem(status, str(error))

    return answer


async def database_away(_request: Request, error: Exception) -> Response:
    log.warning("PostgreSQL does not answer: %s", error)
    return problem(503, "the database does not answer: try again later", headers=RETRY_AFTER)


def refused(error: Mapping[str, Any]) -> Response:
    """What a worker answers with where it cannot: what may go otherwise another time (the server's fault, or its turn
    has not come) is worth asking again."""
    if error.get("transient"):
        return problem(503, error["message"], headers=RETRY_AFTER, reason=error["reason"])
    return problem(422, error["message"], reason=error["reason"])


async def not_migrated(request: Request, error: Exception) -> Response:
    """A table that is not there is a database that nobody has migrated yet; anything else is a fault of ours."""
    if getattr(getattr(error, "orig", None), "sqlstate", None) != _UNDEFINED_TABLE:
        log.error("a query is wrong", exc_info=error)
        return await _internal(request, error)
    return problem(503, "the database is not migrated yet: try again later", headers=RETRY_AFTER)


async def _no_service(request: Request, error: Exception) -> Response:
    log.warning("503 on %s: %s", request.url.path, error)
    return problem(503, f"{error}: try again later", headers=RETRY_AFTER)


async def _invalid(_request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    if any(item["type"] == "json_invalid" for item in errors):
        return problem(422, "the body cannot be read as JSON")
    named = [_explain(item["loc"], _MEANING.get(item["type"], item["msg"])) for item in errors[:ERRORS_NAMED]]
    return problem(422, "the request is not what this takes: see errors", errors=named)


def _explain(location: Sequence[int | str], message: str) -> dict[str, str]:
    """Where it is wrong (a JSON pointer into the body, or a parameter's name), and what is."""
    detail = message.removeprefix("Value error, ")
    place, *path = location
    if place != "body":
        return {"parameter": ".".join(str(part) for part in path), "detail": detail}
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    return {"pointer": f"#{pointer}", "detail": detail}


async def _http(request: Request, error: Exception) -> Response:
    """What the framework raises: no such path, no such method, a body that cannot be read or is too large."""
    if not isinstance(error, StarletteHTTPException):
        raise error
    if error.status_code == 400:
        return problem(422, "the body cannot be read as JSON")
    if error.status_code == 405:
        allowed = ", ".join(_allowed(request))
        return problem(405, f"this path takes {allowed}", headers={"Allow": allowed})
    if error.status_code == 404:
        return problem(404, "there is nothing at this path")
    return problem(error.status_code, error.detail, headers=error.headers)


def _allowed(request: Request) -> list[str]:
    """Every method of the path: the framework knows only those of the first route that has it.

    Where a path is a name (``/v1/feeds/opml``), what it would be as an id does not count.
    """
    named = request.app.openapi()["paths"].get(request.url.path)
    if named is not None:
        return [method for method in _METHODS if method.lower() in named]
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.router.routes
        )
    ]


async def _internal(_request: Request, _error: Exception) -> Response:
    return problem(500, "this is a fault of the service, and is in its log")
