"""Answers that take their time, or have no end."""

from __future__ import annotations

from servers.hostile.connection import Connection, behaviour


@behaviour
def drip_headers(to: Connection) -> None:
    to.send("HTTP/1.1 200 OK\r\n")
    while True:
        to.send("x")
        to.pause(0.02)


@behaviour
def drip_body(to: Connection) -> None:
    to.head("Content-Length: 100000")
    while True:
        to.send("x")
        to.pause(0.02)


@behaviour
def drip_chunks(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    while True:
        to.send("1\r\nx\r\n")
        to.pause(0.02)


@behaviour
def hang(to: Connection) -> None:
    to.pause(60)


@behaviour
def hang_in_body(to: Connection) -> None:
    to.head("Content-Length: 10")
    to.send("half ")
    to.pause(60)


@behaviour
def endless_chunks(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    while True:
        to.send("1000\r\n", b"x" * 0x1000, "\r\n")


@behaviour
def endless_empty_extensions(to: Connection) -> None:
    """One byte a chunk, each announced with a long extension: much wire, no body."""
    to.head("Transfer-Encoding: chunked")
    while True:
        to.send("1;", b"e" * 4_000, "\r\nx\r\n")


@behaviour
def endless_body(to: Connection) -> None:
    to.head("Content-Type: text/html")
    while True:
        to.send(b"x" * 65_536)


@behaviour
def announces_a_terabyte(to: Connection) -> None:
    to.head("Content-Length: 1099511627776")
    to.pause(60)


@behaviour
def header_flood(to: Connection) -> None:
    to.send("HTTP/1.1 200 OK\r\n")
    while True:
        to.send("X-Flood: ", b"x" * 1_000, "\r\n")


@behaviour
def one_endless_header(to: Connection) -> None:
    to.send("HTTP/1.1 200 OK\r\nX-Flood: ")
    while True:
        to.send(b"x" * 4_096)


@behaviour
def endless_interim_answers(to: Connection) -> None:
    while True:
        to.send("HTTP/1.1 102 Processing\r\n\r\n" * 100)


@behaviour
def endless_trailers(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    to.send("5\r\nhello\r\n0\r\n")
    while True:
        to.send("X-Flood: ", b"x" * 1_000, "\r\n")
