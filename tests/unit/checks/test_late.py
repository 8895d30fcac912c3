# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proxy that holds a call back passes it on even without a client, and holds no other."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import threading
import typing as t

import pytest

from tests.campaigns.late import Holding, holding

SECONDS = 30


class Upstream(http.server.ThreadingHTTPServer):
    """An AWS that records its calls."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Upstream

    def do_POST(self) -> None:
        self.server.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *_arguments: object) -> None:
        """Keep the output free of requests."""


@pytest.fixture
def upstream() -> t.Iterator[Upstream]:
    server = Upstream()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(proxy: Holding, action: str) -> http.client.HTTPConnection:
    """Send a call of EC2, without waiting for its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.server_port, timeout=SECONDS)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/", f"Action={action}&Version=2016-11-15", form)
    return connection


def test_a_call_is_held_back_and_comes_late(upstream: Upstream) -> None:
    with holding(f"http://127.0.0.1:{upstream.server_port}", "CreateVpc") as proxy:
        killed = ask(proxy, "CreateVpc")
        assert proxy.held.wait(SECONDS)
        # the caller is dead, another one continues, and makes its own call
        killed.close()
        for action in ("DescribeVpcs", "CreateVpc"):
            with contextlib.closing(ask(proxy, action)) as other:
                assert other.getresponse().read() == b"done"
        assert [line.partition("&")[0] for line in upstream.asked] == ["Action=DescribeVpcs", "Action=CreateVpc"]
        assert proxy.write_calls == ["CreateVpc"]
        assert not proxy.arrived.is_set()
        proxy.release.set()
        assert proxy.arrived.wait(SECONDS)
        assert proxy.write_calls == ["CreateVpc"] * 2
    assert len(upstream.asked) == 3
