"""The application, put together from settings alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI

from api import lookout, openapi, problems
from api.gate import GateKeeper
from api.guards import BodyLimit
from api.known_names import refuse_unknown_names
from api.routers import (
    articles,
    audit,
    changes,
    deliveries,
    feeds,
    links,
    match,
    operations,
    sites,
    stories,
    story_feeds,
    subscriptions,
)
from api.services import Services
from storyfold.settings import Settings

DESCRIPTION = """Storyfold folds what it reads into canonical stories: what happened, who told it first, who only
repeated it, and what did each change.

Every error is a problem document (RFC 9457). Times are RFC 3339 with zone, ids and cursors are opaque strings,
what is unknown is `null`."""


def create_app(settings: Settings) -> FastAPI:
    """The API on the PostgreSQL and the Redis of `settings`; neither has to be there yet.

    Raises:
        SettingsError: one of the two is not named.
    """
    services = Services.from_settings(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.lookout.close()
        services.close()

    app = FastAPI(
        title="Storyfold",
        version=version("storyfold"),
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.services = services
    lookout.install(app, services.sessions)
    for noun in (
        links,
        articles,
        stories,
        story_feeds,
        match,
        feeds,
        changes,
        subscriptions,
        deliveries,
        audit,
        sites,
    ):
        app.include_router(noun.router, dependencies=[Depends(refuse_unknown_names)])
    app.include_router(operations.router)  # machines ask these, some with a parameter that means nothing
    problems.install(app)
    app.add_middleware(BodyLimit, most=settings.request_bytes)
    app.add_middleware(GateKeeper, gate=services.gate)
    openapi.install(app, lambda: services.gate.book.asked)
    return app
