# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The API answers programs of this machine, load balancers also browsers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from local_aws.access import Message, Receive, Scope, Send, error, guarded, host_name, refusal

BALANCER = "web.alb.localhost:4566"
HERE = "127.0.0.1:4566"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:4566", "127.0.0.1"),
        ("LOCALHOST", "localhost"),
        ("[::1]:4566", "[::1]"),
        ("[::1]", "[::1]"),
        ("127.0.0.1:", "127.0.0.1"),
        ("127.0.0.1:80@evil.test", ""),
        ("::1", ":"),
        ("", ""),
    ],
)
def test_host_name(host: str, expected: str) -> None:
    assert host_name(host) == expected


@pytest.mark.parametrize(
    ("host", "path", "headers"),
    [
        ("127.0.0.1:4566", "/", {"user-agent": "Boto3/1.43.106 md/Botocore#1.43.106"}),
        ("127.0.0.1:4566", "/", {"user-agent": "aws-cli/2.31.0"}),
        ("localhost:4566", "/v2/", {"user-agent": "docker/28.0.1 go/go1.23.6"}),
        ("localhost:4566", "/v2/a/blobs/uploads/", {"referer": "http://localhost:4566/v2/"}),
        ("[::1]:4566", "/", {}),
        # through ssh -L, and the proxies of the tests
        ("localhost:5000", "/", {}),
        ("127.0.0.1:4566", "/_ministack/health", {}),
        ("127.0.0.1:4566", "/_ministack/reset", {}),
        ("127.0.0.1:4566", "/_alb/web/", {"user-agent": "curl/8.14.1"}),
        # a browser with an application behind a load balancer, its own forms and foreign ones
        (BALANCER, "/", {"user-agent": FIREFOX, "sec-fetch-site": "none"}),
        (BALANCER, "/", {"origin": "http://web.alb.localhost:4566", "sec-fetch-site": "same-origin"}),
        (BALANCER, "/login", {"origin": "https://shop.example.com", "sec-fetch-site": "cross-site"}),
        (BALANCER, "/_ministack/config", {}),
        ("web-1.ap-northeast-2.elb.amazonaws.com", "/", {"origin": "null"}),
    ],
)
def test_who_is_answered(host: str, path: str, headers: dict[str, str]) -> None:
    assert not refusal("http", path, [host], headers)


@pytest.mark.parametrize(
    ("host", "path", "headers", "why"),
    [
        # names that can resolve to 127.0.0.1
        ("evil.test:4566", "/", {}, "not as 'evil.test:4566'"),
        ("127.0.0.1.nip.io:4566", "/", {}, "the API answers only as"),
        ("localhost.evil.test", "/", {}, "the API answers only as"),
        ("app.localhost:4566", "/", {}, "the API answers only as"),
        ("x.lambda-url.us-east-1.localhost:4566", "/", {}, "the API answers only as"),
        ("bucket.s3.localhost:4566", "/", {}, "the API answers only as"),
        ("web.alb.localhost.evil.test", "/", {}, "the API answers only as"),
        ("0.0.0.0:4566", "/", {}, "the API answers only as"),
        ("10.0.0.7:4566", "/", {}, "the API answers only as"),
        ("localhost.:4566", "/", {}, "the API answers only as"),
        ("", "/", {}, "the API answers only as"),
        # requests of browsers
        (HERE, "/", {"origin": "http://evil.test"}, "'origin: http://evil.test'"),
        (HERE, "/", {"origin": "null"}, "'origin: null'"),
        (HERE, "/", {"origin": "http://127.0.0.1:4566"}, "does not answer browsers"),
        (HERE, "/?Action=CreateVpc", {"sec-fetch-site": "cross-site"}, "'sec-fetch-site: cross-site'"),
        (HERE, "/?Action=CreateVpc", {"sec-fetch-site": "same-origin"}, "does not answer browsers"),
        (HERE, "/?Action=CreateVpc", {"sec-fetch-site": "none"}, "does not answer browsers"),
        (HERE, "/", {"sec-fetch-mode": "no-cors"}, "does not answer browsers"),
        (HERE, "/?Action=CreateVpc", {"user-agent": FIREFOX}, "does not answer browsers"),
        (HERE, "/_ministack/health", {"origin": "http://evil.test"}, "does not answer browsers"),
        (HERE, "/_ministack/reset", {"sec-fetch-site": "same-site"}, "does not answer browsers"),
        (HERE, "/_alb/web/", {"user-agent": FIREFOX}, "does not answer browsers"),
        # MiniStack's own paths
        (HERE, "/_ministack/config", {}, "/_ministack/config is off"),
        (HERE, "/_ministack/lambda-code/f", {}, "/_ministack/lambda-code/f is off"),
        (HERE, "/_localstack/health", {}, "/_localstack/health is off"),
        (BALANCER, "/_ministack/rds/iam-auth", {}, "/_ministack/rds/iam-auth is off"),
        # a target with its own host, which overrides the Host header (RFC 9112, 3.2.2)
        (HERE, "http://evil.test/", {}, "a request names its path only, not 'http://evil.test/'"),
        (HERE, "HTTP://EVIL.TEST:4566/v2/", {}, "a request names its path only"),
        (HERE, f"http://{HERE}/_ministack/config", {}, "a request names its path only"),
        (BALANCER, f"http://{HERE}/_ministack/config", {}, "a request names its path only"),
        (HERE, "evil.test:443", {}, "a request names its path only"),
        (HERE, "", {}, "a request names its path only"),
    ],
)
def test_who_is_refused(host: str, path: str, headers: dict[str, str], why: str) -> None:
    assert why in refusal("http", path, [host], headers)


@pytest.mark.parametrize("hosts", [[], [HERE, BALANCER], [BALANCER, "evil.test"]])
def test_a_request_has_one_host(hosts: list[str]) -> None:
    assert refusal("http", "/", hosts, {}) == f"one Host header is needed, not {len(hosts)}"


@pytest.mark.parametrize("host", [HERE, BALANCER])
def test_no_websocket_is_opened(host: str) -> None:
    assert refusal("websocket", "/", [host], {}) == "nothing here speaks WebSocket"


def test_an_error_that_each_protocol_of_aws_can_read() -> None:
    status, headers, body = error(400, "Off", "a < b", {"x-amz-target": "A.B"})
    assert (status, headers["content-type"], json.loads(body)) == (
        400,
        "application/x-amz-json-1.1",
        {"__type": "Off", "message": "a < b"},
    )
    assert b"<Code>Off</Code><Message>a &lt; b</Message>" in error(400, "Off", "a < b", {})[2]


async def echo(scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [(b"Access-Control-Allow-Origin", b"*"), (b"x-amzn-requestid", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def ask(kind: str, headers: dict[str, str]) -> list[Message]:
    """Return the answer of an application behind the guard."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": kind, "method": "GET", "path": "/a", "headers": encoded}
    asyncio.run(guarded(echo)(scope, receive, send))
    return sent


@pytest.mark.parametrize(("host", "kept"), [(HERE, False), (BALANCER, True)])
def test_cors_is_for_applications(host: str, kept: bool) -> None:
    start, body = ask("http", {"Host": host})
    assert ((b"Access-Control-Allow-Origin", b"*") in start["headers"]) is kept
    assert (b"x-amzn-requestid", b"1") in start["headers"]
    assert body["body"] == b"/a"


def test_a_refused_request_does_not_reach_the_application() -> None:
    start, body = ask("http", {"Host": "evil.test"})
    assert start["status"] == 403
    assert not [name for name, _value in start["headers"] if name.startswith(b"access-control")]
    assert b"Refused by the local AWS: the API answers only as" in body["body"]
    assert ask("websocket", {"Host": HERE}) == [{"type": "websocket.close", "code": 1008}]
