"""A small web site on loopback: routes, a log of requests, and how many were served at once.

Any address of 127/8 is a host of its own (``Site("127.0.0.7")``); the port is chosen by the system unless it is given.
Used as a context manager; routes may be changed while it runs.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Request:
    """What a client asked for. `path` holds the query; `headers` have lower-case names; `at` is monotonic seconds."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the answer; cut short when the site closes."""


Route = Reply | Callable[[Request], Reply]


class Site:
    """Serves `routes` (by path with query, else by path alone; 404 for the rest) until closed."""

    def __init__(self, address: str = "127.0.0.1", *, port: int = 0, latency: float = 0.0) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[Request] = []
        self.most_at_once: Counter[str] = Counter()
        """For each ``Host`` asked for, the highest number of requests that were open at one moment."""
        self._at_once: Counter[str] = Counter()
        self._latency = latency
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server((address, port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        return str(self._server.server_address[0])

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.port}{path}"

    def serve(
        self,
        path: str,
        body: str | bytes = b"",
        *,
        content_type: str = "text/html; charset=utf-8",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
    ) -> str:
        """Adds a route that always answers the same; gives its URL."""
        data = body.encode() if isinstance(body, str) else body
        self.routes[path] = Reply(data, status, {"content-type": content_type} | dict(headers or {}), delay)
        return self.url(path)

    def asked(self, path: str) -> list[Request]:
        """The requests for `path` so far, whatever their query unless `path` has one."""
        with self._lock:
            seen = list(self.requests)
        return [request for request in seen if path in (request.path, request.path.partition("?")[0])]

    def answer(self, request: Request) -> Reply:
        """The reply to `request`, after its delay."""
        host = request.headers.get("host", "")
        with self._lock:
            self.requests.append(request)
            self._at_once[host] += 1
            self.most_at_once[host] = max(self.most_at_once[host], self._at_once[host])
        try:
            reply = self._route(request)
            self._closing.wait(self._latency + reply.delay)
            return reply
        finally:
            with self._lock:
                self._at_once[host] -= 1

    def _route(self, request: Request) -> Reply:
        route = self.routes.get(request.path) or self.routes.get(request.path.partition("?")[0]) or Reply(status=404)
        return route if isinstance(route, Reply) else route(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is none of the site's business."""


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            reply = site.answer(Request(self.command, self.path, headers, body, time.monotonic()))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_POST = do_HEAD = _serve  # noqa: N815 - the names http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    return Handler
