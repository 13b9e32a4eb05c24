"""What operators and their machines ask: alive, ready, and figures."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import Response

from api.metrics import render
from api.openapi import answers
from api.problems import RETRY_AFTER, problem
from api.services import Door
from storyfold.store import progress, seeds
from storyfold.store.schema import is_migrated

router = APIRouter(tags=["operations"])


class State(BaseModel):
    status: str


class Readiness(State):
    """`stalled` names the queues in which work is due for minutes and nobody does any."""

    stalled: list[str]


@router.get("/healthz", responses=answers(200, "The process answers.", database=False))
async def healthz() -> State:
    """Alive: says nothing of the servers behind. A process that does not answer here should be started again."""
    return State(status="alive")


@router.get(
    "/readyz", response_model=Readiness, responses=answers(200, "Migrations are done, the seed corpus is folded.")
)
def readyz(door: Door) -> Readiness | Response:
    """Ready: the database answers, its schema is the newest, and the seed corpus is folded.

    An API whose workers are gone can still answer: it stays ready, and says in which queues nothing moves.
    """
    if not is_migrated(door.engine):
        return problem(503, "the database is not migrated yet", headers=RETRY_AFTER)
    with door.reading() as session:
        if not seeds.is_ready(session):
            return problem(503, "the seed corpus is not folded yet", headers=RETRY_AFTER)
        now = door.now()
        stalled = [queue.name for queue in progress.queues(session, now) if queue.is_stalled(now)]
    return Readiness(status="ready", stalled=stalled)


@router.get(
    "/metrics",
    response_class=Response,
    responses=answers(200, "Figures in Prometheus' text format.")
    | {200: {"description": "Figures in Prometheus' text format.", "content": {"text/plain": {}}}},
)
def metrics(door: Door) -> Response:
    """Work that waits, and for how long; links by fate."""
    with door.reading() as session:
        return Response(render(session, door.now()), media_type=CONTENT_TYPE_LATEST)
