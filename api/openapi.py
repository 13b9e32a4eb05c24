"""The OpenAPI document: which statuses each path answers with, and what problem documents look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.scopes import scopes_for

MEDIA_TYPE = "application/problem+json"
OPEN_PATHS = ("/healthz", "/readyz")

_REF = {"$ref": "#/components/schemas/Problem"}
_PROBLEM = {
    "title": "Problem",
    "description": "An error by RFC 9457.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do about it."},
        "reason": {"type": "string", "description": "Why a page could not be used, in one word."},
        "errors": {
            "type": "array",
            "description": "Each place that is wrong: a JSON pointer into the body, or a parameter.",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                },
            },
        },
    },
    "examples": [{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is no story 4711"}],
}
_MEANING = {
    401: "The key is missing or is none, was revoked or has expired; or the request is not signed as it should be.",
    403: "The key is not good for this.",
    404: "There is no such thing.",
    409: "The request contradicts what is stored.",
    410: "It was taken down.",
    413: "The body is larger than this installation takes.",
    422: "The request is not what this takes.",
    429: "Too many requests: try again after `Retry-After` seconds.",
    503: "A server behind the API is away, or busy: try again after `Retry-After`.",
}

_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key of `storyfold keys make`, asked for once one exists. Scopes: `read`, `submit`, `admin`.",
}
_HEADERS: dict[int, dict[str, dict[str, str]]] = {
    401: {"WWW-Authenticate": {"type": "string"}},
    403: {"WWW-Authenticate": {"type": "string"}},
    429: {
        "Retry-After": {"type": "integer"},
        "RateLimit": {"type": "string"},
        "RateLimit-Policy": {"type": "string"},
    },
    503: {"Retry-After": {"type": "integer"}},
}


def answers(status: int, description: str, *errors: int, database: bool = True) -> dict[int | str, dict[str, Any]]:
    """What a route answers with: its success and its own errors (503 wherever the `database` is asked).

    What comes from the shape of the request (413, 422) and from the gate (401, 403, 429) is added by itself.
    """
    failures = (*errors, 503) if database else errors
    return {status: {"description": description}, **{code: {"description": _MEANING[code]} for code in failures}}


def install(app: FastAPI, asks_for_keys: Callable[[], bool]) -> None:
    """Have `app` serve the document, made when it is first asked for; without a key no operation requires one."""
    made: dict[bool, dict[str, Any]] = {}

    def document() -> dict[str, Any]:
        needs_key = asks_for_keys()
        if needs_key not in made:
            made[needs_key] = _document(app, needs_key)
        return made[needs_key]

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI, needs_key: bool) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.router.routes)
    document["components"]["schemas"]["Problem"] = _PROBLEM
    document["components"]["securitySchemes"] = {"key": _KEY}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, guarded=path not in OPEN_PATHS, judged=path.startswith("/v1/"))
            operation["security"] = _security(method, path, needs_key)
    _drop_unused(document)
    return document


def _drop_unused(document: dict[str, Any]) -> None:
    """Leave out the framework's own errors, and what is only a type inside."""
    schemas = document["components"]["schemas"]
    for name in list(schemas):
        others = {**document, "components": {"schemas": {key: value for key, value in schemas.items() if key != name}}}
        if f'"#/components/schemas/{name}"' not in json.dumps(others):
            del schemas[name]


def _complete(operation: dict[str, Any], *, guarded: bool, judged: bool) -> None:
    """`guarded` operations are behind the gate, `judged` ones refuse what they do not know."""
    responses = operation["responses"]
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _not_null(parameter["schema"])
    if judged:
        responses |= {"413": {}, "422": {}}
    if guarded:
        responses |= {str(status): {} for status in (401, 403, 429)}
    for status, response in responses.items():
        if status.isdigit() and int(status) >= HTTPStatus.BAD_REQUEST:
            response["description"] = _MEANING[int(status)]
            response["content"] = {MEDIA_TYPE: {"schema": _REF}}
            if int(status) in _HEADERS:
                response["headers"] = {name: {"schema": schema} for name, schema in _HEADERS[int(status)].items()}


def _security(method: str, path: str, needs_key: bool) -> list[dict[str, list[str]]]:
    """A key with one of the scopes that open the path, or none where none exists."""
    if path in OPEN_PATHS:
        return []
    keys = [{"key": [scope.value]} for scope in sorted(scopes_for(method.upper(), path))]
    return keys if needs_key else [*keys, {}]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is not given is not there: no query can say null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if not choices:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**choices[0], **rest} if len(choices) == 1 else {**rest, "anyOf": choices}
