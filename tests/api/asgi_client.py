"""A client of an application in this process: real requests and answers, without a socket."""

from __future__ import annotations

import json as encoder
from functools import partial
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

KEY = "correct-horse-battery"


class Client:
    """May be used by many threads at once. Follows no redirects; what the application raises becomes its answer."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self.app = app
        self._portal = portal
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://storyfold.example")

    def request(self, method: str, path: str, *, json: Any = None, **more: Any) -> httpx.Response:
        """`json` is sent in ASCII, so that tests can send what no text can be."""
        if json is not None:
            headers = {"Content-Type": "application/json"} | more.pop("headers", {})
            more |= {"content": encoder.dumps(json).encode(), "headers": headers}
        return self._portal.call(partial(self._http.request, method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def patch(self, path: str, **more: Any) -> httpx.Response:
        return self.request("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.request("DELETE", path, **more)

    def close(self) -> None:
        self._portal.call(self._http.aclose)
