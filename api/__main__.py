"""``python -m api``: serves the API on the host and port, and from the servers, that the environment names."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from storyfold import logs
from storyfold.errors import SettingsError
from storyfold.settings import load_settings

# Requests in hand at SIGTERM or SIGINT have this long to end.
GRACE_SECONDS = 10


class Server(uvicorn.Server):
    """Ends open streams first when it is told to stop: waiting for them would be waiting for ever."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.lookout.close()
        await super().shutdown(sockets)


def main() -> None:
    settings = load_settings()
    logs.set_up(level=settings.log_level, as_json=settings.log_json)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = Server(config, app)
    with suppress(KeyboardInterrupt):  # the server ended in peace, and raises SIGINT again for whoever started it
        server.run()
    if not server.started:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except SettingsError as error:
        sys.exit(f"storyfold: {error}")
