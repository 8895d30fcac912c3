# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Decide which requests are answered: those of programs on this machine, and of browsers only at a load balancer.

A web page can send requests to loopback, and its owner can make a name resolve to 127.0.0.1. So the API answers only
under a loopback name, and refuses all requests of browsers.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from local_aws import clock
from local_aws.corrections.gateway import names_a_balancer

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOGGER = logging.getLogger(__name__)
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
# MiniStack serves other paths below these, such as a runtime configuration and downloads of code.
CONTROL_PREFIXES = ("/_ministack/", "/_localstack/")
CONTROL_PATHS = frozenset({"/_ministack/health", "/_ministack/ready", "/_ministack/reset", clock.PATH})
# MiniStack handles this path before it checks the host.
DATABASE_LOGIN = "/_ministack/rds/iam-auth"


def host_name(host: str) -> str:
    """Return the name in a Host header, '' if it is not a name with or without a port.

    The port is not compared: it differs behind `ssh -L` or a proxy, and a browser can't choose it.
    """
    name, colon, port = host.strip().lower().rpartition(":")
    if not colon or host.strip().endswith("]"):
        return host.strip().lower()
    return name if port.isdigit() or not port else ""


def browser_sign(headers: Mapping[str, str]) -> str:
    """Return the header that shows that a browser sent a request, '' if there is none.

    Pages can't omit these: Origin comes with all but plain GETs, Sec-Fetch-* with everything since 2023, and
    older browsers name themselves. ``Sec-Fetch-Site: none`` counts, too: links in mails are opened with it.
    """
    for name in headers:
        if name == "origin" or name.startswith("sec-fetch-"):
            return name
    return "user-agent" if headers.get("user-agent", "").lower().startswith("mozilla/") else ""


def refusal(kind: str, path: str, hosts: list[str], headers: Mapping[str, str]) -> str:
    """Return why a request is refused, '' if it is answered.

    :param kind: 'http' or 'websocket'.
    :param path: path of the request, or its whole target in absolute-form (RFC 9112).
    :param hosts: its Host headers.
    :param headers: all headers by lower-case name.
    """
    if len(hosts) != 1:
        return f"one Host header is needed, not {len(hosts)}"
    if kind != "http":
        return "nothing here speaks WebSocket"
    # RFC 9112, 3.2.2: in absolute-form, the target's host counts, and the Host header is ignored
    if not path.startswith("/"):
        return f"a request names its path only, not '{path}'"
    if path == DATABASE_LOGIN:
        return f"{path} is off"
    host = hosts[0]
    if names_a_balancer(host):
        return ""
    if host_name(host) not in LOOPBACK_NAMES:
        return (
            f"the API answers only as {', '.join(sorted(LOOPBACK_NAMES))}, not as '{host}'; "
            "a load balancer as NAME.alb.localhost"
        )
    sign = browser_sign(headers)
    if sign:
        return (
            f"the API does not answer browsers, and this request has '{sign}: {headers[sign]}'. Use the AWS CLI or an "
            "SDK; applications are at NAME.alb.localhost"
        )
    if path.startswith(CONTROL_PREFIXES) and path not in CONTROL_PATHS:
        return f"{path} is off"
    return ""


def error(status: int, code: str, message: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Return an error that AWS's SDKs can read: JSON for protocols that name their action in a header, else XML."""
    common = {"x-amzn-errortype": code, "x-content-type-options": "nosniff"}
    if "x-amz-target" in headers:
        body = json.dumps({"__type": code, "message": message})
        return status, {"content-type": "application/x-amz-json-1.1", **common}, body.encode()
    inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return status, {"content-type": "text/xml", **common}, f"<ErrorResponse>{inner}</ErrorResponse>".encode()


def headers_of(scope: Scope) -> tuple[list[str], dict[str, str]]:
    """Return the Host headers of a request, and all of its headers by lower-case name."""
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope.get("headers", [])]
    return [value for name, value in pairs if name == "host"], dict(pairs)


def without_cors(send: Send) -> Send:
    """Leave out the headers that would let pages of other origins read an answer."""

    async def call(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": kept}
        await send(message)

    return call


async def refuse(scope: Scope, send: Send, why: str, headers: Mapping[str, str]) -> None:
    LOGGER.warning("refused %s %s: %s", scope.get("method", scope["type"]), scope.get("path", ""), why)
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    status, fields, body = error(403, "RequestRefused", f"Refused by the local AWS: {why}.", headers)
    encoded = [(name.encode(), value.encode()) for name, value in fields.items()]
    encoded += [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def guarded(application: Application) -> Application:
    """Pass requests on to the application unless ``refusal`` refuses them."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        hosts, headers = headers_of(scope)
        why = refusal(scope["type"], scope.get("path", ""), hosts, headers)
        if why:
            await refuse(scope, send, why, headers)
            return
        await application(scope, receive, send if names_a_balancer(hosts[0]) else without_cors(send))

    return call
