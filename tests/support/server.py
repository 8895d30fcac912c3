# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server program for test containers that only have Python."""

from __future__ import annotations

import typing as t

_PROGRAM = """
import http.server, os, signal, sys, threading, time, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, text = {answer}
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
    do_POST = do_GET
    def log_message(self, *arguments):
        pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
{first}
for port in {ports}:
    server = http.server.ThreadingHTTPServer(("", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Event().wait()
"""


def program(answer: str, ports: t.Iterable[int] = (8080,), first: str = "") -> str:
    """Return a program that answers GET and POST on all I(ports) until SIGTERM; without a port it only waits for that.

    I(answer) is an expression, the status and the text by C(self), a request as http.server has it; I(first) is the
    program's code before it serves.
    """
    return _PROGRAM.format(answer=answer, ports=list(ports), first=first)


def command(answer: str, ports: t.Iterable[int] = (8080,), first: str = "") -> list[str]:
    """Return the command of a container that runs such a program."""
    return ["python3", "-c", program(answer, ports, first)]
