"""A server that does to a client whatever servers do, on raw sockets.

`Hostile` listens on loopback; the first segment of the path names the behaviour. Each behaviour gets the connection
after the request was read, and may write what it likes. All of them stop when the client is gone or the server closes.
"""

from servers.hostile import cut_off, lies, redirects, slow, statuses  # noqa: F401 - each registers what it does
from servers.hostile.connection import BEHAVIOURS
from servers.hostile.server import Hostile

__all__ = ["BEHAVIOURS", "Hostile"]
