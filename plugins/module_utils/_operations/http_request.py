# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends requests for names that DNS may not know yet: it connects to another host, and keeps the name."""

from __future__ import annotations

import functools
import http.client
import json
import socket
import ssl
import time
import typing as t
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from .._resources.elbv2 import precedence
from . import answered_by

MOST = 1 << 20
"""Maximum number of bytes to read of an answer."""
AGENT = "magiclub.fargate"
THREADS = 8


@dataclass(frozen=True)
class Request:
    """One GET request.

    :param url: the URL; its host is the name in Host, SNI and the certificate.
    :param connect_to: the host to connect to, on the port of I(url); empty for the host of I(url).
    :param check_name: whether to check that the certificate covers the name. Its chain is always checked.
    :param timeout: seconds to wait for data of the server.
    """

    url: str
    connect_to: str = ""
    headers: t.Mapping[str, str] = field(default_factory=dict)
    check_name: bool = True
    timeout: float = 10

    @property
    def name(self) -> str:
        return urllib.parse.urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urllib.parse.urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)


@dataclass(frozen=True)
class Answer:
    """The response; without one, C(status) is -1 and C(msg) the reason.

    :param reached: whether the connection was established.
    """

    status: int
    msg: str
    content: str = ""
    headers: t.Mapping[str, str] = field(default_factory=dict)
    reached: bool = True

    @property
    def json(self) -> t.Any:
        """The decoded content; None if it is not JSON."""
        if "json" not in self.headers.get("content_type", ""):
            return None
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class _NamedConnection(http.client.HTTPSConnection):
    """A TLS connection to a host with the name of another one."""

    def __init__(self, host: str, port: int, name: str, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(host, port, context=context, timeout=timeout)
        self._named, self._tls = name, context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)  # also opens a proxy's tunnel
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._named)


def ask(request: Request) -> Answer:
    """Send the request once, without following redirects."""
    try:
        return _ask(request)
    except ssl.SSLCertVerificationError as error:
        return Answer(-1, f"the certificate is not right for {request.name}: {error.verify_message}")
    except socket.gaierror as error:
        return Answer(-1, f"this machine's resolver does not know {_host(request)}: {error.strerror}", reached=False)
    except (TimeoutError, ConnectionRefusedError) as error:
        return Answer(-1, f"no connection to {_host(request)} at port {request.port}: {error}", reached=False)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(-1, f"no answer from {_host(request)}: {error or type(error).__name__}")


def _host(request: Request) -> str:
    return request.connect_to or request.name


def _ask(request: Request) -> Answer:
    parts = urllib.parse.urlsplit(request.url)
    host = _host(request)
    path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    proxy = _proxy(parts.scheme, host)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = request.check_name
        connection = _NamedConnection(*(proxy or (host, request.port)), request.name, context, request.timeout)
        if proxy:
            connection.set_tunnel(host, request.port)
    else:
        connection = http.client.HTTPConnection(*(proxy or (host, request.port)), timeout=request.timeout)
        path = f"http://{host}:{request.port}{path}" if proxy else path
    try:
        headers = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": AGENT, **request.headers}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        found = {name.lower().replace("-", "_"): value for name, value in response.getheaders()}
        content = response.read(MOST).decode(response.headers.get_content_charset("utf-8"), "replace")
        return Answer(response.status, response.reason, content, found)
    finally:
        connection.close()


def _proxy(scheme: str, host: str) -> tuple[str, int] | None:
    """Return the proxy of the environment (http_proxy, https_proxy, no_proxy), if any."""
    given = urllib.request.getproxies().get(scheme)
    if not given or urllib.request.proxy_bypass(host):
        return None
    parts = urllib.parse.urlsplit(given if "//" in given else f"//{given}")
    return (parts.hostname or "", parts.port or 8080) if parts.hostname else None


@dataclass(frozen=True, eq=False)
class Question:
    """A request and the expected answer.

    :param status: the expected status code.
    :param expected: the tasks that have to answer, for C(answered_by.evaluate); None for any.
    """

    request: Request
    status: int = 200
    expected: t.Mapping[str, t.Any] | None = None

    def proof(self, seen: answered_by.Seen) -> answered_by.Proof:
        """Return which tasks can have answered."""
        if not self.expected:
            return answered_by.Proof("")
        parts = urllib.parse.urlsplit(self.request.url)
        given = next((value for name, value in self.request.headers.items() if name.lower() == "host"), "")
        host = given.partition(":")[0] or self.request.name
        request = precedence.Request(
            host, parts.path or "/", parts.query, {"User-Agent": AGENT, **self.request.headers}
        )
        return answered_by.evaluate(self.expected, request, seen)


class Outcome(t.NamedTuple):
    """The answer to a question, and the proof of who gave it."""

    question: Question
    answer: Answer
    proof: answered_by.Proof

    @property
    def problem(self) -> str:
        """The problem with the answer, as a predicate for the name of the service; empty if there is none."""
        request, right = self.question.request, self.question.status
        by = f" It was asked at {request.connect_to}, whatever the DNS says of the name." if request.connect_to else ""
        why = f": {self.proof.wrong}" if self.proof.wrong else ""
        if self.answer.status == right:
            return f"did not answer {request.url} itself{why}." if why else ""
        if self.answer.status > 0:
            return f"answered {request.url} with {self.answer.status}, and {right} is right{why}.{by}"
        return f"gave no answer to {request.url} ({self.answer.msg}), and {right} is right{why}.{by}"


def until_right(
    questions: t.Sequence[Question],
    within: float,
    *,
    see: t.Callable[[t.Iterable[t.Mapping[str, t.Any]]], answered_by.Seen],
    send: t.Callable[[Request], Answer] = ask,
    pause: float = 3,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> list[Outcome]:
    """Send all requests in parallel until each answer is as expected, and return the last answers.

    Reads who can answer before and after each request, which proves it for the time in between.
    If the load balancer refuses connections of this machine, as behind a CDN, a last request uses the name.

    :param within: seconds after which no request is sent, except that last one.
    :param see: reads who can answer.
    """
    end = clock() + within
    outcomes: dict[Question, Outcome] = {}
    left = list(questions)
    while True:
        outcomes |= {outcome.question: outcome for outcome in _round(left, see, send)}
        left = [question for question in left if outcomes[question].problem]
        if not left or clock() + pause > end:
            break
        sleep(pause)
    for question in left:
        if question.request.connect_to and not outcomes[question].answer.reached:
            shown = outcomes[question].proof
            shown = shown._replace(unless=f"{shown.unless}, if {question.request.name} leads there")
            by_name = Outcome(question, send(replace(question.request, connect_to="")), shown)
            outcomes[question] = outcomes[question] if by_name.problem else by_name
    return [outcomes[question] for question in questions]


def _round(
    questions: t.Sequence[Question],
    see: t.Callable[[t.Iterable[t.Mapping[str, t.Any]]], answered_by.Seen],
    send: t.Callable[[Request], Answer],
) -> list[Outcome]:
    expected = [question.expected for question in questions if question.expected]
    before = see(expected)
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        answers = list(pool.map(lambda question: send(question.request), questions))
    after = see(expected)
    return [
        Outcome(question, answer, answered_by.both(question.proof(before), question.proof(after)))
        for question, answer in zip(questions, answers, strict=True)
    ]


@functools.cache
def is_known(name: str, resolve: t.Callable[..., t.Any] = socket.getaddrinfo) -> bool:
    """Return whether this machine can resolve the name."""
    try:
        resolve(name, None)
    except OSError:
        return False
    return True
