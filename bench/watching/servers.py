"""Many web servers in one process of their own, which tells what it saw and what it cost.

    python -m bench.watching.servers PORT HOSTS LATENCY

Host N is the address 127.1.X.Y. Each answers `LATENCY` seconds after a request has come in:
``/feed/…`` a feed that never changes (304 to whoever names its ETag), ``/page/…`` an article of its own,
``/robots.txt`` 404. A line on stdin is answered with a line of JSON on stdout: what was asked for since the one before.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections import Counter
from typing import Any

ETAG = '"never-changes"'
FEED = (
    b'<rss version="2.0"><channel><title>Parish News</title><link>http://parish.example/</link>'
    b"<item><title>Nothing new</title><link>http://parish.example/nothing</link></item></channel></rss>"
)
PARAGRAPH = (
    "The council of {place} met on Tuesday evening to hear what had become of the {n} petitions handed in since "
    "spring, and heard from the clerk that {m} had been answered, while the others wait for the surveyor's report. "
)


def address(host: int) -> str:
    return f"127.1.{host // 250}.{host % 250 + 1}"


class Seen:
    """What was asked for, and the most requests that were open at one host at one moment."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.most_at_once = 0

    def begins(self, host: str) -> None:
        self.open[host] += 1
        self.most_at_once = max(self.most_at_once, self.open[host])

    def tell(self) -> dict[str, Any]:
        told = {"answers": dict(self.answers), "most_at_once": self.most_at_once, "cpu": time.process_time()}
        self.answers.clear()
        self.most_at_once = max(self.open.values(), default=0)
        return told


class Connection(asyncio.Protocol):
    """One request, one answer, and the end: that is how Storyfold asks."""

    def __init__(self, seen: Seen, host: str, latency: float) -> None:
        self._seen, self._host, self._latency = seen, host, latency
        self._data = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        if b"\r\n\r\n" in self._data and not self._open:
            self._open = True
            self._seen.begins(self._host)
            asyncio.get_running_loop().call_later(self._latency, self._answer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._ends()

    def _answer(self) -> None:
        path = self._data.split(b" ", 2)[1].decode("latin-1")
        kind, answer = self._made(path)
        self._seen.answers[kind] += 1
        self._ends()
        if not self._transport.is_closing():
            self._transport.write(answer)
            self._transport.close()

    def _ends(self) -> None:
        """Counted as over before it is answered: the client may ask again as soon as it has the answer."""
        if self._open:
            self._open = False
            self._data = b""
            self._seen.open[self._host] -= 1

    def _made(self, path: str) -> tuple[str, bytes]:
        if path.startswith("/feed/"):
            if ETAG.encode() in self._data:
                return "unchanged", _http("304 Not Modified", b"", "")
            return "feed", _http("200 OK", FEED, "application/rss+xml")
        if path.startswith("/page/"):
            return "page", _http("200 OK", _page(int(path.rpartition("/")[2])), "text/html; charset=utf-8")
        return "robots", _http("404 Not Found", b"", "text/plain")


def _http(status: str, body: bytes, content_type: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nETag: {ETAG}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _page(number: int) -> bytes:
    text = "".join(f"<p>{PARAGRAPH.format(place=f'Ward {number}', n=number + n, m=n)}</p>" for n in range(24))
    head = f"<html><head><title>Council of ward {number}</title></head>"
    return f"{head}<body><article><h1>Council of ward {number}</h1>{text}</article></body></html>".encode()


async def serve(port: int, hosts: int, latency: float) -> None:
    loop, seen = asyncio.get_running_loop(), Seen()
    for host in map(address, range(hosts)):
        await loop.create_server(lambda host=host: Connection(seen, host, latency), host, port, backlog=256)  # type: ignore[misc]
    done = asyncio.Event()

    def answer() -> None:
        for _ in sys.stdin:
            loop.call_soon_threadsafe(lambda: print(json.dumps(seen.tell()), flush=True))
        loop.call_soon_threadsafe(done.set)

    threading.Thread(target=answer, daemon=True).start()
    print("{}", flush=True)
    await done.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
