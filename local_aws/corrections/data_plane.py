# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The load balancer's requests to targets: which target gets one, and the answer if it fails."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

import h11
from h2.exceptions import ProtocolError

from local_aws.corrections import http2
from local_aws.corrections._patch import corrects, instead, part, replace, service
from local_aws.corrections.target_health import CHECKER

Answer = tuple[int, dict[str, Any], Any]
Pair = tuple[str, int]
Request = tuple[str, str, dict[str, str], bytes]

CHUNK = 64 * 1024
# A body up to this size (bytes) is sent as a whole; a longer one is streamed.
IN_ONE_PIECE = 256 * 1024
HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
TITLES = {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}


def page(status: int) -> Answer:
    """Return the load balancer's own answer for a status."""
    title = f"{status} {TITLES[status]}"
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n"
        "</html>\r\n"
    )
    return status, {"Content-Type": "text/html"}, text.encode()


class Exchange:
    """One request to a target over a separate connection."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.idle = float(service("alb").TARGET_IDLE_TIMEOUT)
        self.protocol = h11.Connection(h11.CLIENT)

    async def open(self) -> None:
        connecting = asyncio.open_connection(self.host, self.port)
        self.reader, self.writer = await asyncio.wait_for(connecting, float(service("alb").TARGET_CONNECT_TIMEOUT))

    async def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        fields = [(name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP]
        fields += [("connection", "close")]
        if body or method in ("POST", "PUT", "PATCH"):
            fields += [("content-length", str(len(body)))]
        events = [h11.Request(method=method, target=path, headers=fields), h11.Data(data=body), h11.EndOfMessage()]
        self.writer.write(b"".join(self.protocol.send(event) or b"" for event in events))
        await self.writer.drain()

    async def next_event(self) -> Any:
        while (event := self.protocol.next_event()) is h11.NEED_DATA:
            self.protocol.receive_data(await asyncio.wait_for(self.reader.read(CHUNK), self.idle))
        return event

    async def response(self) -> h11.Response:
        while not isinstance(event := await self.next_event(), h11.Response):
            if not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError(f"no response but {event!r}")
        return event

    async def body(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self.next_event(), h11.Data):
            yield bytes(event.data)

    async def close(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self.writer.close()
            await self.writer.wait_closed()


def headers_of(response: h11.Response) -> dict[str, Any]:
    """Return header fields as MiniStack sends them: a list for a name that occurs more than once."""
    fields: dict[str, list[str]] = {}
    for name, value in response.headers:
        fields.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    length = fields.get("content-length")
    kept = {name: values for name, values in fields.items() if name not in HOP_BY_HOP}
    shown: dict[str, Any] = {name: values[0] if len(values) == 1 else values for name, values in kept.items()}
    return {**shown, **({"content-length": length[0]} if length else {}), "date": formatdate(usegmt=True)}


async def first_piece(chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """Return the first part of the body, up to the size that is sent as a whole, and whether that is all of it."""
    collected = bytearray()
    async for chunk in chunks:
        collected += chunk
        if len(collected) > IN_ONE_PIECE:
            return bytes(collected), False
    return bytes(collected), True


def streamed(exchange: Exchange, first: bytes, chunks: AsyncIterator[bytes], pair: Pair) -> Any:
    """Stream a body; if the target breaks off, so does the answer."""

    async def run(send: Any, _receive: Any) -> None:
        try:
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            CHECKER.leave(pair)
            await exchange.close()

    return part("core.responses").StreamingResponse(run)


async def ask(exchange: Exchange, pair: Pair, request: Request) -> Answer:
    """Send a request to a target and return its answer. It counts as in flight until its body has been sent."""
    CHECKER.enter(pair)
    leaving = True
    try:
        await exchange.open()
        await exchange.send(*request)
        response = await exchange.response()
        chunks = exchange.body()
        first, whole = await first_piece(chunks)
        if whole:
            return response.status_code, headers_of(response), first
        leaving = False
        return response.status_code, headers_of(response), streamed(exchange, first, chunks, pair)
    except TimeoutError:
        return page(504)
    except (OSError, h11.ProtocolError):
        return page(502)
    finally:
        if leaving:
            CHECKER.leave(pair)
            await exchange.close()


def passed_on(exchange: http2.Exchange, chunks: AsyncIterator[bytes], pair: Pair) -> Any:
    """Return an answer of HTTP/2 with its trailers, which have the status of a gRPC call."""

    async def run(send: Any, _receive: Any) -> None:
        try:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            trailers = [(name.encode(), value.encode()) for name, value in exchange.trailers]
            await send({"type": "http.response.trailers", "headers": trailers, "more_trailers": False})
        finally:
            CHECKER.leave(pair)
            await exchange.close()

    return part("core.responses").StreamingResponse(run)


async def ask_by_http2(pair: Pair, request: Request) -> Answer:
    """Send a request to a target over HTTP/2 and return its answer once its header is complete."""
    alb = service("alb")
    exchange = http2.Exchange(*pair, float(alb.TARGET_IDLE_TIMEOUT))
    CHECKER.enter(pair)
    leaving = True
    try:
        await exchange.open(float(alb.TARGET_CONNECT_TIMEOUT))
        await exchange.send(*request)
        status, fields = await exchange.response()
        leaving = False
        shown: dict[str, Any] = {name: value for name, value in fields if name not in HOP_BY_HOP}
        return status, shown, passed_on(exchange, exchange.body(), pair)
    except TimeoutError:
        return page(504)
    except (OSError, ProtocolError, http2.BrokenOffError):
        return page(502)
    finally:
        if leaving:
            CHECKER.leave(pair)
            await exchange.close()


async def to_target(target: dict[str, Any], group: dict[str, Any], *request: Any) -> Answer:
    """Replace MiniStack's proxy, which needs three threads per request."""
    pair, whole = asked_of(target, group, request)
    return await ask(Exchange(*pair), pair, whole)


def asked_of(target: dict[str, Any], group: dict[str, Any], request: tuple[Any, ...]) -> tuple[Pair, Request]:
    """Return the address of a target, and the request for it."""
    method, path, headers, body, _query, raw_query = request
    full = f"{path}?{raw_query}" if raw_query else path
    data = body if isinstance(body, bytes) else (body or "").encode()
    pair = str(target["Id"]), int(target.get("Port") or group.get("Port") or 80)
    return pair, (method.upper(), full, headers or {}, data)


def to_a_healthy_target(original: Any) -> Any:
    alb = service("alb")

    async def call(group_arn: str, *rest: Any) -> Any:
        group = alb._tgs.get(group_arn)
        if not group or group.get("TargetType") not in ("ip", "instance"):
            return await original(group_arn, *rest)
        targets = CHECKER.routable(group_arn, alb._targets.get(group_arn, []), int(group.get("Port", 80)))
        if not targets:
            return page(503)
        method, path, headers, body, query, raw_query, raw_path = rest
        target = random.choice(targets)  # noqa: S311 - spreads load, no secret
        return await alb._proxy_http_target(target, group, method, raw_path or path, headers, body, query, raw_query)

    return call


@corrects(
    "elbv2",
    aws="requests go to healthy targets only, to all unhealthy ones if none is healthy; without targets the answer "
    "is 503",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
)
def route_to_healthy_targets() -> None:
    replace(service("alb"), "_forward_to_tg", to_a_healthy_target)


@corrects(
    "elbv2",
    aws="if a target refuses or breaks off, the answer is 502, if it does not respond, 504, as HTML",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
)
def answer_for_targets() -> None:
    replace(service("alb"), "_proxy_http_target", instead(to_target))


@corrects(
    "elbv2",
    aws="HTTP/2 and gRPC targets get requests and health checks by HTTP/2; requests that they can't accept are "
    "answered with 464",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version",
)
def speak_http2_to_targets() -> None:
    def by_version(original: Any) -> Any:
        async def call(target: dict[str, Any], group: dict[str, Any], *request: Any) -> Any:
            version = str(group.get("ProtocolVersion", "HTTP1"))
            if version == "HTTP1":
                return await original(target, group, *request)
            pair, whole = asked_of(target, group, request)
            if not http2.is_taken(version, http2.CLIENT_VERSION.get(), whole[0], whole[2]):
                return http2.INCOMPATIBLE, {}, b""
            return await ask_by_http2(pair, whole)

        return call

    replace(service("alb"), "_proxy_http_target", by_version)
