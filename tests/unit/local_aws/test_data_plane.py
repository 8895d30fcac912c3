# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The client's answer if its target answers, streams, refuses, breaks off or stays silent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from local_aws.corrections import data_plane
from local_aws.corrections._patch import service
from local_aws.corrections.target_health import CHECKER

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def request_of(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Return (head, body) of one request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next((int(x.split(":")[1]) for x in head.splitlines() if x.lower().startswith("content-length")), 0)
    return head, await reader.readexactly(length)


def answers(raw: bytes) -> Serve:
    """Return a target that sends these bytes and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(raw)
        await writer.drain()

    return serve


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head, body = await request_of(reader)
    text = head.encode() + body
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
    await writer.drain()


def ask(serve: Serve, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, dict[str, Any], bytes]:
    """Return (status, headers, whole body) of a request to a target."""

    async def run() -> tuple[int, dict[str, Any], bytes]:
        handlers: list[asyncio.Task[None] | None] = []

        async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            handlers.append(asyncio.current_task())
            try:
                await serve(reader, writer)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

        server = await asyncio.start_server(tracked, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        given = {"host": "web", "connection": "keep-alive", **headers}
        async with server:
            status, shown, answer = await data_plane.to_target(
                {"Id": "127.0.0.1", "Port": port}, {}, method, "/a", given, body, {}, "b=c"
            )
            if not isinstance(answer, bytes):
                answer = await collect(answer)
            await asyncio.gather(*filter(None, handlers))
        assert CHECKER.in_flight(("127.0.0.1", port)) == 0
        return status, shown, answer

    return asyncio.run(run())


async def collect(streaming: Any) -> bytes:
    sent: list[bytes] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["body"])

    await streaming.runner(send, None)
    return b"".join(sent)


def test_an_answer_is_passed_on() -> None:
    raw = b"HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\nServer: me\r\n\r\nok"
    status, headers, body = ask(answers(raw))
    assert (status, body) == (201, b"ok")
    assert headers["set-cookie"] == ["a=1", "b=2"]
    assert (headers["server"], headers["content-length"]) == ("me", "2")


def test_a_chunked_answer_is_passed_on_whole() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    status, headers, body = ask(answers(raw))
    assert (status, body) == (200, b"abcde")
    assert "transfer-encoding" not in headers


def test_a_long_answer_is_streamed() -> None:
    long = b"x" * (data_plane.IN_ONE_PIECE * 3)
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(long) + long
    assert ask(answers(raw))[2] == long


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b"hello"), ("POST", b""), ("DELETE", b"")])
def test_a_request_reaches_the_target(method: str, body: bytes) -> None:
    _status, _headers, seen = ask(echo, method, body, accept="*/*")
    head = seen.decode()
    assert head.startswith(f"{method} /a?b=c HTTP/1.1\r\nhost: web\r\n")
    assert "accept: */*" in head
    assert "keep-alive" not in head
    assert head.endswith(body.decode())


@pytest.mark.parametrize(
    "raw",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"not http at all\r\n\r\n"],
    ids=["none", "half", "no"],
)
def test_a_target_that_breaks_off_is_502(raw: bytes) -> None:
    status, headers, body = ask(answers(raw))
    assert (status, headers["Content-Type"]) == (502, "text/html")
    assert b"502 Bad Gateway" in body


def test_a_target_that_refuses_is_502() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target = {"Id": "127.0.0.1", "Port": unused.getsockname()[1]}
        status, _headers, _body = asyncio.run(
            data_plane.to_target(target, {}, "GET", "/", {"host": "web"}, b"", {}, "")
        )
    assert status == 502


def test_a_target_that_stays_silent_is_504(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service("alb"), "TARGET_IDLE_TIMEOUT", 0.2)
    status, _headers, body = ask(silent)
    assert status == 504
    assert b"504 Gateway Time-out" in body
