# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Targets that speak HTTP/2 or gRPC: requests, health checks and trailers.

A load balancer speaks HTTP/2 with prior knowledge and without TLS to them if the target group's protocol is
HTTP.  https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import ProtocolError

Fields = list[tuple[str, str]]

CHUNK = 64 * 1024
STREAM = 1
# RFC 9113, 8.2.2
NOT_OF_HTTP2 = frozenset(
    {"connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length"}
)
EMPTY_MESSAGE = bytes(5)
"""A gRPC message without content: not compressed, of length 0."""
# The HTTP version of the client's request, as in ASGI; a target group accepts what its protocol version can carry.
CLIENT_VERSION: ContextVar[str] = ContextVar("client_version", default="1.1")
INCOMPATIBLE = 464


class BrokenOffError(Exception):
    """The target ended the stream, or the connection, before its answer was complete."""


def is_taken(version: str, client: str, method: str, headers: Mapping[str, str]) -> bool:
    """Return whether a target group of a protocol version accepts a request; otherwise the answer is 464.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-464-issues
    """
    of_grpc = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if version == "GRPC":
        return client == "2" and method == "POST" and of_grpc.startswith("application/grpc")
    return client == "2" if version == "HTTP2" else True


def versioned(application: Any) -> Any:
    """Tell the application the HTTP version of a request, and let it end an answer of gRPC in trailers."""

    async def call(scope: dict[str, Any], receive: Any, send: Any) -> None:
        version = str(scope.get("http_version", "1.1"))
        held = CLIENT_VERSION.set(version)
        try:
            await application(scope, receive, _with_trailers(send) if version == "2" else send)
        finally:
            CLIENT_VERSION.reset(held)

    return call


def _with_trailers(send: Any) -> Any:
    """Announce trailers before the body of a gRPC answer, as the server requires."""

    async def call(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            fields = {bytes(name).lower(): bytes(value) for name, value in message.get("headers", [])}
            message = {**message, "trailers": fields.get(b"content-type", b"").startswith(b"application/grpc")}
        await send(message)

    return call


class Exchange:
    def __init__(self, host: str, port: int, patience: float) -> None:
        self.host, self.port, self.patience = host, port, patience
        self.protocol = H2Connection(H2Configuration(client_side=True, header_encoding="latin-1"))
        self.trailers: Fields = []
        self._events: list[Event] = []

    async def open(self, within: float) -> None:
        self.reader, self.writer = await asyncio.wait_for(asyncio.open_connection(self.host, self.port), within)
        self.protocol.initiate_connection()
        await self._flush()

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        host = next((value for name, value in headers.items() if name.lower() == "host"), f"{self.host}:{self.port}")
        fields = [(":method", method), (":scheme", "http"), (":authority", host), (":path", path)]
        fields += [(name.lower(), value) for name, value in headers.items() if name.lower() not in NOT_OF_HTTP2]
        self.protocol.send_headers(STREAM, fields, end_stream=not body)
        await self._flush()
        while body:
            room = min(self.protocol.local_flow_control_window(STREAM), self.protocol.max_outbound_frame_size)
            if room <= 0:
                await self._until_there_is_room()
                continue
            piece, body = body[:room], body[room:]
            self.protocol.send_data(STREAM, piece, end_stream=not body)
            await self._flush()

    async def response(self) -> tuple[int, Fields]:
        """Return the status, and the header fields in their order."""
        while True:
            event = await self._next()
            if isinstance(event, ResponseReceived):
                fields = [(str(name), str(value)) for name, value in event.headers]
                status = next(value for name, value in fields if name == ":status")
                return int(status), [(name, value) for name, value in fields if not name.startswith(":")]

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives; the trailers are known at its end."""
        while not isinstance(event := await self._next(), StreamEnded):
            if isinstance(event, DataReceived):
                self.protocol.acknowledge_received_data(event.flow_controlled_length, STREAM)
                await self._flush()
                yield bytes(event.data)
            elif isinstance(event, TrailersReceived):
                self.trailers = [(str(name), str(value)) for name, value in event.headers]

    async def close(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self.writer.close()
            await self.writer.wait_closed()

    async def _until_there_is_room(self) -> None:
        held: list[Event] = []
        while not isinstance(event := await self._next(), WindowUpdated):
            held.append(event)
        self._events = [*held, *self._events]

    async def _next(self) -> Event:
        while not self._events:
            data = await asyncio.wait_for(self.reader.read(CHUNK), self.patience)
            if not data:
                raise BrokenOffError("the connection was closed")
            self._events = list(self.protocol.receive_data(data))
            await self._flush()
        event = self._events.pop(0)
        if isinstance(event, (StreamReset, ConnectionTerminated)):
            raise BrokenOffError(repr(event))
        return event

    async def _flush(self) -> None:
        self.writer.write(self.protocol.data_to_send())
        await self.writer.drain()


def check(host: str, port: int, group: Mapping[str, Any]) -> int:
    """Send one health check to a target, and return the status of HTTP, or that of gRPC.

    Raises TimeoutError, OSError or BrokenOffError if there is none.
    """
    return asyncio.run(_check(host, port, group))


async def _check(host: str, port: int, group: Mapping[str, Any]) -> int:
    within = float(group.get("HealthCheckTimeoutSeconds", 5))
    exchange, of_grpc = Exchange(host, port, within), group["ProtocolVersion"] == "GRPC"
    path, agent = str(group.get("HealthCheckPath") or "/"), {"user-agent": "ELB-HealthChecker/2.0"}
    try:
        await exchange.open(within)
        if not of_grpc:
            await exchange.send("GET", path, agent, b"")
            return (await exchange.response())[0]
        fields = {**agent, "content-type": "application/grpc", "te": "trailers"}
        await exchange.send("POST", path, fields, EMPTY_MESSAGE)
        status, headers = await exchange.response()
        async for _piece in exchange.body():
            pass
        status_of_call = dict([*headers, *exchange.trailers]).get("grpc-status", "")
        # https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md: UNKNOWN without a status
        return int(status_of_call) if status == 200 and status_of_call.isdigit() else 2
    except ProtocolError as error:
        raise BrokenOffError(str(error)) from error
    finally:
        await exchange.close()
