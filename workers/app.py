"""The Celery application: queues, limits and the beat. Nothing is configured or connected on import."""

from __future__ import annotations

from datetime import timedelta

from celery import Celery
from kombu.entity import Exchange, Queue

from storyfold.embedded.urls import broker_url
from storyfold.errors import SettingsError
from storyfold.settings import Settings
from storyfold.stages.kinds import Kind
from workers.request import Doorbell

DISPATCH = "dispatch"
KEEP_HOUSE = "keep-house"
MATCH_PAGE = "match-page"
MATCH = "match"
DISCOVER = "discover"

_EXCHANGE = Exchange("storyfold", type="direct")

# Who waits on the network and who burns CPU; each list is what one kind of worker consumes.
NETWORK_QUEUES = (DISPATCH, Kind.POLL.value, Kind.FETCH.value, Kind.DELIVER.value, MATCH_PAGE)
CPU_QUEUES = (MATCH, DISCOVER, Kind.READ.value, Kind.FOLD.value, Kind.DIGEST.value, Kind.REPAIR.value)

DISPATCH_EVERY = timedelta(seconds=1)
REPAIR_EVERY = timedelta(seconds=30)
KEEP_HOUSE_EVERY = timedelta(hours=12)


def create_app(settings: Settings) -> Celery:
    """The application on the Redis of `settings`. Raises `SettingsError` where none is named."""
    if settings.redis_url is None:
        raise SettingsError("STORYFOLD_REDIS_URL is not set: workers find their queue there")
    url = broker_url(settings.redis_url)
    app = Celery("storyfold", broker=url, backend=url, set_as_current=False, task_cls=Doorbell)
    app.conf.update(
        task_queues=[Queue(name, _EXCHANGE, routing_key=name) for name in (*NETWORK_QUEUES, *CPU_QUEUES)],
        task_default_queue=DISPATCH,
        task_ignore_result=True,
        result_expires=60,
        # A message lost is rung again by the dispatcher; a message is never waited for.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        # A worker waits for Redis when it starts. One that loses it later ends: see `workers.request`.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_retry=False,
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2},
        broker_transport_options={"socket_connect_timeout": 5, "socket_keepalive": True, "health_check_interval": 25},
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_max_memory_per_child=settings.task_memory // 1024,
        beat_schedule={
            "dispatch": _every(DISPATCH_EVERY, DISPATCH, DISPATCH),
            "repair": _every(REPAIR_EVERY, Kind.REPAIR.value, Kind.REPAIR.value),
            "keep-house": _every(KEEP_HOUSE_EVERY, KEEP_HOUSE, DISPATCH),
        },
        beat_max_loop_interval=1,
        beat_scheduler="celery.beat:Scheduler",
        timezone="UTC",
    )
    return app


def _every(interval: timedelta, task: str, queue: str) -> dict[str, object]:
    """Messages that nobody took by the time of the next one are dropped."""
    return {"task": task, "schedule": interval, "options": {"queue": queue, "expires": interval.total_seconds()}}
