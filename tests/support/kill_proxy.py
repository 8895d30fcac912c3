# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kill a run, all its processes at once, right after the local AWS has handled its Nth write call.

The run calls AWS through a proxy.  It passes each call on; the Nth write is executed and its answer withheld,
as on a machine that dies at that moment.  Image layers go to the registry directly, and are not counted.
"""

from __future__ import annotations

import collections
import contextlib
import http.client
import http.server
import os
import signal
import sys
import threading
import time
import typing as t
import urllib.parse
from pathlib import Path

from local_aws.call_log import action_of, is_write

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Exchange(t.NamedTuple):
    """A request and its answer, both as they were sent; names of headers in lower case."""

    method: str
    path: str
    asked: t.Mapping[str, str]
    body: bytes
    status: int
    headers: t.Mapping[str, str]
    content: bytes


class Tripwire(http.server.ThreadingHTTPServer):
    """The proxy: C(write_calls) are the writes that it passed on, C(sent) their contents, C(times) their times (seconds
    of the monotonic clock); C(tripped) is set at the I(stop_at)th.

    :param usual: how often each action is called anyway; only further calls are counted.
    """

    daemon_threads = True

    def __init__(self, upstream: str, stop_at: int, usual: t.Mapping[str, int] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Proxy)
        self.upstream = urllib.parse.urlsplit(upstream)
        self.stop_at = stop_at
        self.usual = collections.Counter(usual)
        self.write_calls: list[str] = []
        self.sent: list[bytes] = []
        self.times: list[float] = []
        self.tripped = threading.Event()
        self._counting = threading.Lock()

    @property
    def endpoint(self) -> str:
        """Return the address for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Print the error, unless the client was killed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def before(self, action: str) -> None:
        """Handle a call before AWS gets it."""

    def seen(self, exchange: Exchange) -> None:
        """Handle a call and AWS's answer."""

    def answers(self, action: str, write: bool, sent: bytes = b"") -> bool:
        """Record a call that AWS has handled; return whether its client may get the answer."""
        with self._counting:
            if self.tripped.is_set():
                return False
            if write:
                self.write_calls.append(action)
                self.sent.append(sent)
                self.times.append(time.monotonic())
            if self.stop_at and (collections.Counter(self.write_calls) - self.usual).total() == self.stop_at:
                self.tripped.set()
            return not self.tripped.is_set()


@contextlib.contextmanager
def tripwire(upstream: str, stop_at: int, usual: t.Mapping[str, int] | None = None) -> t.Iterator[Tripwire]:
    """Run the proxy; with I(stop_at) 0 it only counts."""
    server = Tripwire(upstream, stop_at, usual)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Tripwire

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.tripped.is_set():
            self.close_connection = True
            return
        action = self._action(body)
        self.server.before(action)
        upstream = http.client.HTTPConnection(str(self.server.upstream.hostname), self.server.upstream.port)
        with contextlib.closing(upstream):
            upstream.request(self.command, self.path, body, dict(self.headers))
            response = upstream.getresponse()
            content = response.read()
        answered = {name.lower(): value for name, value in response.getheaders()}
        asked = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen(Exchange(self.command, self.path, asked, body, response.status, answered, content))
        if not self.server.answers(action, is_write(action, self.command), body):
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        # the client may have been killed
        with contextlib.suppress(OSError):
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _pass_on  # noqa: N815 - http.server's names

    def _action(self, body: bytes) -> str:
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        return action_of(headers, body, query) or f"{self.command} {self.path}"

    def log_message(self, *_arguments: object) -> None:
        """Keep requests out of the output."""


def kill_tree(pid: int) -> None:
    """Kill a process and all its descendants: Ansible's workers have their own sessions."""
    os.kill(pid, signal.SIGSTOP)
    family = [pid]
    while True:
        more = [child for child, parent in _parents() if parent in family and child not in family]
        if not more:
            break
        for child in more:
            _signal(child, signal.SIGSTOP)
        family += more
    for member in family:
        _signal(member, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _parents() -> t.Iterator[tuple[int, int]]:
    """Yield each process of this machine and its parent (proc(5), stat)."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                yield int(entry.name), int(stat.rpartition(")")[2].split()[1])
