"""Redis as the API uses it: to ring doorbells, and to ask workers a question and wait for the answer."""

from __future__ import annotations

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from storyfold.embedded.urls import broker_url
from storyfold.errors import SettingsError
from storyfold.settings import Settings

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
    app.conf.update(
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
