"""What a route does not take is an error, not silence: a name that is not known is a misspelt one.

Routes that take a query or a body take it as a `Given`, which refuses what it does not know. The others take nothing,
and this says so for all of them; and for all that of a parameter that is given twice only one would be heard.
"""

from __future__ import annotations

from typing import get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

# What clients send along by themselves where there is nothing to say.
_NOTHING = (b"", b"{}", b"null")


async def refuse_unknown_names(request: Request) -> None:
    """Raises `RequestValidationError` for a query, or a body, at a route that takes none; and for a parameter that is
    given more than once where one is taken."""
    route = request.scope["route"]
    if not isinstance(route, APIRoute):
        return
    errors = []
    if not route.dependant.query_params:
        errors += [{"type": "extra_forbidden", "loc": ("query", name), "msg": ""} for name in request.query_params]
    twice = {name for name in request.query_params if len(request.query_params.getlist(name)) > 1}
    wrong = sorted(twice - _lists(route)) if twice else []
    errors += [{"type": "repeated", "loc": ("query", name), "msg": "this is given more than once"} for name in wrong]
    if not _takes_body(route) and b"".join((await request.body()).split()) not in _NOTHING:
        errors.append({"type": "body_forbidden", "loc": ("body",), "msg": "nothing is taken in the body here"})
    if errors:
        raise RequestValidationError(errors)


def _lists(route: APIRoute) -> set[str]:
    """The parameters that may be given several times."""
    models = [taken.field_info.annotation for taken in route.dependant.query_params]
    fields = [field for model in models for field in getattr(model, "model_fields", {}).items()]
    return {name for name, field in fields if get_origin(field.annotation) is list}


def _takes_body(route: APIRoute) -> bool:
    return route.body_field is not None or "requestBody" in (route.openapi_extra or {})
