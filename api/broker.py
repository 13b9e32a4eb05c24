"""Redis as the API uses it: to ring doorbells, and to ask workers a question and wait for the answer."""

from __future__ import annotations

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from storyfold.embedded.urls import broker_url
from storyfold.errors import SettingsError
from storyfold.settings import Settings

DISPATCH = "dispatch"
MATCH = "match"
MATCH_PAGE = "match-page"
DISCOVER = "discover"
"""Names of the workers' tasks, each also that of its queue: draw what is due; compare a text; fetch and compare."""

BROKER_ERRORS = (OperationalError, RedisError, OSError)
"""What says that Redis is away."""

# A request waits for Redis no longer than this, in seconds.
PATIENCE = 2


def make_broker(settings: Settings) -> Celery:
    """A Celery application that only sends and reads answers. Raises `SettingsError` where no Redis is named."""
    if settings.redis_url is None:
        raise SettingsError("STORYFOLD_REDIS_URL is not set: the API rings its workers there")
    url = broker_url(settings.redis_url)
    app = Celery("storyfold-api", broker=url, backend=url, set_as_current=False)
    # The workers' own exchange: a queue declared with another would be bound to both.
    exchange = Exchange("storyfold", type="direct")  # type: ignore[no-untyped-call]
    app.conf.update(
        task_queues=[
            Queue(name, exchange, routing_key=name)  # type: ignore[no-untyped-call]
            for name in (DISPATCH, MATCH, MATCH_PAGE, DISCOVER)
        ],
        task_default_queue=DISPATCH,
        task_publish_retry=False,
        broker_connection_timeout=PATIENCE,
        broker_transport_options={
            "socket_connect_timeout": PATIENCE,
            "socket_timeout": PATIENCE,
            "max_retries": 0,
            "health_check_interval": 25,
        },
        redis_socket_timeout=PATIENCE,
        redis_socket_connect_timeout=PATIENCE,
        result_backend_transport_options={"retry_policy": {"max_retries": 0}},
    )
    return app
