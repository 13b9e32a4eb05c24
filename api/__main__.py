"""``python -m api``: serves the API on the host and port, and from the servers, that the environment names."""

from __future__ import annotations

import logging
import sys

import uvicorn

from api.app import create_app
from storyfold.errors import SettingsError
from storyfold.settings import load_settings

# Requests in hand at SIGTERM or SIGINT have this long to end.
GRACE_SECONDS = 10

_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main() -> None:
    settings = load_settings()
    logging.basicConfig(level=logging.INFO, format=_LOG_FORMAT, stream=sys.stderr)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    try:
        main()
    except SettingsError as error:
        sys.exit(f"storyfold: {error}")
